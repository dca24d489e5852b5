//! The transformer in floats, a block of tokens at a time.

mod buffers;
mod layer;
mod norms;
mod positions;

pub(super) use buffers::scratch_bytes;

use super::BLOCK;
use super::arithmetic::Arithmetic;
use super::linear::FloatLinear;
use super::norm::norm;
use super::pooling::pool;
use crate::embedding::DIMENSIONS;
use crate::encoder::config::{Body, TransformerConfig};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};
use crate::encoder::tensor::MatrixName;
use crate::encoder::weights::{FrontWeights, Table};
use crate::tokens::Tokens;
use buffers::Buffers;
use core::iter::Take;
use layer::Layer;
use positions::Positions;

/// A transformer over an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransformerReference<'m> {
    config: TransformerConfig,
    arithmetic: Arithmetic,
    front: FrontWeights<'m, Table<'m>>,
    entry: Entry<'m>,
    positions: Option<Positions<'m>>,
    /// `[E, P]`
    pooled: FloatLinear<'m>,
    /// `[E, R]`
    bag: Option<FloatLinear<'m>>,
    image: Image<'m>,
}

/// How rows become the first residual stream, which says also where norms stand.
#[derive(Clone, Copy, Debug)]
enum Entry<'m> {
    /// Normalised and multiplied, `[D, R]`; norms come before what they are for.
    Normalised(FloatLinear<'m>),
    /// As they are, times this; norms are on the stream.
    Raw(f32),
}

impl<'m> TransformerReference<'m> {
    /// Finds and checks every tensor.
    pub(super) fn find(image: &Image<'m>, config: TransformerConfig) -> Result<Self, ImageError> {
        let arithmetic = Arithmetic::of(image)?;
        let front = FrontWeights::find(image)?;
        let (width, rows) = (usize::from(config.width), front.row_width);
        let find = |name, shape| FloatLinear::find(image, arithmetic, (name, 0), shape);
        let reference = Self {
            config,
            arithmetic,
            entry: match image.config().body {
                Body::PostNormTransformer(_) => Entry::Raw(arithmetic.row_unit(image)?),
                _ => Entry::Normalised(find(MatrixName::Input, [width, rows])?),
            },
            positions: match config.positions {
                true => Some(Positions::find(image, arithmetic, width)?),
                false => None,
            },
            pooled: find(
                MatrixName::Pooled,
                [DIMENSIONS, config.pooling.width(width)],
            )?,
            bag: match config.bag {
                true => Some(find(MatrixName::Bag, [DIMENSIONS, rows])?),
                false => None,
            },
            front,
            image: *image,
        };
        for layer in 0..config.layers {
            reference.layer(layer)?;
        }
        Ok(reference)
    }

    fn width(&self) -> usize {
        usize::from(self.config.width)
    }

    fn layer(&self, layer: u8) -> Result<Layer<'m>, ImageError> {
        let after = matches!(self.entry, Entry::Raw(_));
        Layer::find(&self.image, self.arithmetic, &self.config, layer, after)
    }

    /// Encodes one window into `out` and returns how many tokens it had.
    pub(in crate::encoder::reference) fn encode_window(
        &self,
        tokens: Take<Tokens<'_>>,
        scratch: ScratchSlice<'_>,
        out: &mut [f32; DIMENSIONS],
    ) -> Result<u32, ScratchTooSmall> {
        let mut buffers = Buffers::of(&self.config, &self.image.config().front, scratch)?;
        let count = self.enter(tokens, &mut buffers);
        if count == 0 {
            return Ok(0);
        }
        for layer in 0..self.config.layers {
            // Every layer was found when the encoder was made.
            if let Ok(layer) = self.layer(layer) {
                layer.apply(&self.config, self.arithmetic, count, &mut buffers);
            }
        }
        self.leave(count, &mut buffers, out);
        Ok(count as u32)
    }

    /// Brings the tokens into the stream and returns how many they are.
    fn enter(&self, mut tokens: Take<Tokens<'_>>, buffers: &mut Buffers<'_>) -> usize {
        let (width, row_width) = (self.width(), self.front.row_width);
        let mut first = 0;
        loop {
            let entered = self.read_block(&mut tokens, buffers);
            let Buffers {
                stream, input, row, ..
            } = &mut *buffers;
            let input = &input[..entered * row_width];
            let stream = &mut stream[first * width..][..entered * width];
            match &self.entry {
                Entry::Normalised(map) => map.map(input, row, |token, feature, value| {
                    stream[token * width + feature] = value;
                }),
                Entry::Raw(_) => stream.copy_from_slice(input),
            }
            if let Some(positions) = &self.positions {
                for (place, token) in (first..).zip(stream.chunks_exact_mut(width)) {
                    positions.add(place, token);
                }
            }
            first += entered;
            if entered < BLOCK {
                return first;
            }
        }
    }

    /// Brings the rows of a block of tokens into `input` and returns how many they are.
    fn read_block(&self, tokens: &mut Take<Tokens<'_>>, buffers: &mut Buffers<'_>) -> usize {
        let places = buffers.input.chunks_exact_mut(self.front.row_width);
        let unit = self.arithmetic.narrow_unit(self.config.norm_bits);
        let mut entered = 0;
        for (place, token) in places.take(BLOCK).zip(tokens) {
            place.fill(0.0);
            self.front.add_floats(token, place);
            for (bag, &value) in buffers.bag.iter_mut().zip(&*place) {
                *bag += value;
            }
            match self.entry {
                Entry::Normalised(_) => {
                    norm(self.arithmetic, unit, place);
                }
                Entry::Raw(unit) => place.iter_mut().for_each(|value| *value *= unit),
            }
            entered += 1;
        }
        entered
    }

    fn leave(&self, count: usize, buffers: &mut Buffers<'_>, out: &mut [f32; DIMENSIONS]) {
        let width = self.width();
        let Buffers {
            bag,
            stream,
            work,
            row,
            ..
        } = buffers;
        let stream = &mut stream[..count * width];
        let unit = self.arithmetic.wide_unit();
        if let Entry::Normalised(_) = self.entry {
            for token in stream.chunks_exact_mut(width) {
                norm(self.arithmetic, unit, token);
            }
        }
        let pooled = &mut work[..self.config.pooling.width(width)];
        pool(
            self.config.pooling,
            stream.chunks_exact(width),
            width,
            pooled,
        );
        self.pooled
            .map(pooled, row, |_, output, value| out[output] = value);
        if let Some(map) = &self.bag {
            norm(self.arithmetic, unit, bag);
            map.map(bag, row, |_, output, value| out[output] += value);
        }
    }
}
