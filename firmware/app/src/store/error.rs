//! Why the store cannot be used.

use core::fmt;

/// Why memories could not be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The region of flash is too small for the bank, or does not begin and end with pages.
    Region {
        /// Bytes of the region.
        bytes: usize,
        /// Bytes that it must have at least.
        needed: usize,
    },
    /// The flash's driver reports an error.
    Flash,
    /// The flash holds what no power cut leaves there. Nothing was erased.
    Damaged,
    /// The flash was written by another version.
    Format {
        /// Its format.
        format: u8,
    },
    /// The working memory is too small.
    Buffer {
        /// Bytes needed.
        needed: usize,
    },
    /// The flash holds more memories, or longer ones, than this build has room for.
    Capacity,
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region { bytes, needed } => write!(
                formatter,
                "flash for memories has {bytes} bytes, whole pages of at least {needed} bytes are needed"
            ),
            Self::Flash => formatter.write_str("flash failed"),
            Self::Damaged => {
                formatter.write_str("flash for memories is damaged; nothing was erased")
            }
            Self::Format { format } => write!(
                formatter,
                "flash was written in format {format}, this build reads format {}",
                super::item::FORMAT
            ),
            Self::Buffer { needed } => {
                write!(formatter, "{needed} bytes of working memory are needed")
            }
            Self::Capacity => formatter.write_str("flash holds more than this build has room for"),
        }
    }
}

impl core::error::Error for StoreError {}

impl<E> From<sequential_storage::Error<E>> for StoreError {
    fn from(error: sequential_storage::Error<E>) -> Self {
        match error {
            sequential_storage::Error::Storage { .. } => Self::Flash,
            sequential_storage::Error::BufferTooSmall(needed) => Self::Buffer { needed },
            sequential_storage::Error::FullStorage | sequential_storage::Error::ItemTooBig => {
                Self::Capacity
            }
            _ => Self::Damaged,
        }
    }
}
