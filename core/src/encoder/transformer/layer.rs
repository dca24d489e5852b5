//! One layer for two tokens.

use super::buffers::{Buffers, Work};
use super::weights::LayerWeights;
use crate::encoder::config::{Activation, TransformerConfig};
use crate::encoder::ops::{attend, gelu, relu};
use crate::encoder::walk::Pair;
use core::ops::Range;

impl LayerWeights<'_> {
    /// What matrices read of the pair.
    fn read(&self, config: &TransformerConfig, stream: &[i16], pair: Pair, output: &mut [i8]) {
        let (width, norm_bits) = (usize::from(config.width), config.norm_bits.into());
        for (token, output) in pair.into_iter().zip(output.chunks_mut(width)) {
            self.norms
                .read(norm_bits, &stream[token * width..][..width], output);
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
        self.read(config, stream, pair, work.narrow);
        let inputs = halves(work.narrow, width);
        let places = places(width, pair);
        self.key
            .put_bytes(inputs, work.words, &mut keys[places.clone()]);
        self.value
            .put_bytes(inputs, work.words, &mut values[places]);
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
        self.read(config, stream, pair, narrow);
        let queries = &mut queries[..2 * width];
        self.query.put_bytes(halves(narrow, width), words, queries);
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
        let stream = &mut stream[places(width, pair)];
        self.context.add_to(halves(narrow, width), words, stream);
        self.norms.after_attention(stream.chunks_exact_mut(width));
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
        self.read(config, stream, pair, narrow);
        let hidden = &mut hidden[..2 * expanded];
        self.expand.put_bytes(halves(narrow, width), words, hidden);
        match config.activation {
            Activation::Relu => hidden.iter_mut().for_each(|x| *x = relu(*x)),
            Activation::Gelu => hidden.iter_mut().for_each(|x| *x = gelu(*x)),
        }
        let stream = &mut stream[places(width, pair)];
        self.contract
            .add_to(halves(hidden, expanded), words, stream);
        self.norms
            .after_feed_forward(stream.chunks_exact_mut(width));
    }
}

/// Where the tokens of a pair lie, which follow one another, or the one.
fn places(width: usize, pair: Pair) -> Range<usize> {
    pair[0] * width..(pair[1] + 1) * width
}

fn halves(both: &[i8], width: usize) -> [&[i8]; 2] {
    [&both[..width], &both[width..2 * width]]
}
