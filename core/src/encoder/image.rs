//! The model image: one file that a chip reads straight from flash.
//!
//! ```text
//!  0        8     10     12       16      20      24            32
//!  | magic  | ver | tens | config | total | CRC32 | fingerprint | config, directory | tensors ...
//! ```
//!
//! All numbers are little-endian. `config` and the directory of `tens` entries are postcard;
//! `config` in the header is their length in bytes. Each tensor begins at a multiple of 16 bytes
//! from the start; the gaps are zero. The CRC-32 (ISO-HDLC) covers every byte but its own four. The
//! fingerprint is the CRC-64/XZ of everything after the header: it names the embedding space.

use super::config::{Config, ConfigError};
use super::tensor::{Tensor, TensorEntry, TensorName};
use core::ops::Range;
use crc::{CRC_32_ISO_HDLC, CRC_64_XZ, Crc, NoTable};
use serde::{Deserialize, Serialize};

/// First bytes of every image: a byte above 127 and a line ending show a transfer that mangles
/// text, the habit of PNG.
pub const MAGIC: [u8; 8] = *b"\x8Dmemt\r\n\0";

/// The format that this crate reads and writes.
pub const VERSION: u16 = 1;

/// Where tensors begin, and what the start of the image in memory must be a multiple of.
pub const ALIGNMENT: usize = 16;

/// Bytes before the config.
pub const HEADER_BYTES: usize = 32;

mod field {
    use super::Range;
    pub(super) const MAGIC: Range<usize> = 0..8;
    pub(super) const VERSION: Range<usize> = 8..10;
    pub(super) const TENSORS: Range<usize> = 10..12;
    pub(super) const CONFIG_BYTES: Range<usize> = 12..16;
    pub(super) const TOTAL_BYTES: Range<usize> = 16..20;
    pub(super) const CRC: Range<usize> = 20..24;
    pub(super) const FINGERPRINT: Range<usize> = 24..32;
}

/// Names an embedding space: two embeddings may be compared exactly when theirs are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl core::fmt::Display for Fingerprint {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Why bytes are not a usable image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// The bytes do not begin at a multiple of [`ALIGNMENT`].
    Misaligned,
    /// Fewer bytes than the header or than the header says.
    Truncated {
        /// Bytes given.
        length: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// Not an image at all.
    Magic,
    /// Written by another version of the format.
    Version(u16),
    /// The bytes were changed after they were written.
    Checksum {
        /// What the header says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// Config or directory cannot be read.
    Config,
    /// A size in the config is outside its limits.
    Limits(ConfigError),
    /// A tensor lies outside the image or at an odd place.
    TensorPlace(TensorName),
    /// The config asks for a tensor that is missing or has another shape or format.
    TensorShape(TensorName),
    /// A second row belongs to a row that there is not, or not to a later one than that before it.
    FinePlace {
        /// Which second row.
        index: usize,
        /// The row it says that it belongs to.
        place: u32,
        /// The first row that it could belong to.
        first: u32,
        /// The end of the rows.
        rows: u32,
    },
    /// The vocabulary's tables do not fit together.
    Vocabulary(crate::tokens::vocabulary::VocabularyError),
    /// The table of characters is not one.
    Alphabet(crate::tokens::alphabet::AlphabetError),
    /// The image to be written does not fit the buffer or the format's 4 GiB.
    TooLarge {
        /// Bytes needed.
        needed: u64,
    },
}

impl core::fmt::Display for ImageError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Misaligned => write!(
                formatter,
                "model image must begin at a multiple of {ALIGNMENT} bytes in memory"
            ),
            Self::Truncated { length, needed } => {
                write!(formatter, "model image has {length} bytes, needs {needed}")
            }
            Self::Magic => {
                formatter.write_str("not a model image (it does not begin with memt's mark)")
            }
            Self::Version(version) => write!(
                formatter,
                "model image has format {version}, this build reads format {VERSION}"
            ),
            Self::Checksum { stored, computed } => write!(
                formatter,
                "model image is damaged: checksum {computed:08x} instead of {stored:08x}"
            ),
            Self::Config => formatter.write_str("model image has an unreadable config"),
            Self::Limits(error) => write!(formatter, "model image: {error}"),
            Self::TensorPlace(name) => write!(
                formatter,
                "model image: tensor {name} lies outside the image"
            ),
            Self::TensorShape(name) => write!(
                formatter,
                "model image: tensor {name} is missing or has another shape than the config says"
            ),
            Self::FinePlace {
                index,
                place,
                first,
                rows,
            } => write!(
                formatter,
                "model image: second row {index} belongs to row {place}, which is outside {first}..{rows}"
            ),
            Self::Vocabulary(error) => write!(formatter, "model image: {error}"),
            Self::Alphabet(error) => write!(formatter, "model image: {error}"),
            Self::TooLarge { needed } => {
                write!(formatter, "model image of {needed} bytes does not fit")
            }
        }
    }
}

