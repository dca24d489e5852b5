//! Encoders: a model image and a text give an embedding.
//!
//! [`Config`] says what the model is, [`Image`] borrows its weights from flash, [`Scratch`] is the
//! memory an encoding works in. [`Encoder`] computes in integers and gives the same 128 bytes on
//! every target; [`ReferenceEncoder`] computes in floats what the trainer saw.

mod bag;
mod bag_reference;
pub mod config;
pub mod image;
pub mod kernel;
mod linear;
mod linear_reference;
pub mod ops;
mod reference;
mod rows;
pub mod scratch;
pub mod tensor;
mod transformer;
pub mod weights;
pub mod windows;

pub use config::Config;
pub use image::{Fingerprint, Image, ImageError};
pub use reference::ReferenceEncoder;
pub use scratch::{Scratch, ScratchTooSmall};

use crate::embedding::{DIMENSIONS, Embedding};
use config::Body;
use scratch::ScratchSlice;
use transformer::{TransformerWeights, Walk, words_config};
use weights::{BagWeights, IntegerTable};
use windows::Windows;

/// Bytes with the alignment that [`Image::open`] asks for:
/// `static MODEL: Aligned<[u8; N]> = Aligned(*include_bytes!("model.memt"));`
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug)]
pub struct Aligned<T: ?Sized>(pub T);

/// Why an image gives no encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncoderError {
    /// The image lacks what its config asks for.
    Image(ImageError),
    /// The image holds floats, which only [`ReferenceEncoder`] reads.
    NotInteger,
}

impl core::fmt::Display for EncoderError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Image(error) => error.fmt(formatter),
            Self::NotInteger => formatter.write_str(
                "the model image holds floats; integer encoding needs a quantised image",
            ),
        }
    }
}

impl core::error::Error for EncoderError {}

impl From<ImageError> for EncoderError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

/// The integer encoder over a model image.
#[derive(Clone, Copy, Debug)]
pub struct Encoder<'m> {
    image: Image<'m>,
    weights: Weights<'m>,
}

/// The weights of each body.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one encoder, and nowhere to put a box"
)]
enum Weights<'m> {
    Bag(BagWeights<'m, IntegerTable<'m>>),
    Transformer(TransformerWeights<'m>),
}

impl<'m> Encoder<'m> {
    /// Finds the weights in `image`.
    pub fn new(image: Image<'m>) -> Result<Self, EncoderError> {
        let weights = match image.config().body {
            Body::Bag => BagWeights::find(&image)?.integers().map(Weights::Bag),
            Body::Transformer(body) => {
                TransformerWeights::find(&image, body)?.map(Weights::Transformer)
            }
        };
        let weights = weights.ok_or(EncoderError::NotInteger)?;
        Ok(Self { image, weights })
    }

    /// The image.
    pub fn image(&self) -> &Image<'m> {
        &self.image
    }

    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        self.image.fingerprint()
    }

    /// The embedding of any text, in one call.
    pub fn encode<const BYTES: usize>(
        &self,
        text: &str,
        scratch: &mut Scratch<BYTES>,
    ) -> Result<Embedding, ScratchTooSmall> {
        let mut encoding = self.begin(text);
        while encoding.step(scratch)? == Progress::More {}
        Ok(encoding.finish())
    }

    /// Begins an encoding that the caller advances: a bag one window of words a step, other bodies
    /// two tokens through one part of a layer.
    pub fn begin<'e, 't>(&'e self, text: &'t str) -> Encoding<'e, 'm, 't> {
        Encoding {
            encoder: self,
            windows: Windows::of(text, self.image.config().window()),
            walk: None,
            latest: Embedding::ZERO,
            pooled: [0; DIMENSIONS],
        }
    }
}

/// Whether a stepwise computation has more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Call `step` again.
    More,
    /// The result is ready.
    Done,
}

/// An encoding under way.
#[derive(Clone, Debug)]
pub struct Encoding<'e, 'm, 't> {
    encoder: &'e Encoder<'m>,
    windows: Windows<'t>,
    /// The window under way, where it takes several steps.
    walk: Option<Walk<'m, 't>>,
    latest: Embedding,
    pooled: [i32; DIMENSIONS],
}

impl Encoding<'_, '_, '_> {
    /// Makes the next step. Between the steps of an encoding the scratch must not be touched; what
    /// is in it before the first does not matter.
    pub fn step<const BYTES: usize>(
        &mut self,
        scratch: &mut Scratch<BYTES>,
    ) -> Result<Progress, ScratchTooSmall> {
        check_scratch(self.encoder.image.config(), BYTES)?;
        self.advance(scratch.as_mut())
    }

    /// Compiled once, here, whatever the size of the scratch and the caller's optimisation.
    fn advance(&mut self, scratch: ScratchSlice<'_>) -> Result<Progress, ScratchTooSmall> {
        let mut sums = [0; DIMENSIONS];
        match &self.encoder.weights {
            Weights::Bag(weights) => {
                let Some(words) = self.windows.next() else {
                    return Ok(Progress::Done);
                };
                let count = bag::encode_window(weights, words, scratch, &mut sums)?;
                self.pool(&sums, count);
            }
            Weights::Transformer(weights) => {
                if self.walk.is_none() {
                    self.walk = self.windows.next().map(Walk::new);
                }
                let Some(walk) = &mut self.walk else {
                    return Ok(Progress::Done);
                };
                let front = words_config(&self.encoder.image.config().front);
                if walk.step(weights, front, scratch, &mut sums)? == Progress::Done {
                    let count = walk.words();
                    self.walk = None;
                    self.pool(&sums, count);
                }
            }
        }
        Ok(Progress::More)
    }

    fn pool(&mut self, sums: &[i32; DIMENSIONS], words: u32) {
        self.latest = Embedding::of_sums(sums);
        for (pooled, component) in self.pooled.iter_mut().zip(self.latest.0) {
            *pooled += i32::from(component) * words as i32;
        }
    }

    /// The mean of the windows so far, each weighted by its number of words.
    pub fn finish(self) -> Embedding {
        // The mean of one window is that window: quantising twice changes nothing.
        if self.windows.encoded() == 1 {
            return self.latest;
        }
        Embedding::of_sums(&self.pooled)
    }
}

fn check_scratch(config: &Config, given: usize) -> Result<(), ScratchTooSmall> {
    let needed = config.scratch_bytes();
    if given < needed {
        return Err(ScratchTooSmall { given, needed });
    }
    Ok(())
}
