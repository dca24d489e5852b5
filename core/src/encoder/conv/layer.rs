//! One layer for two tokens.

use super::buffers::Buffers;
use super::weights::LayerWeights;
use crate::encoder::ops::{CONV_BITS, narrow, saturate16};
use crate::encoder::walk::{Pair, distinct};

impl LayerWeights<'_> {
    /// Replaces the stream of the pair. Pairs come in order, so that the token before has been
    /// replaced already and the one after has not.
    ///
    /// `y = clamp(requantise(W x + b, m), 0, 32767)`, the convolution with ReLU; with a residual
    /// `min(stream + y, 32767)`, both in steps of the stream. The sum of integers is exact, so the only
    /// error is that of requantising, at most half a step, until the stream saturates.
    pub(super) fn convolve(&self, pair: Pair, tokens: usize, buffers: &mut Buffers<'_>) {
        self.read(pair, tokens, buffers);
        let (stride, inputs) = (buffers.stride, self.inputs);
        let Buffers { stream, words, .. } = buffers;
        let inputs = [0, inputs].map(|first| &buffers.inputs[first..][..3 * inputs]);
        let tokens = distinct(&pair);
        self.convolution
            .multiply_two(inputs, words, |channel, sums| {
                let outputs = self.convolution.requantised(channel, sums);
                for (channel, outputs) in (channel..).zip(outputs) {
                    for (token, output) in tokens.iter().zip(outputs) {
                        let place = &mut stream[token * stride + channel];
                        let output = saturate16(output).max(0);
                        *place = match self.residual {
                            true => saturate16(i32::from(*place) + i32::from(output)),
                            false => output,
                        };
                    }
                }
            });
    }

    /// Brings the pair and its neighbours into `inputs`, `[4, I]`.
    fn read(&self, [first, second]: Pair, tokens: usize, buffers: &mut Buffers<'_>) {
        let Buffers {
            stride,
            stream,
            before,
            inputs,
            ..
        } = buffers;
        let places = inputs.chunks_exact_mut(self.inputs).take(4);
        for (place, token) in places.zip([None, Some(first), Some(first + 1), Some(first + 2)]) {
            match token {
                None if first > 0 => place.copy_from_slice(&before[..self.inputs]),
                Some(token) if token < tokens => {
                    narrow::<CONV_BITS>(&stream[token * *stride..][..self.inputs], place);
                }
                _ => place.fill(0),
            }
        }
        let last = &inputs[(1 + second - first) * self.inputs..][..self.inputs];
        before[..self.inputs].copy_from_slice(last);
    }
}
