//! What the firmware asks of a board.

use core::convert::Infallible;
use embedded_hal::digital::{self, OutputPin};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// A board's parts.
#[derive(Debug)]
pub struct Board<P, F, C, L, R> {
    /// The stream to a person or a host: a UART or USB. `embedded_io`'s `Read`, `ReadReady` and `Write`.
    pub port: P,
    /// The flash for memories, the whole of it. `embedded_storage`'s `NorFlash`.
    pub flash: F,
    /// Tells how long the board has been running.
    pub clock: C,
    /// High while work is going on; [`NoPin`] without a light.
    pub light: L,
    /// The flash for a second model; [`NoRegion`] without one.
    pub region: R,
}

/// Tells how long the board has been running.
pub trait Clock {
    /// Milliseconds since the start.
    fn milliseconds(&mut self) -> u64;
}

/// A region of flash that can hold a model image in place of the one in the program.
pub trait Region {
    /// How it is written.
    type Flash: NorFlash;

    /// The region, the whole of the flash; `None` if the board has none.
    fn flash(&mut self) -> Option<&mut Self::Flash>;

    /// The first `bytes` of the region where the processor sees them, from a multiple of 16 on.
    ///
    /// Asked when an image has been written and at the start, and kept for as long as the device encodes
    /// with that image: the region is not written meanwhile.
    fn mapped(&self, bytes: u32) -> &'static [u8];
}

/// No light.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPin;

impl digital::ErrorType for NoPin {
    type Error = Infallible;
}

impl OutputPin for NoPin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// No room for a second model.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRegion;

impl Region for NoRegion {
    type Flash = NoFlash;

    fn flash(&mut self) -> Option<&mut NoFlash> {
        None
    }

    fn mapped(&self, _: u32) -> &'static [u8] {
        &[]
    }
}

/// The flash of [`NoRegion`], of which there is none.
#[derive(Clone, Copy, Debug)]
pub enum NoFlash {}

impl ErrorType for NoFlash {
    type Error = Infallible;
}

impl ReadNorFlash for NoFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), Infallible> {
        match *self {}
    }

    fn capacity(&self) -> usize {
        match *self {}
    }
}

impl NorFlash for NoFlash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = 1;

    fn erase(&mut self, _: u32, _: u32) -> Result<(), Infallible> {
        match *self {}
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), Infallible> {
        match *self {}
    }
}
