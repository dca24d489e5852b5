//! Encoders: a model image and a text give an embedding.
//!
//! [`Config`] says what the model is, [`Image`] borrows its weights from flash, [`Scratch`] is the
//! memory an encoding works in. [`Encoder`] computes in integers and gives the same 128 bytes on
//! every target; [`ReferenceEncoder`] computes in floats what the trainer saw.

mod bag;
pub mod config;
#[cfg_attr(
    not(feature = "conv"),
    allow(dead_code, reason = "only sizes are needed")
)]
mod conv;
pub mod image;
pub mod kernel;
mod linear;
pub mod ops;
pub mod packed;
mod pooling;
mod reference;
pub mod scratch;
pub mod tensor;
mod transformer;
mod walk;
pub mod weights;
pub mod windows;

pub use config::Config;
pub use image::{Fingerprint, Image, ImageError};
pub use reference::ReferenceEncoder;
pub use scratch::{Scratch, ScratchTooSmall};

use crate::embedding::{DIMENSIONS, Embedding};
use config::Body;
#[cfg(feature = "conv")]
use conv::ConvWeights;
use scratch::ScratchSlice;
use transformer::TransformerWeights;
use walk::{Step, Walk};
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
    /// The model has a body of convolutions, and this crate was built without its feature `conv`.
    NoConvolutions,
}

impl core::fmt::Display for EncoderError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Image(error) => error.fmt(formatter),
            Self::NotInteger => formatter.write_str(
                "the model image holds floats; integer encoding needs a quantised image",
            ),
            Self::NoConvolutions => {
                formatter.write_str("the model has convolutions, which this build leaves out")
            }
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
    weights: Weights<'m>,
}

/// The weights of each body, with the image.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one encoder, and nowhere to put a box"
)]
enum Weights<'m> {
    Bag(Image<'m>, BagWeights<'m, IntegerTable<'m>>),
    Transformer(TransformerWeights<'m>),
    #[cfg(feature = "conv")]
    Conv(ConvWeights<'m>),
}

impl<'m> Encoder<'m> {
    /// Finds the weights in `image`.
    #[inline]
    pub fn new(image: Image<'m>) -> Result<Self, EncoderError> {
        let weights = match image.config().body {
            Body::Bag => {
                let weights = BagWeights::find(&image)?.integers();
                weights.map(|weights| Weights::Bag(image, weights))
            }
            Body::Transformer(body) | Body::PostNormTransformer(body) => {
                TransformerWeights::find(&image, body)?.map(Weights::Transformer)
            }
            #[cfg(feature = "conv")]
            Body::Conv(body) => ConvWeights::find(&image, body)?.map(Weights::Conv),
            #[cfg(not(feature = "conv"))]
            Body::Conv(_) => return Err(EncoderError::NoConvolutions),
        };
        let weights = weights.ok_or(EncoderError::NotInteger)?;
        Ok(Self { weights })
    }

    /// The image.
    pub fn image(&self) -> &Image<'m> {
        match &self.weights {
            Weights::Bag(image, _) => image,
            Weights::Transformer(weights) => &weights.image,
            #[cfg(feature = "conv")]
            Weights::Conv(weights) => &weights.image,
        }
    }

    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        self.image().fingerprint()
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

    /// Begins an encoding that the caller advances: a bag one window of tokens a step, other bodies
    /// two tokens through one part of a layer.
    pub fn begin<'e, 't>(&'e self, text: &'t str) -> Encoding<'e, 'm, 't> {
        let config = self.image().config();
        Encoding {
            config,
            windows: Windows::of(config.front.tokens(text), config.window()),
            way: match &self.weights {
                Weights::Bag(_, weights) => Way::Bag(weights),
                Weights::Transformer(weights) => Way::Transformer(Walk::new(weights)),
                #[cfg(feature = "conv")]
                Weights::Conv(weights) => Way::Conv(Walk::new(weights)),
            },
            latest: Embedding::ZERO,
            pooled: [0; DIMENSIONS],
            sums: [0; DIMENSIONS],
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
    config: &'e Config,
    windows: Windows<'t>,
    way: Way<'e, 'm, 't>,
    latest: Embedding,
    pooled: [i32; DIMENSIONS],
    /// Of the latest window.
    sums: [i32; DIMENSIONS],
}

/// The way of each body through a window.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one encoding, and nowhere to put a box"
)]
enum Way<'e, 'm, 't> {
    /// In one step.
    Bag(&'e BagWeights<'m, IntegerTable<'m>>),
    Transformer(Walk<'e, 't, TransformerWeights<'m>>),
    #[cfg(feature = "conv")]
    Conv(Walk<'e, 't, ConvWeights<'m>>),
}

impl Encoding<'_, '_, '_> {
    /// Makes the next step. Between the steps of an encoding the scratch must not be touched; what
    /// is in it before the first does not matter.
    pub fn step<const BYTES: usize>(
        &mut self,
        scratch: &mut Scratch<BYTES>,
    ) -> Result<Progress, ScratchTooSmall> {
        check_scratch(self.config.scratch_bytes(), BYTES)?;
        self.advance(scratch.as_mut())
    }

    /// Compiled once, here, whatever the size of the scratch and the caller's optimisation.
    fn advance(&mut self, scratch: ScratchSlice<'_>) -> Result<Progress, ScratchTooSmall> {
        let (windows, sums) = (&mut self.windows, &mut self.sums);
        let step = match &mut self.way {
            Way::Bag(weights) => bag::encode_window(weights, windows, scratch, sums)?,
            Way::Transformer(walk) => walk.step(windows, scratch, sums)?,
            #[cfg(feature = "conv")]
            Way::Conv(walk) => walk.step(windows, scratch, sums)?,
        };
        match step {
            Step::Part => {}
            Step::Window(tokens) => self.pool(tokens),
            Step::Nothing => return Ok(Progress::Done),
        }
        Ok(Progress::More)
    }

    fn pool(&mut self, tokens: u32) {
        self.latest = Embedding::of_sums(&self.sums);
        for (pooled, component) in self.pooled.iter_mut().zip(self.latest.0) {
            *pooled += i32::from(component) * tokens as i32;
        }
    }

    /// The mean of the windows so far, each weighted by its number of tokens.
    pub fn finish(self) -> Embedding {
        // The mean of one window is that window: quantising twice changes nothing.
        if self.windows.encoded() == 1 {
            return self.latest;
        }
        Embedding::of_sums(&self.pooled)
    }
}

fn check_scratch(needed: usize, given: usize) -> Result<(), ScratchTooSmall> {
    if given < needed {
        return Err(ScratchTooSmall { given, needed });
    }
    Ok(())
}
