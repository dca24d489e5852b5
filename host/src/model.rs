//! A model image in memory, and encoding in batches on all cores.

use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::{
    Encoder, EncoderError, Fingerprint, Image, ImageError, ReferenceEncoder, Scratch,
    ScratchTooSmall,
};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Bytes of working memory a thread; every model that a host loads must make do with it.
pub const SCRATCH_BYTES: usize = 64 * 1024;

/// Texts that one thread encodes before it takes more.
const BATCH: usize = 64;

static BUILT_IN: &[u8] = include_bytes!("../models/default.memt");

/// An image that has been read and checked, in memory of its own.
#[derive(Clone, Debug)]
pub struct Model {
    /// The image, in units whose alignment is the image's.
    units: Vec<u128>,
    /// Bytes of the image.
    length: usize,
    source: Source,
}

/// Where a model came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The image built into this program.
    BuiltIn,
    /// A file.
    File(PathBuf),
    /// Bytes that a caller had.
    Memory,
}

impl core::fmt::Display for Source {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::BuiltIn => formatter.write_str("built-in model"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Memory => formatter.write_str("model in memory"),
        }
    }
}

/// Which numbers an encoding computes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Arithmetic {
    /// Integers: what ships and what is stored.
    #[default]
    Fixed,
    /// Floats: what the trainer saw.
    F32,
}

/// Why there is no model.
#[derive(Debug)]
#[non_exhaustive]
pub enum ModelError {
    /// The file cannot be read.
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The bytes are not a usable image.
    Image {
        /// Where they came from.
        source: Source,
        /// Why.
        error: EncoderError,
    },
    /// The model needs more working memory than [`SCRATCH_BYTES`].
    Scratch {
        /// Where it came from.
        source: Source,
        /// Bytes needed and there.
        error: ScratchTooSmall,
    },
}

impl core::fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { path, error } => {
                write!(formatter, "cannot read model {}: {error}", path.display())
            }
            Self::Image { source, error } => write!(formatter, "{source}: {error}"),
            Self::Scratch { source, error } => write!(formatter, "{source}: {error}"),
        }
    }
}

impl std::error::Error for ModelError {}

impl Model {
    /// The image built into this program.
    pub fn built_in() -> Result<Self, ModelError> {
        Self::of_bytes(BUILT_IN, Source::BuiltIn)
    }

    /// Reads an image from a file.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|error| ModelError::Read {
            path: path.to_owned(),
            error,
        })?;
        Self::of_bytes(&bytes, Source::File(path.to_owned()))
    }

    /// Copies an image and checks it: every byte by checksum, every tensor by shape, every limit.
    pub fn of_bytes(bytes: &[u8], source: Source) -> Result<Self, ModelError> {
        let mut units = vec![0u128; bytes.len().div_ceil(size_of::<u128>())];
        bytemuck::cast_slice_mut(&mut units)[..bytes.len()].copy_from_slice(bytes);
        let model = Self {
            units,
            length: bytes.len(),
            source,
        };
        let refuse = |error: EncoderError| ModelError::Image {
            source: model.source.clone(),
            error,
        };
        let image = Image::open(model.bytes()).map_err(|error| refuse(error.into()))?;
        ReferenceEncoder::new(image).map_err(|error| refuse(error.into()))?;
        let needed = image.config().scratch_bytes();
        if needed > SCRATCH_BYTES {
            return Err(ModelError::Scratch {
                source: model.source.clone(),
                error: ScratchTooSmall {
                    given: SCRATCH_BYTES,
                    needed,
                },
            });
        }
        Ok(model)
    }

    /// The bytes of the image.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.units)[..self.length]
    }

    /// The image.
    pub fn image(&self) -> Result<Image<'_>, ImageError> {
        Image::open_trusted(self.bytes())
    }

    /// The integer encoder; an image of floats has none.
    pub fn encoder(&self) -> Result<Encoder<'_>, EncoderError> {
        Encoder::new(self.image()?)
    }

    /// The float encoder.
    pub fn reference(&self) -> Result<ReferenceEncoder<'_>, ImageError> {
        ReferenceEncoder::new(self.image()?)
    }

    /// Where the model came from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The encoder of either arithmetic.
    pub fn text_encoder(&self, arithmetic: Arithmetic) -> Result<TextEncoder<'_>, ModelError> {
        let encoder = match arithmetic {
            Arithmetic::Fixed => self.encoder().map(TextEncoder::Fixed),
            Arithmetic::F32 => self
                .reference()
                .map(TextEncoder::F32)
                .map_err(EncoderError::from),
        };
        encoder.map_err(|error| ModelError::Image {
            source: self.source.clone(),
            error,
        })
    }
}

/// An encoder of either arithmetic; cheap to copy, shared by threads.
#[derive(Clone, Copy, Debug)]
pub enum TextEncoder<'m> {
    /// Computes in integers.
    Fixed(Encoder<'m>),
    /// Computes in floats.
    F32(ReferenceEncoder<'m>),
}

impl TextEncoder<'_> {
    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Fixed(encoder) => encoder.fingerprint(),
            Self::F32(encoder) => encoder.fingerprint(),
        }
    }

    /// How many tokens the model reads in a text.
    pub fn count_tokens(&self, text: &str) -> usize {
        let image = match self {
            Self::Fixed(encoder) => encoder.image(),
            Self::F32(encoder) => encoder.image(),
        };
        image.config().front.tokens(text).count()
    }

    /// The embedding of any text; a float encoder's is rounded to bytes.
    pub fn encode(
        &self,
        text: &str,
        scratch: &mut Scratch<SCRATCH_BYTES>,
    ) -> Result<Embedding, ScratchTooSmall> {
        match self {
            Self::Fixed(encoder) => encoder.encode(text, scratch),
            Self::F32(encoder) => Ok(Embedding::of_floats(&encoder.encode(text, scratch)?)),
        }
    }

    /// The embedding of one text, with scratch of its own.
    pub fn encode_one(&self, text: &str) -> Result<Embedding, ScratchTooSmall> {
        self.encode(text, &mut Scratch::new())
    }

    /// The embeddings of many texts in their order `[N]`, on all cores.
    pub fn encode_all<T: AsRef<str> + Sync>(
        &self,
        texts: &[T],
    ) -> Result<Vec<Embedding>, ScratchTooSmall> {
        map_texts(texts, |text, scratch| self.encode(text, scratch))
    }
}

/// The float embeddings of many texts in their order `[N, D]`, on all cores.
pub fn encode_all_floats<T: AsRef<str> + Sync>(
    encoder: &ReferenceEncoder<'_>,
    texts: &[T],
) -> Result<Vec<[f32; DIMENSIONS]>, ScratchTooSmall> {
    map_texts(texts, |text, scratch| encoder.encode(text, scratch))
}

fn map_texts<T: AsRef<str> + Sync, E: Send>(
    texts: &[T],
    encode: impl Fn(&str, &mut Scratch<SCRATCH_BYTES>) -> Result<E, ScratchTooSmall> + Sync,
) -> Result<Vec<E>, ScratchTooSmall> {
    texts
        .par_iter()
        .with_min_len(BATCH)
        .map_init(
            || Box::new(Scratch::new()),
            |scratch, text| encode(text.as_ref(), scratch),
        )
        .collect()
}
