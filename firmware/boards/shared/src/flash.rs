//! One flash for program, memories and a second model.

use core::cell::RefCell;
use embassy_embedded_hal::flash::partition::BlockingPartition;
use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_storage::nor_flash::NorFlash;
use memt_app::Region;

/// A flash whose parts have different owners, all in the main loop.
pub type SharedFlash<F> = Mutex<NoopRawMutex, RefCell<F>>;

/// A part of it.
pub type Partition<F> = BlockingPartition<'static, NoopRawMutex, F>;

/// Makes a flash ready to be shared.
pub fn shared<F: NorFlash>(flash: F) -> SharedFlash<F> {
    Mutex::new(RefCell::new(flash))
}

/// The part of the flash for a second model.
#[allow(missing_debug_implementations, reason = "the partition has none")]
pub struct ModelRegion<F: NorFlash + 'static> {
    partition: Partition<F>,
    window: fn(u32) -> &'static [u8],
}

impl<F: NorFlash> ModelRegion<F> {
    /// The partition, and where the processor sees its first bytes.
    pub fn new(partition: Partition<F>, window: fn(u32) -> &'static [u8]) -> Self {
        Self { partition, window }
    }
}

impl<F: NorFlash> Region for ModelRegion<F> {
    type Flash = Partition<F>;

    fn flash(&mut self) -> Option<&mut Partition<F>> {
        Some(&mut self.partition)
    }

    fn mapped(&self, bytes: u32) -> &'static [u8] {
        (self.window)(bytes)
    }
}
