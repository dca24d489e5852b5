//! The buffered UART as a stream that waits.

use embassy_futures::block_on;
use embassy_nrf::buffered_uarte::{BufferedUarte, Error};
use embedded_io::{ErrorType, Read, ReadReady, Write};

/// Blocks where the driver would let other tasks run; interrupts move the bytes meanwhile.
pub(crate) struct Port(pub(crate) BufferedUarte<'static>);

impl ErrorType for Port {
    type Error = Error;
}

impl Read for Port {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        block_on(self.0.read(bytes))
    }
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Error> {
        ReadReady::read_ready(&mut self.0)
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        block_on(self.0.write(bytes))
    }

    fn flush(&mut self) -> Result<(), Error> {
        block_on(self.0.flush())
    }
}
