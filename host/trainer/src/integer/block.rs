//! A layer in integers.

use super::body::IntegerLayer;
use super::linear::IntegerLinear;
use super::norm::narrow_norm;
use super::pass::{IntegerScratch, whole};
use crate::network::{Activation, LayerActivations, LayerUnits, Matrix, Normalised};
use memt_core::encoder::ops::{self, saturate8, saturate16};

/// A layer with its sizes.
pub(super) struct Block<'b> {
    pub(super) layer: &'b IntegerLayer,
    pub(super) units: &'b LayerUnits,
    pub(super) heads: usize,
    pub(super) activation: Activation,
    pub(super) stream_unit: f32,
    pub(super) norm_bits: u32,
}

impl Block<'_> {
    /// Adds the layer's two branches to the stream.
    pub(super) fn forward(
        &self,
        lengths: &[usize],
        scratch: &mut IntegerScratch,
        kept: &mut LayerActivations,
    ) {
        let IntegerScratch {
            stream,
            joint,
            attention,
            input,
            accumulators,
            ..
        } = scratch;
        self.narrow_norm(stream, &mut kept.attention_input);
        let values = &kept.attention_input.values;
        self.layer.joint.accumulate(values, accumulators);
        self.put_joint(accumulators, joint, &mut kept.joint);
        attention.attend(joint, self.heads, lengths, &mut kept.attention, input);
        scale_into(input, self.units.value(), &mut kept.mixed);
        self.layer.context.accumulate(input, accumulators);
        add_to_stream(&self.layer.context, accumulators, stream);

        self.narrow_norm(stream, &mut kept.hidden_input);
        let values = &kept.hidden_input.values;
        self.layer.expand.accumulate(values, accumulators);
        self.put_hidden(accumulators, input, kept);
        self.layer.contract.accumulate(input, accumulators);
        add_to_stream(&self.layer.contract, accumulators, stream);
    }

    fn narrow_norm(&self, stream: &[i16], kept: &mut Normalised) {
        let width = self.layer.context.biases.len();
        narrow_norm(self.norm_bits, stream, width, self.stream_unit, kept);
    }

    /// Steps in one of a normalised activation.
    fn norm_steps(&self) -> f32 {
        (1 << self.norm_bits) as f32
    }

    fn put_joint(&self, accumulators: &Matrix, joint: &mut Matrix, kept: &mut Matrix) {
        let columns = accumulators.columns();
        joint.resize(accumulators.rows(), columns);
        kept.resize(accumulators.rows(), columns);
        let rows = joint.values_mut().chunks_exact_mut(columns);
        let rows = rows.zip(kept.values_mut().chunks_exact_mut(columns));
        for ((joint, kept), sums) in rows.zip(accumulators.values().chunks_exact(columns)) {
            let outputs = self.layer.joint.outputs(whole(sums, self.norm_steps()));
            let places = joint.iter_mut().zip(kept).zip(&self.units.joint);
            for (((joint, kept), unit), output) in places.zip(outputs) {
                *joint = f32::from(saturate8(output));
                *kept = *joint * unit;
            }
        }
    }

    fn put_hidden(&self, accumulators: &Matrix, input: &mut Matrix, kept: &mut LayerActivations) {
        let (tokens, hidden) = (accumulators.rows(), accumulators.columns());
        kept.expanded.resize(tokens, hidden);
        kept.activated.resize(tokens, hidden);
        input.resize(tokens, hidden);
        for token in 0..tokens {
            let outputs = self
                .layer
                .expand
                .outputs(whole(accumulators.row(token), self.norm_steps()));
            let kept = kept
                .expanded
                .row_mut(token)
                .iter_mut()
                .zip(kept.activated.row_mut(token));
            let places = input.row_mut(token).iter_mut().zip(kept);
            for ((input, (expanded, activated)), output) in places.zip(outputs) {
                let value = saturate8(output);
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
        for (stream, output) in stream.iter_mut().zip(linear.outputs(whole(sums, 1.0))) {
            *stream = saturate16(i32::from(*stream) + output);
        }
    }
}

fn scale_into(input: &Matrix, unit: f32, output: &mut Matrix) {
    output.resize(input.rows(), input.columns());
    for (output, input) in output.values_mut().iter_mut().zip(input.values()) {
        *output = input * unit;
    }
}
