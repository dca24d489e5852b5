//! The forward pass in integers: the same numbers as core's encoder, with everything that the way
//! back through floats needs.

use super::attention::AttentionScratch;
use super::block::Block;
use super::body::IntegerBody;
use super::linear::IntegerLinear;
use super::norm::{deviations, narrow_norm, wide_norm};
use crate::network::{
    LayerActivations, Matrix, Normalised, Pooled, Pooling, Transformer, TransformerActivations,
    WIDE_UNIT, places,
};
use memt_core::encoder::{kernel, ops};
use ops::saturate16;

/// Steps in one of a normalised activation of 16 bits.
const WIDE_STEPS: f32 = ops::NORM12_UNIT as f32;

/// The whole numbers of steps in `values`, of which `steps` are worth one.
#[inline]
pub(super) fn whole(values: &[f32], steps: f32) -> impl Iterator<Item = i32> + '_ {
    values.iter().map(move |value| (value * steps) as i32)
}

/// Memory of a pass, used again by the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntegerScratch {
    /// Sums of rows of words, `[T, R]`, and of texts, `[N, R]`.
    pub(crate) words: Vec<i32>,
    texts: Vec<i32>,
    /// Residual stream, `[T, D]`.
    pub(super) stream: Vec<i16>,
    /// Queries, keys and values, `[T, 3 D]`: whole numbers in floats, as all that follow.
    pub(super) joint: Matrix,
    pub(super) attention: AttentionScratch,
    /// Activations of 8 bits.
    pub(super) input: Matrix,
    pub(super) accumulators: Matrix,
    low: Matrix,
}

/// What the way back needs of a pass.
#[derive(Debug)]
pub(crate) struct Kept<'k> {
    /// Of the sums of texts.
    pub(crate) bag: &'k mut Normalised,
    pub(crate) transformer: &'k mut TransformerActivations,
}

impl IntegerBody {
    /// Writes the sums that become embeddings, `[N, E]`, whole numbers. `scratch.words` holds the
    /// sums of rows; `shown` gives the sizes.
    pub(crate) fn forward(
        &self,
        shown: &Transformer,
        row_width: usize,
        lengths: &[usize],
        scratch: &mut IntegerScratch,
        kept: Kept<'_>,
        embeddings: &mut Matrix,
    ) {
        let Kept { bag, transformer } = kept;
        self.bag_forward(row_width, lengths, scratch, bag, embeddings);
        self.enter(row_width, lengths, scratch, &mut transformer.input);
        transformer
            .layers
            .resize_with(self.layers.len(), LayerActivations::default);
        let layers = self.layers.iter().zip(&shown.layers);
        for (index, (layer, shown)) in layers.enumerate() {
            let block = Block {
                layer,
                units: &self.units.layers[index],
                heads: shown.attention.heads,
                activation: shown.activation,
                stream_unit: self.units.stream,
                norm_bits: self.units.norm_bits,
            };
            block.forward(lengths, scratch, &mut transformer.layers[index]);
        }
        let width = self.input.biases.len();
        wide_norm(
            &scratch.stream,
            width,
            self.units.stream,
            &mut transformer.output,
        );
        transformer
            .stream
            .resize(scratch.stream.len() / width, width);
        let tokens = &transformer.output.values;
        pool(shown.pooling, tokens, lengths, &mut transformer.pooled);
        add_wide(
            &self.pooled,
            &transformer.pooled.values,
            scratch,
            embeddings,
        );
    }

    fn bag_forward(
        &self,
        row_width: usize,
        lengths: &[usize],
        scratch: &mut IntegerScratch,
        bag: &mut Normalised,
        embeddings: &mut Matrix,
    ) {
        scratch.texts.clear();
        let mut words = scratch.words.chunks_exact(row_width);
        for &length in lengths {
            let start = scratch.texts.len();
            scratch.texts.resize(start + row_width, 0);
            for word in words.by_ref().take(length) {
                let sums = scratch.texts[start..].iter_mut();
                sums.zip(word).for_each(|(sum, value)| *sum += value);
            }
        }
        let mut narrow = vec![0i16; scratch.texts.len()];
        let rows = narrow.chunks_exact_mut(row_width);
        for (narrow, sums) in rows.zip(scratch.texts.chunks_exact(row_width)) {
            kernel::normalise(sums, narrow);
        }
        wide_norm(&narrow, row_width, 1.0, bag);
        deviations(&scratch.texts, row_width, self.row_unit, bag);
        embeddings.resize(lengths.len(), self.bag.biases.len());
        embeddings.values_mut().fill(0.0);
        add_wide(&self.bag, &bag.values, scratch, embeddings);
    }

