//! A file of the host in place of flash: QEMU does not emulate the part's flash controller, and the sectors of the real one
//! are too large for a slot store.

use core::ffi::CStr;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};
use semihosting::fs::File;
use semihosting::io::{Read, Seek, SeekFrom, Write};

/// Bytes of the region for memories.
const BYTES: usize = 96 * 1024;

/// Bytes of a page.
const PAGE_BYTES: usize = 4096;

/// Why the file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlashError {
    /// Not whole words or pages, or beyond the end.
    Request(NorFlashErrorKind),
    /// The host refused.
    File,
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Request(kind) => *kind,
            Self::File => NorFlashErrorKind::Other,
        }
    }
}

/// What is written is in the file before a call returns.
pub(crate) struct FileFlash(File);

impl FileFlash {
    /// The flash at `path`; erased flash if there is no such file.
    pub(crate) fn open(path: &CStr) -> Result<Self, FlashError> {
        if let Ok(file) = File::options().read(true).write(true).open(path) {
            return Ok(Self(file));
        }
        let created = File::create(path).map_err(|_| FlashError::File)?;
        drop(created);
        let file = File::options().read(true).write(true).open(path);
        let mut flash = Self(file.map_err(|_| FlashError::File)?);
        flash.erase(0, BYTES as u32)?;
        Ok(flash)
    }

    fn seek(&mut self, offset: u32) -> Result<(), FlashError> {
        let sought = self.0.seek(SeekFrom::Start(u64::from(offset)));
        sought.map(drop).map_err(|_| FlashError::File)
    }
}

impl ErrorType for FileFlash {
    type Error = FlashError;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        check_read(self, offset, bytes.len()).map_err(FlashError::Request)?;
        self.seek(offset)?;
        self.0.read_exact(bytes).map_err(|_| FlashError::File)
    }

    fn capacity(&self) -> usize {
        BYTES
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to).map_err(FlashError::Request)?;
        self.seek(from)?;
        for _ in (from..to).step_by(64) {
            self.0
                .write_all(&[0xff; 64])
                .map_err(|_| FlashError::File)?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, bytes.len()).map_err(FlashError::Request)?;
        self.seek(offset)?;
        self.0.write_all(bytes).map_err(|_| FlashError::File)
    }
}
