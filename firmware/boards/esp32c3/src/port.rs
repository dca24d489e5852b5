//! USB-Serial-JTAG as a stream that tells whether there is something to read.

use core::convert::Infallible;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use esp_hal::Blocking;
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;

/// The driver, and a byte that was read to see whether there is one.
pub(crate) struct Port {
    usb: UsbSerialJtag<'static, Blocking>,
    next: Option<u8>,
}

impl Port {
    pub(crate) fn new(usb: UsbSerialJtag<'static, Blocking>) -> Self {
        Self { usb, next: None }
    }

    fn receive(&mut self) -> Option<u8> {
        self.next.take().or_else(|| self.usb.read_byte().ok())
    }
}

impl ErrorType for Port {
    type Error = Infallible;
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        self.next = self.receive();
        Ok(self.next.is_some())
    }
}

impl Read for Port {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        while !bytes.is_empty() {
            let mut count = 0;
            while count < bytes.len()
                && let Some(byte) = self.receive()
            {
                bytes[count] = byte;
                count += 1;
            }
            if count > 0 {
                return Ok(count);
            }
        }
        Ok(0)
    }
}

impl Write for Port {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        // The driver's type of error has no cause that this peripheral reports.
        let (Ok(()) | Err(_)) = self.usb.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        let (Ok(()) | Err(_)) = self.usb.flush_tx();
        Ok(())
    }
}