    /// Normalised words through the input map, and positions.
    fn enter(
        &self,
        row_width: usize,
        lengths: &[usize],
        scratch: &mut IntegerScratch,
        input: &mut Normalised,
    ) {
        let mut narrow = vec![0i16; scratch.words.len()];
        let rows = narrow.chunks_exact_mut(row_width);
        for (narrow, sums) in rows.zip(scratch.words.chunks_exact(row_width)) {
            kernel::normalise(sums, narrow);
        }
        let norm_bits = self.units.norm_bits;
        narrow_norm(norm_bits, &narrow, row_width, 1.0, input);
        deviations(&scratch.words, row_width, self.row_unit, input);
        self.input
            .accumulate(&input.values, &mut scratch.accumulators);
        let (width, steps) = (self.input.biases.len(), (1 << norm_bits) as f32);
        scratch.stream.resize(narrow.len() / row_width * width, 0);
        let accumulators = scratch.accumulators.values().chunks_exact(width);
        let rows = scratch.stream.chunks_exact_mut(width);
        for ((stream, accumulators), place) in rows.zip(accumulators).zip(places(lengths)) {
            let outputs = self.input.outputs(whole(accumulators, steps));
            match &self.positions {
                Some(positions) => {
                    let steps = &positions.steps[place * width..];
                    for ((stream, output), position) in stream.iter_mut().zip(outputs).zip(steps) {
                        *stream = saturate16(output + position);
                    }
                }
                None => {
                    let pairs = stream.iter_mut().zip(outputs);
                    pairs.for_each(|(stream, output)| *stream = saturate16(output));
                }
            }
        }
    }
}

/// Adds `linear` of activations of 16 bits, which `input` `[N, I]` holds in steps of 1/4096.
///
/// Floats hold sums of 24 bits, so the product is made of two: with the upper and with the lower
/// eight bits of the activations. `255 x 127 x 512 < 2^24`.
fn add_wide(
    linear: &IntegerLinear,
    input: &Matrix,
    scratch: &mut IntegerScratch,
    embeddings: &mut Matrix,
) {
    let IntegerScratch {
        input: part,
        accumulators: high,
        low,
        ..
    } = scratch;
    part.resize(input.rows(), input.columns());
    let split = |put: &mut Matrix, take: fn(i32) -> i32| {
        for (part, &value) in put.values_mut().iter_mut().zip(input.values()) {
            *part = take((value * WIDE_STEPS) as i32) as f32;
        }
    };
    split(part, |value| value >> 8);
    linear.accumulate(part, high);
    split(part, |value| value & 255);
    linear.accumulate(part, low);
    let columns = high.columns();
    let rows = high
        .values()
        .chunks_exact(columns)
        .zip(low.values().chunks_exact(columns));
    for (sums, (high, low)) in embeddings.values_mut().chunks_exact_mut(columns).zip(rows) {
        let accumulators = high
            .iter()
            .zip(low)
            .map(|(high, low)| 256 * *high as i32 + *low as i32);
        for (sum, output) in sums.iter_mut().zip(linear.outputs(accumulators)) {
            *sum += output as f32;
        }
    }
}

/// Pools tokens in steps of 1/4096; means are rounded to such steps.
fn pool(pooling: Pooling, tokens: &Matrix, lengths: &[usize], pooled: &mut Pooled) {
    pooling.forward(tokens, lengths, pooled);
    if pooling == Pooling::Max {
        return;
    }
    let features = tokens.columns();
    let mut start = 0;
    for (text, &length) in lengths
        .iter()
        .enumerate()
        .filter(|(_, length)| **length > 0)
    {
        let means = &mut pooled.values.row_mut(text)[..features];
        for (feature, mean) in means.iter_mut().enumerate() {
            let steps = (start..start + length)
                .map(|token| (tokens.row(token)[feature] * WIDE_STEPS) as i32)
                .sum();
            *mean = ops::mean(steps, length as u32) as f32 * WIDE_UNIT;
        }
        start += length;
    }
}
