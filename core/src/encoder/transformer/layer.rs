//! One layer for two tokens.

use super::buffers::{Buffers, Work};
use super::weights::LayerWeights;
use crate::encoder::config::{Activation, TransformerConfig};
use crate::encoder::linear::Linear;
use crate::encoder::ops::{attend, gelu, relu, saturate8, saturate16};
use crate::encoder::walk::{Pair, distinct};

impl LayerWeights<'_> {
    /// What matrices read of the pair.
    fn read(&self, stream: &[i16], width: usize, pair: Pair, output: &mut [i8]) {
        for (token, output) in pair.into_iter().zip(output.chunks_mut(width)) {
            self.norms.read(&stream[token * width..][..width], output);
        }
    }

    /// Keeps keys and values of the pair.
    pub(super) fn remember(
        &self,
        config: &TransformerConfig,
        pair: Pair,
        buffers: &mut Buffers<'_>,
    ) {
        let width = usize::from(config.width);
        let Buffers {
            stream,
            keys,
            values,
            work,
            ..
        } = buffers;
        self.read(stream, width, pair, work.narrow);
        let inputs = halves(work.narrow, width);
        for (map, kept) in [(&self.key, keys), (&self.value, values)] {
            map.map_two(inputs, work.words, |feature, outputs| {
                for (which, token) in pair.into_iter().enumerate() {
                    keep(
                        outputs,
                        which,
                        saturate8,
                        &mut kept[token * width + feature..],
                    );
                }
            });
        }
    }

    /// Attention of the pair to all `tokens`, then the feed-forward part, onto the stream.
    pub(super) fn mix(
        &self,
        config: &TransformerConfig,
        pair: Pair,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        self.attend(config, pair, tokens, buffers);
        self.feed(config, pair, buffers);
    }

    fn attend(
        &self,
        config: &TransformerConfig,
        pair: Pair,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        let width = usize::from(config.width);
        let Buffers {
            stream,
            keys,
            values,
            work,
            ..
        } = buffers;
        let Work {
            words,
            sums,
            narrow,
            hidden: queries,
            ..
        } = work;
        self.read(stream, width, pair, narrow);
        self.query
            .map_two(halves(narrow, width), words, |feature, outputs| {
                for (which, query) in queries.chunks_mut(width).take(2).enumerate() {
                    keep(outputs, which, saturate8, &mut query[feature..]);
                }
            });
        let head_width = width / usize::from(config.heads);
        let (first, second) = narrow[..2 * width].split_at_mut(width);
        let heads = first
            .chunks_mut(head_width)
            .zip(second.chunks_mut(head_width));
        for (head, mixed) in heads.enumerate() {
            let feature = head * head_width;
            attend(
                [0, width].map(|token| &queries[token + feature..][..head_width]),
                &keys[feature..],
                &values[feature..],
                width,
                &mut sums[..2 * tokens],
                mixed.into(),
            );
        }
        add_to_stream(&self.context, halves(narrow, width), words, stream, pair);
        self.norms.after_attention(each(stream, width, pair));
    }

    fn expand(
        &self,
        inputs: [&[i8]; 2],
        words: &mut [i32],
        hidden: &mut [i8],
        activate: impl Fn(i8) -> i8,
    ) {
        let expanded = self.expand.outputs();
        self.expand.map_two(inputs, words, |feature, outputs| {
            for (which, hidden) in hidden.chunks_mut(expanded).take(2).enumerate() {
                let byte = |output| activate(saturate8(output));
                keep(outputs, which, byte, &mut hidden[feature..]);
            }
        });
    }

    fn feed(&self, config: &TransformerConfig, pair: Pair, buffers: &mut Buffers<'_>) {
        let (width, expanded) = (usize::from(config.width), usize::from(config.hidden));
        let Buffers { stream, work, .. } = buffers;
        let Work {
            words,
            narrow,
            hidden,
            ..
        } = work;
        self.read(stream, width, pair, narrow);
        let inputs = halves(narrow, width);
        match config.activation {
            Activation::Relu => self.expand(inputs, words, hidden, relu),
            Activation::Gelu => self.expand(inputs, words, hidden, gelu),
        }
        let inputs = halves(hidden, expanded);
        add_to_stream(&self.contract, inputs, words, stream, pair);
        self.norms.after_feed_forward(each(stream, width, pair));
    }
}

/// `stream += map(inputs)` for two tokens; once if they are the same.
fn add_to_stream(
    map: &Linear<'_>,
    inputs: [&[i8]; 2],
    words: &mut [i32],
    stream: &mut [i16],
    pair: Pair,
) {
    let width = map.outputs();
    map.map_two(inputs, words, |feature, outputs| {
        for (which, token) in distinct(&pair).iter().enumerate() {
            let places = stream[token * width + feature..].iter_mut();
            for (place, output) in places.zip(outputs) {
                *place = saturate16(i32::from(*place).wrapping_add(output[which]));
            }
        }
    });
}

/// The stream `[D]` of one or two tokens that follow one another.
fn each(stream: &mut [i16], width: usize, pair: Pair) -> core::slice::ChunksExactMut<'_, i16> {
    stream[pair[0] * width..][..distinct(&pair).len() * width].chunks_exact_mut(width)
}

/// Writes the outputs of one of two tokens.
#[inline(always)]
fn keep(outputs: &[[i32; 2]], which: usize, byte: impl Fn(i32) -> i8, places: &mut [i8]) {
    for (place, output) in places.iter_mut().zip(outputs) {
        *place = byte(output[which]);
    }
}

fn halves(both: &[i8], width: usize) -> [&[i8]; 2] {
    [&both[..width], &both[width..2 * width]]
}
