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
                    narrow(CONV_BITS, &stream[token * *stride..][..self.inputs], place);
                }
                _ => place.fill(0),
            }
        }
        let last = &inputs[(1 + second - first) * self.inputs..][..self.inputs];
        before[..self.inputs].copy_from_slice(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::Scratch;
    use crate::encoder::config::{CharsConfig, ConvConfig, FrontEnd, Pooling};
    use crate::encoder::linear::tests::{Constant, STARTS, outputs};

    const CHANNELS: u16 = 96;

    /// What a layer of these outputs makes of a stream of `STARTS`.
    fn convolved(residual: bool, check: impl Fn(i16, i32) -> i16) {
        let (config, front) = (
            ConvConfig {
                channels: CHANNELS,
                layers: 1,
                residual,
                pooling: Pooling::Max,
            },
            FrontEnd::Chars(CharsConfig {
                characters: 1,
                row_width: CHANNELS,
                window: 3,
            }),
        );
        let width = usize::from(CHANNELS);
        let outputs = outputs(width);
        let constant = Constant::new(3 * width, &outputs);
        let layer = LayerWeights {
            inputs: width,
            convolution: constant.map(),
            residual,
        };
        let mut scratch = Scratch::<8192>::new();
        let mut buffers = Buffers::of(&config, &front, scratch.as_mut()).unwrap();
        for token in buffers.stream.chunks_mut(width) {
            for (place, start) in token.iter_mut().zip(STARTS.iter().cycle()) {
                *place = *start;
            }
        }
        // The last token is alone.
        layer.convolve([0, 1], 3, &mut buffers);
        layer.convolve([2, 2], 3, &mut buffers);
        for token in buffers.stream.chunks(width) {
            let starts = STARTS.iter().cycle().zip(&outputs);
            for (found, (&start, &output)) in token.iter().zip(starts) {
                assert_eq!(*found, check(start, output), "{start} and {output}");
            }
        }
    }

    #[test]
    fn a_layer_stays_within_the_stream() {
        let within = |sum: i32| sum.clamp(-32767, 32767) as i16;
        convolved(false, |_, output| within(output.max(0)));
        convolved(true, |start, output| {
            within(i32::from(start) + output.clamp(0, 32767))
        });
    }
}
