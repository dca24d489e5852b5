//! One layer for two tokens.

use super::Pair;
use super::buffers::{Buffers, Work};
use super::weights::LayerWeights;
use crate::encoder::config::{Activation, TransformerConfig};
use crate::encoder::linear::Linear;
use crate::encoder::ops::{attend, gelu, norm8, relu, saturate8, saturate16};

impl LayerWeights<'_> {
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
        normalise(stream, width, pair, work.narrow);
        let inputs = halves(work.narrow, width);
        for (map, kept) in [(&self.key, keys), (&self.value, values)] {
            map.map_two(inputs, work.words, |feature, values| {
                for (token, value) in pair.into_iter().zip(values) {
                    kept[token * width + feature] = saturate8(value);
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
        normalise(stream, width, pair, narrow);
        self.query
            .map_two(halves(narrow, width), words, |feature, values| {
                queries[feature] = saturate8(values[0]);
                queries[width + feature] = saturate8(values[1]);
            });
        let head_width = width / usize::from(config.heads);
        let heads = queries[..2 * width].chunks(head_width);
        for (head, (query, mixed)) in heads.zip(narrow.chunks_mut(head_width)).enumerate() {
            let first = head * head_width % width;
            attend(
                query,
                &keys[first..],
                &values[first..],
                width,
                &mut sums[..tokens],
                mixed,
            );
        }
        add_to_stream(&self.context, halves(narrow, width), words, stream, pair);
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
        normalise(stream, width, pair, narrow);
        let activate = match config.activation {
            Activation::Relu => relu,
            Activation::Gelu => gelu,
        };
        self.expand
            .map_two(halves(narrow, width), words, |feature, values| {
                hidden[feature] = activate(saturate8(values[0]));
                hidden[expanded + feature] = activate(saturate8(values[1]));
            });
        add_to_stream(
            &self.contract,
            halves(hidden, expanded),
            words,
            stream,
            pair,
        );
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
    let added = if pair[0] == pair[1] { 1 } else { 2 };
    map.map_two(inputs, words, |feature, values| {
        for (token, &value) in pair.iter().zip(&values[..added]) {
            let place = &mut stream[token * width + feature];
            *place = saturate16(i32::from(*place).wrapping_add(value));
        }
    });
}

/// Normalises the stream `[D]` of two tokens into `output`.
fn normalise(stream: &[i16], width: usize, pair: Pair, output: &mut [i8]) {
    for (token, output) in pair.into_iter().zip(output.chunks_mut(width)) {
        norm8(&stream[token * width..][..width], output);
    }
}

fn halves(both: &[i8], width: usize) -> [&[i8]; 2] {
    [&both[..width], &both[width..2 * width]]
}
