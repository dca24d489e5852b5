//! USART1, polled (*RM0090*, section 30.6). All of the package's `unsafe` is here.
#![allow(unsafe_code)]

use core::convert::Infallible;
use embedded_io::{ErrorType, Read, ReadReady, Write};

const STATUS: *mut u32 = 0x4001_1000 as *mut u32;
const DATA: *mut u32 = 0x4001_1004 as *mut u32;
const CONTROL: *mut u32 = 0x4001_100c as *mut u32;

/// Status: a byte has come.
const RECEIVED: u32 = 1 << 5;

/// Status: a byte can be sent.
const EMPTY: u32 = 1 << 7;

/// Control: the port, its sender and its receiver are on.
const ON: u32 = 1 << 13 | 1 << 3 | 1 << 2;

/// The port. Only one is made.
pub(crate) struct Usart(());

impl Usart {
    pub(crate) fn start() -> Self {
        // SAFETY: the part has this register there, and writing it touches no memory of the program.
        unsafe { CONTROL.write_volatile(ON) };
        Self(())
    }

    fn status(&self) -> u32 {
        // SAFETY: the part has this register there, and reading it touches no memory of the program.
        unsafe { STATUS.read_volatile() }
    }
}

impl ErrorType for Usart {
    type Error = Infallible;
}

impl ReadReady for Usart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.status() & RECEIVED != 0)
    }
}

impl Read for Usart {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        while count < bytes.len() && (count == 0 || self.status() & RECEIVED != 0) {
            while self.status() & RECEIVED == 0 {}
            // SAFETY: as for the status.
            bytes[count] = unsafe { DATA.read_volatile() } as u8;
            count += 1;
        }
        Ok(count)
    }
}

impl Write for Usart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while self.status() & EMPTY == 0 {}
            // SAFETY: as for the control.
            unsafe { DATA.write_volatile(u32::from(byte)) };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
