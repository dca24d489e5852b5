//! The forward pass in integers: the same numbers as core's encoder, with everything that the way
//! back through floats needs.

use super::body::{IntegerBody, IntegerLayer};
use super::linear::IntegerLinear;
use crate::network::{
    Activation, AttentionWeights, LayerActivations, LayerUnits, Matrix, NARROW_UNIT, Normalised,
    Pooled, Pooling, Transformer, TransformerActivations, WIDE_UNIT, places, ranges,
};
use memt_core::encoder::{kernel, ops};
use ops::{Reciprocal, saturate8, saturate16};

/// Memory of a pass, used again by the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntegerScratch {
    /// Sums of rows of words, `[T, R]`, and of texts, `[N, R]`.
    pub(crate) words: Vec<i32>,
    texts: Vec<i32>,
    /// Residual stream, `[T, D]`.
    stream: Vec<i16>,
    /// Queries, keys and values, `[T, 3 D]`.
    joint: Vec<i8>,
    /// Activations of 8 bits, in floats.
    input: Matrix,
    accumulators: Matrix,
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
        narrow_norm(&narrow, row_width, 1.0, input);
        deviations(&scratch.words, row_width, self.row_unit, input);
        self.input
            .accumulate(&input.values, &mut scratch.accumulators);
        let width = self.input.biases.len();
        scratch.stream.resize(narrow.len() / row_width * width, 0);
        let accumulators = scratch.accumulators.values().chunks_exact(width);
        let rows = scratch.stream.chunks_exact_mut(width);
        for ((stream, accumulators), place) in rows.zip(accumulators).zip(places(lengths)) {
            for (output, (stream, &accumulator)) in stream.iter_mut().zip(accumulators).enumerate()
            {
                let value = self.input.output(output, whole(accumulator, NARROW_UNIT));
                let positions = self.positions.as_ref();
                let position =
                    positions.map_or(0, |positions| positions.steps[place * width + output]);
                *stream = saturate16(value + position);
            }
        }
    }
}

/// A layer with its sizes.
struct Block<'b> {
    layer: &'b IntegerLayer,
    units: &'b LayerUnits,
    heads: usize,
    activation: Activation,
    stream_unit: f32,
}

impl Block<'_> {
    fn forward(
        &self,
        lengths: &[usize],
        scratch: &mut IntegerScratch,
        kept: &mut LayerActivations,
    ) {
        let IntegerScratch {
            stream,
            joint,
            input,
            accumulators,
            ..
        } = scratch;
        let width = self.layer.context.biases.len();
        narrow_norm(stream, width, self.stream_unit, &mut kept.attention_input);
        let values = &kept.attention_input.values;
        self.layer.joint.accumulate(values, accumulators);
        self.put_joint(accumulators, joint, &mut kept.joint);
        kept.mixed.resize(values.rows(), width);
        input.resize(values.rows(), width);
        self.attend(lengths, joint, &mut kept.attention, input);
        scale_into(input, self.units.value(), &mut kept.mixed);
        self.layer.context.accumulate(input, accumulators);
        add_to_stream(&self.layer.context, accumulators, stream);

        narrow_norm(stream, width, self.stream_unit, &mut kept.hidden_input);
        let values = &kept.hidden_input.values;
        self.layer.expand.accumulate(values, accumulators);
        self.put_hidden(accumulators, input, kept);
        self.layer.contract.accumulate(input, accumulators);
        add_to_stream(&self.layer.contract, accumulators, stream);
    }

    fn put_joint(&self, accumulators: &Matrix, joint: &mut Vec<i8>, kept: &mut Matrix) {
        kept.resize(accumulators.rows(), accumulators.columns());
        joint.resize(accumulators.values().len(), 0);
        let columns = accumulators.columns();
        let rows = joint
            .chunks_exact_mut(columns)
            .zip(kept.values_mut().chunks_exact_mut(columns));
        for ((joint, kept), sums) in rows.zip(accumulators.values().chunks_exact(columns)) {
            for (output, (joint, kept)) in joint.iter_mut().zip(kept).enumerate() {
                let sum = whole(sums[output], NARROW_UNIT);
                *joint = saturate8(self.layer.joint.output(output, sum));
                *kept = f32::from(*joint) * self.units.joint[output];
            }
        }
    }

    /// Writes the mixed values of every head, whole numbers, to `mixed`.
    fn attend(
        &self,
        lengths: &[usize],
        joint: &[i8],
        kept: &mut AttentionWeights,
        mixed: &mut Matrix,
    ) {
        let width = mixed.columns();
        let head_width = width / self.heads;
        let weights: usize = lengths.iter().map(|length| length * length).sum();
        kept.values.resize(weights * self.heads, 0.0);
        let mut rest = kept.values.as_mut_slice();
        let mut sums = vec![0i32; head_width];
        for tokens in ranges(lengths) {
            let mut scores = vec![0; tokens.len()];
            for head in 0..self.heads {
                let part = |token: usize, part: usize| {
                    &joint[token * 3 * width + part * width + head * head_width..][..head_width]
                };
                for token in tokens.clone() {
                    for (score, key) in scores.iter_mut().zip(tokens.clone()) {
                        *score = dot(part(token, 0), part(key, 1));
                    }
                    let total = ops::attention_weights(&mut scores);
                    let reciprocal = Reciprocal::of(total);
                    let (row, after) = rest.split_at_mut(scores.len());
                    rest = after;
                    sums.fill(0);
                    for ((share, &weight), value) in row.iter_mut().zip(&scores).zip(tokens.clone())
                    {
                        *share = weight as f32 / total as f32;
                        add_scaled(weight, part(value, 2), &mut sums);
                    }
                    let out = &mut mixed.row_mut(token)[head * head_width..][..head_width];
                    for (out, &sum) in out.iter_mut().zip(&sums) {
                        *out = f32::from(ops::weighted_mean(sum, reciprocal));
                    }
                }
            }
        }
    }

    fn put_hidden(&self, accumulators: &Matrix, input: &mut Matrix, kept: &mut LayerActivations) {
        let (tokens, hidden) = (accumulators.rows(), accumulators.columns());
        kept.expanded.resize(tokens, hidden);
        kept.activated.resize(tokens, hidden);
        input.resize(tokens, hidden);
        for token in 0..tokens {
            let sums = accumulators.row(token).iter();
            let out = kept.expanded.row_mut(token).iter_mut();
            let out = out.zip(kept.activated.row_mut(token));
            for (output, ((sum, input), (expanded, activated))) in
                sums.zip(input.row_mut(token)).zip(out).enumerate()
            {
                let sum = whole(*sum, NARROW_UNIT);
                let value = saturate8(self.layer.expand.output(output, sum));
                let after = match self.activation {
                    Activation::Relu => ops::relu(value),
                    Activation::Gelu => ops::gelu(value),
                };
                *input = f32::from(after);
                *expanded = f32::from(value) * self.units.hidden;
                *activated = *input * self.units.hidden;
            }
        }
    }
}

