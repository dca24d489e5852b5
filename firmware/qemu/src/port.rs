//! The first serial port as `embedded-io` sees it.

use crate::board::Uart;
use core::convert::Infallible;
use embedded_io::{ErrorType, Read, ReadReady, Write};

/// The first serial port.
#[derive(Debug)]
pub struct Serial(pub Uart);

impl ErrorType for Serial {
    type Error = Infallible;
}

impl Read for Serial {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        while let Some(place) = bytes.get_mut(count)
            && let Some(byte) = self.0.receive()
        {
            *place = byte;
            count += 1;
        }
        Ok(count)
    }
}

impl ReadReady for Serial {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_ready())
    }
}

impl Write for Serial {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            self.0.send(byte);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
