//! Flash that is a file of the host, so that it outlives the machine.

use crate::board::FlashMemory;
use core::ffi::CStr;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};
use memt_app::Region;
use semihosting::fs::{File, OpenOptions};
use semihosting::io::{Read, Seek, SeekFrom, Write};

/// Bytes of a page.
pub const PAGE_BYTES: usize = 4096;

/// Bytes of a word.
pub const WORD_BYTES: usize = 4;

/// A copy of the file in RAM, and the file, which is written before a call returns. Without a file, RAM only.
#[derive(Debug)]
pub struct FileFlash {
    memory: FlashMemory,
    file: Option<File>,
}

/// Why flash cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashError {
    /// Not whole words or pages, or beyond the end.
    Request(NorFlashErrorKind),
    /// The host cannot read or write the file.
    File,
    /// A 0 would have to become a 1.
    NotErased,
}

impl core::fmt::Display for FlashError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Request(_) => "flash was asked for what it does not do",
            Self::File => "the host's file for flash cannot be read or written",
            Self::NotErased => "flash was written without being erased",
        })
    }
}

impl core::error::Error for FlashError {}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Request(kind) => *kind,
            _ => NorFlashErrorKind::Other,
        }
    }
}

impl FileFlash {
    /// Flash of the file at `path`, which has the memory's size; erased flash without one.
    ///
    /// # Errors
    /// [`FlashError::File`].
    pub fn open(mut memory: FlashMemory, path: Option<&CStr>) -> Result<Self, FlashError> {
        let Some(path) = path else {
            memory.with(|bytes| bytes.fill(0xff));
            return Ok(Self { memory, file: None });
        };
        let file = OpenOptions::new().read(true).write(true).open(path);
        let mut file = file.map_err(|_| FlashError::File)?;
        let read = memory.with(|bytes| file.read_exact(bytes));
        read.map_err(|_| FlashError::File)?;
        Ok(Self {
            memory,
            file: Some(file),
        })
    }

    fn change(
        &mut self,
        offset: u32,
        length: usize,
        change: impl FnOnce(&mut [u8]),
    ) -> Result<(), FlashError> {
        let start = offset as usize;
        let file = &mut self.file;
        self.memory.with(|bytes| {
            let bytes = &mut bytes[start..][..length];
            change(bytes);
            let Some(file) = file else {
                return Ok(());
            };
            let sought = file.seek(SeekFrom::Start(u64::from(offset)));
            sought.map_err(|_| FlashError::File)?;
            file.write_all(bytes).map_err(|_| FlashError::File)
        })
    }
}

impl ErrorType for FileFlash {
    type Error = FlashError;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, into: &mut [u8]) -> Result<(), FlashError> {
        check_read(self, offset, into.len()).map_err(FlashError::Request)?;
        self.memory
            .with(|bytes| into.copy_from_slice(&bytes[offset as usize..][..into.len()]));
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.memory.len()
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = WORD_BYTES;
    const ERASE_SIZE: usize = PAGE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to).map_err(FlashError::Request)?;
        self.change(from, (to - from) as usize, |bytes| bytes.fill(0xff))
    }

    fn write(&mut self, offset: u32, new: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, new.len()).map_err(FlashError::Request)?;
        let start = offset as usize;
        let erased = self
            .memory
            .with(|bytes| bytes[start..][..new.len()].iter().all(|&byte| byte == 0xff));
        if !erased {
            return Err(FlashError::NotErased);
        }
        self.change(offset, new.len(), |bytes| bytes.copy_from_slice(new))
    }
}

impl Region for FileFlash {
    type Flash = Self;

    fn flash(&mut self) -> Option<&mut Self> {
        Some(self)
    }

    fn mapped(&self, bytes: u32) -> &'static [u8] {
        self.memory.mapped(bytes as usize)
    }
}
