//! Convolutions in floats.

use super::BLOCK;
use super::arithmetic::Arithmetic;
use super::linear::FloatLinear;
use super::pooling::pool;
use crate::embedding::DIMENSIONS;
use crate::encoder::config::{ConvConfig, FrontEnd};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};
use crate::encoder::tensor::MatrixName;
use crate::encoder::weights::{FrontWeights, Table};
use crate::tokens::Tokens;
use core::iter::Take;

/// Convolutions over an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConvReference<'m> {
    config: ConvConfig,
    arithmetic: Arithmetic,
    front: FrontWeights<'m, Table<'m>>,
    /// From rows to the stream.
    row_unit: f32,
    pooled: FloatLinear<'m>,
    image: Image<'m>,
}

/// S: the widest token.
const fn widest(config: &ConvConfig, front: &FrontEnd) -> usize {
    let (rows, channels) = (front.row_width(), config.channels as usize);
    if rows > channels { rows } else { channels }
}

/// Bytes of the stream, of what a layer reads of it, of a row of a matrix and of pooled tokens.
pub(super) const fn scratch_bytes(config: &ConvConfig, front: &FrontEnd) -> usize {
    let pooled = config.pooling.width(config.channels as usize);
    let tokens = front.window() as usize + (BLOCK + 2) + 3;
    (tokens * widest(config, front) + pooled) * size_of::<f32>()
}

impl<'m> ConvReference<'m> {
    /// Finds and checks every tensor.
    pub(super) fn find(image: &Image<'m>, config: ConvConfig) -> Result<Self, ImageError> {
        let arithmetic = Arithmetic::of(image)?;
        let pooled = config.pooling.width(config.channels.into());
        let name = (MatrixName::Pooled, 0);
        let reference = Self {
            config,
            arithmetic,
            front: FrontWeights::find(image)?,
            row_unit: arithmetic.row_unit(image)?,
            pooled: FloatLinear::find(image, arithmetic, name, [DIMENSIONS, pooled])?,
            image: *image,
        };
        for layer in 0..config.layers {
            reference.layer(layer)?;
        }
        Ok(reference)
    }

    /// I: numbers of a token before layer `layer`.
    fn inputs(&self, layer: u8) -> usize {
        match layer {
            0 => self.front.row_width,
            _ => self.config.channels.into(),
        }
    }

    fn layer(&self, layer: u8) -> Result<FloatLinear<'m>, ImageError> {
        let shape = [self.config.channels.into(), 3 * self.inputs(layer)];
        let name = (MatrixName::Convolution, layer);
        FloatLinear::find(&self.image, self.arithmetic, name, shape)
    }

    /// Encodes one window into `out` and returns how many tokens it had.
    pub(super) fn encode_window(
        &self,
        tokens: Take<Tokens<'_>>,
        mut scratch: ScratchSlice<'_>,
        out: &mut [f32; DIMENSIONS],
    ) -> Result<u32, ScratchTooSmall> {
        let front = &self.image.config().front;
        let widest = widest(&self.config, front);
        let window = self.image.config().window();
        let channels = usize::from(self.config.channels);
        let stream = scratch.take::<f32>(window * widest)?;
        let block = scratch.take((BLOCK + 2) * widest)?;
        let row = scratch.take(3 * widest)?;
        let pooled = scratch.take(self.config.pooling.width(channels))?;
        let mut count = 0;
        for (token, place) in tokens.zip(stream.chunks_exact_mut(widest)) {
            let place = &mut place[..self.front.row_width];
            self.front.add_floats(token, place);
            place.iter_mut().for_each(|value| *value *= self.row_unit);
            count += 1;
        }
        if count == 0 {
            return Ok(0);
        }
        for layer in 0..self.config.layers {
            self.convolve(layer, count, stream, block, row);
        }
        pool(
            self.config.pooling,
            stream.chunks_exact(widest).take(count),
            channels,
            pooled,
        );
        self.pooled
            .map(pooled, row, |_, output, value| out[output] = value);
        Ok(count as u32)
    }

    /// Replaces the stream of `count` tokens; `block` holds a block of tokens and both its neighbours.
    fn convolve(
        &self,
        layer: u8,
        count: usize,
        stream: &mut [f32],
        block: &mut [f32],
        row: &mut [f32],
    ) {
        // Every layer was found when the encoder was made.
        let Ok(map) = self.layer(layer) else { return };
        let (inputs, channels) = (self.inputs(layer), usize::from(self.config.channels));
        let residual = self.config.residual && inputs == channels;
        let share = self.arithmetic.conv_share();
        let stride = stream.len() / self.image.config().window();
        let place = |token: usize| token * stride..token * stride + inputs;
        // Nothing stands before the first token.
        block.fill(0.0);
        for first in (0..count).step_by(BLOCK) {
            let tokens = first..(first + BLOCK).min(count);
            let places = block[inputs..].chunks_exact_mut(inputs);
            for (token, read) in (first..=tokens.end).zip(places) {
                match token < count {
                    true => read.copy_from_slice(&stream[place(token)]),
                    false => read.fill(0.0),
                }
                read.iter_mut().for_each(|value| *value *= share);
            }
            let read = &block[..(tokens.len() + 2) * inputs];
            map.map_every(inputs, read, row, |token, channel, value| {
                let place = &mut stream[(first + token) * stride + channel];
                *place = value.max(0.0) + if residual { *place } else { 0.0 };
            });
            block.copy_within(tokens.len() * inputs..(tokens.len() + 1) * inputs, 0);
        }
    }
}
