//! Files that QEMU puts into the machine's memory before it starts: a model, a snapshot and a script.
//!
//! The mailbox lies at the machine's `mailbox` address in `firmware/machines.json`, in RAM that no program uses:
//!
//! | offset | what |
//! |---|---|
//! | 0 | four `u32`, little endian: bytes of model, snapshot and script, then [`MAGIC`] |
//! | 1 MiB | model |
//! | 2 MiB | snapshot |
//! | 3 MiB | script |

use core::fmt;

/// The fourth word of the header: "MEMT" in ASCII, little endian.
pub const MAGIC: u32 = 0x544d_454d;

/// The most bytes that one of the three files may have.
pub const BLOB_BYTES_MAX: u32 = 1 << 20;

/// Bytes of model, snapshot and script, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths(pub [u32; 3]);

impl Lengths {
    /// Reads the header's four words.
    ///
    /// # Errors
    /// [`MailboxError::Absent`] if the magic is not there, [`MailboxError::TooLong`] if a length exceeds
    /// [`BLOB_BYTES_MAX`].
    pub fn from_header(header: [u32; 4]) -> Result<Self, MailboxError> {
        let [model, snapshot, script, magic] = header;
        if magic != MAGIC {
            return Err(MailboxError::Absent { found: magic });
        }
        let lengths = [model, snapshot, script];
        for bytes in lengths {
            if bytes > BLOB_BYTES_MAX {
                return Err(MailboxError::TooLong { bytes });
            }
        }
        Ok(Self(lengths))
    }
}

/// What the mailbox held when the program started. A file that was not given is empty.
#[cfg(target_os = "none")]
#[derive(Clone, Copy, Debug)]
pub struct Mailbox {
    /// The model image, at a multiple of 1 MiB.
    pub model: &'static [u8],
    /// The snapshot of a bank.
    pub snapshot: &'static [u8],
    /// What the program is asked to do; each program says in which form.
    pub script: &'static [u8],
}

#[cfg(target_os = "none")]
impl Mailbox {
    /// Opens this machine's mailbox.
    ///
    /// # Errors
    /// Those of [`Lengths::from_header`].
    pub fn open() -> Result<Self, MailboxError> {
        let memory = crate::board::mailbox_memory();
        let mut header = [0; 4];
        for (word, bytes) in header.iter_mut().zip(memory.header.chunks_exact(4)) {
            *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let Lengths([model, snapshot, script]) = Lengths::from_header(header)?;
        Ok(Self {
            model: &memory.blobs[0][..model as usize],
            snapshot: &memory.blobs[1][..snapshot as usize],
            script: &memory.blobs[2][..script as usize],
        })
    }
}

/// Why the mailbox cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailboxError {
    /// There is no header: the program was not started as `firmware/run.sh` does.
    Absent {
        /// The word found where the magic belongs.
        found: u32,
    },
    /// A file is longer than the room it has.
    TooLong {
        /// The length that the header gives, in bytes.
        bytes: u32,
    },
}

impl fmt::Display for MailboxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { found } => write!(
                formatter,
                "no mailbox in memory (magic {found:#010x}, expected {MAGIC:#010x}): start the program with firmware/run.sh"
            ),
            Self::TooLong { bytes } => write!(
                formatter,
                "a mailbox file of {bytes} bytes exceeds the limit of {BLOB_BYTES_MAX}: give a smaller file"
            ),
        }
    }
}

impl core::error::Error for MailboxError {}

#[cfg(test)]
mod tests {
    use super::{BLOB_BYTES_MAX, Lengths, MAGIC, MailboxError};

    #[test]
    fn header_needs_its_magic_and_lengths_that_fit() {
        assert_eq!(MAGIC.to_le_bytes(), *b"MEMT");
        let header = [BLOB_BYTES_MAX, 0, 7, MAGIC];
        assert_eq!(
            Lengths::from_header(header),
            Ok(Lengths([BLOB_BYTES_MAX, 0, 7]))
        );
        let absent = Lengths::from_header([1, 2, 3, 0]);
        assert_eq!(absent, Err(MailboxError::Absent { found: 0 }));
        let long = Lengths::from_header([1, 2, BLOB_BYTES_MAX + 1, MAGIC]);
        assert_eq!(
            long,
            Err(MailboxError::TooLong {
                bytes: BLOB_BYTES_MAX + 1
            })
        );
    }
}