impl core::error::Error for ImageError {}

/// An image whose header, checksum, config and directory have been checked.
#[derive(Clone, Copy, Debug)]
pub struct Image<'m> {
    bytes: &'m [u8],
    config: Config,
    directory: &'m [u8],
    tensors: u16,
    fingerprint: Fingerprint,
}

impl<'m> Image<'m> {
    /// Checks everything, the checksum over all bytes included, and borrows the image. Bytes after
    /// the length that the header states are ignored.
    #[inline]
    pub fn open(bytes: &'m [u8]) -> Result<Self, ImageError> {
        let image = Self::open_trusted(bytes)?;
        let stored = u32_at(bytes, field::CRC);
        let computed = checksum(image.bytes);
        if stored != computed {
            return Err(ImageError::Checksum { stored, computed });
        }
        Ok(image)
    }

    /// As [`Image::open`] without reading all bytes for the checksum: for a board that has verified
    /// its flash before. A damaged tensor gives other embeddings, never a panic.
    // Inline, so that it is compiled where it is used: for size on a chip, whose core is compiled for speed.
    #[inline]
    pub fn open_trusted(bytes: &'m [u8]) -> Result<Self, ImageError> {
        if !(bytes.as_ptr() as usize).is_multiple_of(ALIGNMENT) {
            return Err(ImageError::Misaligned);
        }
        require(bytes, HEADER_BYTES)?;
        if bytes[field::MAGIC] != MAGIC {
            return Err(ImageError::Magic);
        }
        let version = u16_at(bytes, field::VERSION);
        if version != VERSION {
            return Err(ImageError::Version(version));
        }
        let total = u32_at(bytes, field::TOTAL_BYTES) as usize;
        require(bytes, total.max(HEADER_BYTES))?;
        let bytes = &bytes[..total.max(HEADER_BYTES)];
        let config_end = HEADER_BYTES.saturating_add(u32_at(bytes, field::CONFIG_BYTES) as usize);
        require(bytes, config_end)?;
        let (config, directory) =
            postcard::take_from_bytes::<Config>(&bytes[HEADER_BYTES..config_end])
                .map_err(|_| ImageError::Config)?;
        config.check().map_err(ImageError::Limits)?;
        let image = Self {
            bytes,
            config,
            directory,
            tensors: u16_at(bytes, field::TENSORS),
            fingerprint: Fingerprint(u64_at(bytes, field::FINGERPRINT)),
        };
        for entry in image.entries() {
            image.place(&entry?)?;
        }
        Ok(image)
    }

    /// The architecture.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The whole image.
    pub fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// Whether the fingerprint in the header is that of the contents; reads every byte.
    pub fn verify_fingerprint(&self) -> bool {
        self.fingerprint == fingerprint_of(&self.bytes[HEADER_BYTES..])
    }

    /// The lines of the directory.
    #[inline]
    pub fn entries(&self) -> impl Iterator<Item = Result<TensorEntry, ImageError>> + use<'m> {
        let mut rest = self.directory;
        (0..self.tensors).map(move |_| take_entry(&mut rest))
    }

    /// The tensor of this name in this layer.
    #[inline]
    pub fn tensor(&self, name: TensorName, layer: u8) -> Result<Tensor<'m>, ImageError> {
        self.search().tensor(name, layer)
    }

    /// A search for several tensors.
    pub(super) fn search(&self) -> Search<'_, 'm> {
        Search {
            image: self,
            rest: self.directory,
            left: self.tensors,
        }
    }

    #[inline]
    fn place(&self, entry: &TensorEntry) -> Result<Range<usize>, ImageError> {
        let start = u64::from(entry.offset);
        let end = start.saturating_add(entry.bytes());
        let aligned = start.is_multiple_of(ALIGNMENT as u64);
        if !aligned || end > self.bytes.len() as u64 {
            return Err(ImageError::TensorPlace(entry.name));
        }
        Ok(start as usize..end as usize)
    }
}

/// A search that goes on where the tensor before was found: fast for tensors in the order of the
/// directory.
#[derive(Debug)]
pub(super) struct Search<'i, 'm> {
    image: &'i Image<'m>,
    rest: &'m [u8],
    /// Lines in `rest`.
    left: u16,
}

impl<'m> Search<'_, 'm> {
    /// As [`Image::tensor`].
    pub(super) fn tensor(&mut self, name: TensorName, layer: u8) -> Result<Tensor<'m>, ImageError> {
        for _ in 0..self.image.tensors {
            if self.left == 0 {
                (self.rest, self.left) = (self.image.directory, self.image.tensors);
            }
            let entry = take_entry(&mut self.rest)?;
            self.left -= 1;
            if entry.name == name && entry.layer == layer {
                let bytes = &self.image.bytes[self.image.place(&entry)?];
                return Ok(Tensor { entry, bytes });
            }
        }
        Err(ImageError::TensorShape(name))
    }

    /// The image.
    pub(super) fn image(&self) -> &Image<'m> {
        self.image
    }
}