fn add_to_stream(linear: &IntegerLinear, accumulators: &Matrix, stream: &mut [i16]) {
    let width = accumulators.columns();
    let rows = stream.chunks_exact_mut(width);
    for (stream, sums) in rows.zip(accumulators.values().chunks_exact(width)) {
        for (output, (stream, &sum)) in stream.iter_mut().zip(sums).enumerate() {
            *stream = saturate16(i32::from(*stream) + linear.output(output, whole(sum, 1.0)));
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
            *part = take(whole(value, WIDE_UNIT)) as f32;
        }
    };
    split(part, |value| value >> 8);
    linear.accumulate(part, high);
    split(part, |value| value & 255);
    linear.accumulate(part, low);
    let outputs = high.columns();
    let sums = high.values().iter().zip(low.values());
    for (index, (sum, (&high, &low))) in embeddings.values_mut().iter_mut().zip(sums).enumerate() {
        let accumulator = 256 * whole(high, 1.0) + whole(low, 1.0);
        *sum += linear.output(index % outputs, accumulator) as f32;
    }
}

/// The whole number of steps of `unit`, a power of two, in `value`.
#[inline]
fn whole(value: f32, unit: f32) -> i32 {
    (value / unit) as i32
}

fn scale_into(input: &Matrix, unit: f32, output: &mut Matrix) {
    for (output, input) in output.values_mut().iter_mut().zip(input.values()) {
        *output = input * unit;
    }
}

fn narrow_norm(rows: &[i16], width: usize, unit: f32, kept: &mut Normalised) {
    let mut steps = vec![0i8; width];
    kept.values.resize(rows.len() / width, width);
    for (index, row) in rows.chunks_exact(width).enumerate() {
        ops::norm8(row, &mut steps);
        for (value, &steps) in kept.values.row_mut(index).iter_mut().zip(&steps) {
            *value = f32::from(steps) * NARROW_UNIT;
        }
    }
    deviations(rows, width, unit, kept);
}

fn wide_norm(rows: &[i16], width: usize, unit: f32, kept: &mut Normalised) {
    let mut steps = vec![0i16; width];
    kept.values.resize(rows.len() / width, width);
    for (index, row) in rows.chunks_exact(width).enumerate() {
        ops::norm12(row, &mut steps);
        for (value, &steps) in kept.values.row_mut(index).iter_mut().zip(&steps) {
            *value = f32::from(steps) * WIDE_UNIT;
        }
    }
    deviations(rows, width, unit, kept);
}

/// One over the deviation of each row, whose steps are worth `unit`.
fn deviations<T: Copy + Into<i32>>(rows: &[T], width: usize, unit: f32, kept: &mut Normalised) {
    kept.inverse_deviation.clear();
    let deviations = rows.chunks_exact(width).map(|row| {
        let numbers = || row.iter().map(|&value| value.into() as f32);
        let mean = numbers().sum::<f32>() / width as f32;
        let squares: f32 = numbers().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = unit * (squares / width as f32).sqrt();
        if deviation > 0.0 {
            1.0 / deviation
        } else {
            0.0
        }
    });
    kept.inverse_deviation.extend(deviations);
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
                .map(|token| whole(tokens.row(token)[feature], WIDE_UNIT))
                .sum();
            *mean = ops::mean(steps, length as u32) as f32 * WIDE_UNIT;
        }
        start += length;
    }
}

#[inline]
fn dot(left: &[i8], right: &[i8]) -> i32 {
    left.iter()
        .zip(right)
        .map(|(&left, &right)| i32::from(left) * i32::from(right))
        .sum()
}

#[inline]
fn add_scaled(weight: i32, values: &[i8], sums: &mut [i32]) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += weight * i32::from(value);
    }
}
