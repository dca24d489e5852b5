//! RAM in which flash is emulated, outside the program's own data.

use crate::mailbox::BLOB_BYTES_MAX;

const ADDRESS: usize = include!(concat!(env!("OUT_DIR"), "/mailbox_address.rs"));

/// A piece of RAM that nothing else uses.
#[derive(Debug)]
pub struct FlashMemory {
    start: usize,
    bytes: usize,
}

impl FlashMemory {
    /// The memories' flash, of at most 1 MiB. Asked for once.
    pub fn of_memories(bytes: usize) -> Self {
        Self::numbered(4, bytes)
    }

    /// The second model's flash, of at most 1 MiB. Asked for once.
    pub fn of_model(bytes: usize) -> Self {
        Self::numbered(5, bytes)
    }

    fn numbered(number: usize, bytes: usize) -> Self {
        assert!(bytes <= BLOB_BYTES_MAX as usize, "at most 1 MiB of flash");
        Self {
            start: ADDRESS + number * BLOB_BYTES_MAX as usize,
            bytes,
        }
    }

    /// Its size.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Changes bytes, which lie inside.
    pub fn with<R>(&mut self, work: impl FnOnce(&mut [u8]) -> R) -> R {
        // SAFETY: machines.json places the mailbox in RAM that exists and that the memory layout leaves to no
        // one else; this piece lies behind the mailbox's files and is reached through this value only, which
        // is borrowed. `mapped` is not held while it changes, as the firmware promises.
        work(unsafe { core::slice::from_raw_parts_mut(self.start as *mut u8, self.bytes) })
    }

    /// Its first bytes for as long as they are not changed.
    pub fn mapped(&self, bytes: usize) -> &'static [u8] {
        // SAFETY: as above; the firmware writes the region only when it holds no slice of it.
        unsafe { core::slice::from_raw_parts(self.start as *const u8, bytes.min(self.bytes)) }
    }
}