fn take_entry(directory: &mut &[u8]) -> Result<TensorEntry, ImageError> {
    let (entry, rest) = postcard::take_from_bytes(directory).map_err(|_| ImageError::Config)?;
    *directory = rest;
    Ok(entry)
}

/// A tensor to be written: its directory line (the offset is filled in) and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct TensorSource<'s> {
    /// The line; `offset` is ignored.
    pub entry: TensorEntry,
    /// Exactly `entry.bytes()` bytes.
    pub bytes: &'s [u8],
}

/// Writes an image into `out` and returns its length in bytes.
pub fn write(
    config: &Config,
    tensors: &[TensorSource<'_>],
    out: &mut [u8],
) -> Result<usize, ImageError> {
    config.check().map_err(ImageError::Limits)?;
    out.fill(0);
    // An offset is at most five postcard bytes, so the tensors can be placed after this bound
    // before their offsets are known.
    const ENTRY_BOUND: usize = 3 + 1 + 3 * 5;
    const CONFIG_BOUND: usize = 64;
    let first = HEADER_BYTES + CONFIG_BOUND + tensors.len() * ENTRY_BOUND;
    let too_large = |needed: usize| ImageError::TooLarge {
        needed: needed as u64,
    };
    let mut offset = first.next_multiple_of(ALIGNMENT);
    let mut total = offset;
    let mut config_end =
        HEADER_BYTES + append(config, out, HEADER_BYTES).ok_or(too_large(first))?;
    if out.len() < total {
        return Err(too_large(total));
    }
    for tensor in tensors {
        if tensor.entry.bytes() != tensor.bytes.len() as u64 {
            return Err(ImageError::TensorShape(tensor.entry.name));
        }
        let end = offset + tensor.bytes.len();
        if end > out.len() || u32::try_from(end).is_err() {
            return Err(too_large(end));
        }
        let entry = TensorEntry {
            offset: offset as u32,
            ..tensor.entry
        };
        config_end += append(&entry, out, config_end).ok_or(too_large(first))?;
        out[offset..end].copy_from_slice(tensor.bytes);
        total = end;
        offset = end.next_multiple_of(ALIGNMENT);
    }
    let config_bytes = (config_end - HEADER_BYTES) as u32;
    out[field::MAGIC].copy_from_slice(&MAGIC);
    out[field::VERSION].copy_from_slice(&VERSION.to_le_bytes());
    out[field::TENSORS].copy_from_slice(&(tensors.len() as u16).to_le_bytes());
    out[field::CONFIG_BYTES].copy_from_slice(&config_bytes.to_le_bytes());
    out[field::TOTAL_BYTES].copy_from_slice(&(total as u32).to_le_bytes());
    let fingerprint = fingerprint_of(&out[HEADER_BYTES..total]);
    out[field::FINGERPRINT].copy_from_slice(&fingerprint.0.to_le_bytes());
    let crc = checksum(&out[..total]);
    out[field::CRC].copy_from_slice(&crc.to_le_bytes());
    Ok(total)
}

fn append<T: serde::Serialize>(value: &T, out: &mut [u8], at: usize) -> Option<usize> {
    let room = out.get_mut(at..)?;
    postcard::to_slice(value, room).ok().map(|used| used.len())
}

/// Apart from its caller, whose variables would take the loop's registers.
#[inline(never)]
fn checksum(image: &[u8]) -> u32 {
    const CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = CRC32.digest();
    digest.update(&image[..field::CRC.start]);
    digest.update(&image[field::CRC.end..]);
    digest.finalize()
}

fn fingerprint_of(contents: &[u8]) -> Fingerprint {
    // Computed on hosts and once in a field update: 2 KiB of table would cost more than the time.
    const CRC64: Crc<u64, NoTable> = Crc::<u64, NoTable>::new(&CRC_64_XZ);
    Fingerprint(CRC64.checksum(contents))
}

#[inline]
fn require(bytes: &[u8], needed: usize) -> Result<(), ImageError> {
    let length = bytes.len();
    if length < needed {
        return Err(ImageError::Truncated { length, needed });
    }
    Ok(())
}

#[inline]
fn u16_at(bytes: &[u8], range: Range<usize>) -> u16 {
    u16::from_le_bytes([bytes[range.start], bytes[range.start + 1]])
}

#[inline]
fn u32_at(bytes: &[u8], range: Range<usize>) -> u32 {
    let mut buffer = [0; 4];
    buffer.copy_from_slice(&bytes[range]);
    u32::from_le_bytes(buffer)
}

#[inline]
fn u64_at(bytes: &[u8], range: Range<usize>) -> u64 {
    let mut buffer = [0; 8];
    buffer.copy_from_slice(&bytes[range]);
    u64::from_le_bytes(buffer)
}
