//! One layer for all tokens of a window, a block after another.

use super::buffers::Buffers;
use super::norms::StreamNorms;
use crate::encoder::config::{Activation, TransformerConfig};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::reference::BLOCK;
use crate::encoder::reference::arithmetic::Arithmetic;
use crate::encoder::reference::attention::attend;
use crate::encoder::reference::linear::FloatLinear;
use crate::encoder::reference::norm::norm;
use crate::encoder::tensor::MatrixName;
use core::ops::Range;

/// What belongs to a layer.
pub(super) struct Layer<'m> {
    /// Norms on the stream; without them they come before attention and the feed-forward part.
    norms: Option<StreamNorms<'m>>,
    query: FloatLinear<'m>,
    key: FloatLinear<'m>,
    value: FloatLinear<'m>,
    context: FloatLinear<'m>,
    expand: FloatLinear<'m>,
    contract: FloatLinear<'m>,
}

impl<'m> Layer<'m> {
    /// Finds layer `layer`, with norms after its parts or before.
    pub(super) fn find(
        image: &Image<'m>,
        arithmetic: Arithmetic,
        config: &TransformerConfig,
        layer: u8,
        after: bool,
    ) -> Result<Self, ImageError> {
        let (width, hidden) = (config.width.into(), config.hidden.into());
        let find = |name, shape| FloatLinear::find(image, arithmetic, (name, layer), shape);
        Ok(Self {
            norms: match after {
                true => Some(StreamNorms::find(image, arithmetic, layer, width)?),
                false => None,
            },
            query: find(MatrixName::Query, [width, width])?,
            key: find(MatrixName::Key, [width, width])?,
            value: find(MatrixName::Value, [width, width])?,
            context: find(MatrixName::Context, [width, width])?,
            expand: find(MatrixName::Expand, [hidden, width])?,
            contract: find(MatrixName::Contract, [width, hidden])?,
        })
    }

    /// Replaces the stream of `tokens` tokens.
    pub(super) fn apply(
        &self,
        config: &TransformerConfig,
        arithmetic: Arithmetic,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        let blocks = || {
            let firsts = (0..tokens).step_by(BLOCK);
            firsts.map(|first| first..(first + BLOCK).min(tokens))
        };
        for block in blocks() {
            self.remember(config, arithmetic, block, buffers);
        }
        for block in blocks() {
            self.attend(config, arithmetic, block.clone(), tokens, buffers);
            self.feed(config, arithmetic, block, buffers);
        }
    }

    /// Brings into `input` what matrices read of a block, `[B, D]`.
    fn read(
        &self,
        config: &TransformerConfig,
        arithmetic: Arithmetic,
        stream: &[f32],
        input: &mut [f32],
    ) {
        input.copy_from_slice(stream);
        match &self.norms {
            None => {
                let unit = arithmetic.narrow_unit(config.norm_bits);
                for token in input.chunks_exact_mut(config.width.into()) {
                    norm(arithmetic, unit, token);
                }
            }
            Some(_) => {
                let share = arithmetic.stream_share(config.norm_bits);
                input.iter_mut().for_each(|value| *value *= share);
            }
        }
    }

    /// Keeps keys and values of a block.
    fn remember(
        &self,
        config: &TransformerConfig,
        arithmetic: Arithmetic,
        block: Range<usize>,
        buffers: &mut Buffers<'_>,
    ) {
        let width = usize::from(config.width);
        let places = block.start * width..block.end * width;
        let Buffers {
            stream,
            keys,
            values,
            input,
            row,
            ..
        } = buffers;
        let input = &mut input[..places.len()];
        self.read(config, arithmetic, &stream[places.clone()], input);
        for (map, kept) in [(&self.key, keys), (&self.value, values)] {
            let kept = &mut kept[places.clone()];
            map.map(input, row, |token, feature, value| {
                kept[token * width + feature] = value;
            });
        }
    }

    /// Attention of a block to all `tokens`.
    fn attend(
        &self,
        config: &TransformerConfig,
        arithmetic: Arithmetic,
        block: Range<usize>,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        let (width, heads) = (usize::from(config.width), usize::from(config.heads));
        let places = block.start * width..block.end * width;
        let Buffers {
            stream,
            keys,
            values,
            input,
            work,
            scores,
            row,
            ..
        } = buffers;
        let stream = &mut stream[places.clone()];
        let input = &mut input[..places.len()];
        let queries = &mut work[..places.len()];
        self.read(config, arithmetic, stream, input);
        self.query.map(input, row, |token, feature, value| {
            queries[token * width + feature] = value;
        });
        let unit = arithmetic.score_unit(width / heads);
        let known = [&keys[..tokens * width], &values[..tokens * width]];
        let mixed = input.chunks_exact_mut(width);
        for (query, mixed) in queries.chunks_exact(width).zip(mixed) {
            attend(query, known, heads, unit, &mut scores[..tokens], mixed);
        }
        self.context.map(input, row, |token, feature, value| {
            stream[token * width + feature] += value;
        });
        if let Some(norms) = &self.norms {
            norms.after_attention(arithmetic, stream);
        }
    }

    /// The feed-forward part of a block.
    fn feed(
        &self,
        config: &TransformerConfig,
        arithmetic: Arithmetic,
        block: Range<usize>,
        buffers: &mut Buffers<'_>,
    ) {
        let (width, hidden) = (usize::from(config.width), usize::from(config.hidden));
        let unit = arithmetic.activation_unit();
        let activate = |value: f32| match config.activation {
            Activation::Relu => value.max(0.0),
            Activation::Gelu => unit * gelu(value / unit),
        };
        let Buffers {
            stream,
            input,
            work,
            row,
            ..
        } = buffers;
        let stream = &mut stream[block.start * width..block.end * width];
        let input = &mut input[..stream.len()];
        let activations = &mut work[..block.len() * hidden];
        self.read(config, arithmetic, stream, input);
        self.expand.map(input, row, |token, feature, value| {
            activations[token * hidden + feature] = activate(value);
        });
        self.contract
            .map(activations, row, |token, feature, value| {
                stream[token * width + feature] += value;
            });
        if let Some(norms) = &self.norms {
            norms.after_feed_forward(arithmetic, stream);
        }
    }
}

/// `x (1 + erf(x / sqrt 2)) / 2`
fn gelu(value: f32) -> f32 {
    0.5 * value * (1.0 + libm::erff(value * core::f32::consts::FRAC_1_SQRT_2))
}
