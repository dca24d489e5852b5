//! The transformer: table rows through a linear map, pre-norm layers, a last norm, mean pooling.

use crate::activation::Activation;
use crate::encoder::{Encoder, Sentences};
use crate::encoder_layer::{EncoderLayer, LayerActivations, LayerScratch};
use crate::layer_norm::{LayerNorm, Normalized};
use crate::linear::Linear;
use crate::matrix::Matrix;
use crate::pooling::{mean_pool, mean_pool_backward};
use crate::tensors::Tensors;

/// Weights of a transformer over D features; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformer {
    /// From row features E to D.
    pub input: Linear,
    /// First to last.
    pub layers: Vec<EncoderLayer>,
    /// After the last layer.
    pub norm: LayerNorm,
}

/// Sizes of a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransformerShape {
    /// Features of a table row, E.
    pub row_features: usize,
    /// Features of the residual stream and of the embedding, D.
    pub features: usize,
    /// Features between the two maps of a feed-forward part, F.
    pub hidden: usize,
    /// Number of heads; divides `features`.
    pub heads: usize,
    /// Number of layers.
    pub layers: usize,
    /// In the feed-forward parts.
    pub activation: Activation,
}

impl Transformer {
    /// A transformer whose linear maps are zero and whose norms are identities.
    pub fn identity(shape: TransformerShape) -> Self {
        let TransformerShape {
            features,
            hidden,
            heads,
            activation,
            ..
        } = shape;
        let layer = EncoderLayer::identity(features, hidden, heads, activation);
        Self {
            input: Linear::zeros(shape.row_features, features),
            layers: vec![layer; shape.layers],
            norm: LayerNorm::identity(features),
        }
    }
}

/// What a transformer keeps between its passes; T tokens.
#[derive(Debug, Clone, Default)]
pub struct TransformerActivations {
    /// Residual stream, later its gradient, `[T, D]`.
    stream: Matrix,
    layers: Vec<LayerActivations>,
    normalized: Normalized,
    /// Output of the last norm, later the gradient by it, `[T, D]`.
    tokens: Matrix,
    scratch: LayerScratch,
}

impl Encoder for Transformer {
    type Activations = TransformerActivations;

    fn forward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut TransformerActivations,
        pooled: &mut Matrix,
    ) {
        let TransformerActivations {
            stream,
            layers,
            normalized,
            tokens,
            scratch,
        } = kept;
        layers.resize_with(self.layers.len(), LayerActivations::default);
        self.input.forward(rows, stream);
        for (layer, kept) in self.layers.iter().zip(layers) {
            layer.forward(sentences.lengths, stream, kept, scratch);
        }
        self.norm.forward(stream, normalized, tokens);
        mean_pool(tokens, sentences.lengths, pooled);
    }

    fn backward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut TransformerActivations,
        grad_pooled: &Matrix,
        gradient: &mut Self,
        grad_rows: &mut Matrix,
    ) {
        let TransformerActivations {
            stream,
            layers,
            normalized,
            tokens,
            scratch,
        } = kept;
        mean_pool_backward(grad_pooled, sentences.lengths, tokens);
        stream.values_mut().fill(0.0);
        self.norm
            .backward(normalized, tokens, &mut gradient.norm, stream);
        let layers = self.layers.iter().zip(layers).zip(&mut gradient.layers);
        for ((layer, kept), gradient) in layers.rev() {
            layer.backward(sentences.lengths, kept, stream, gradient, scratch);
        }
        self.input
            .backward(rows, stream, &mut gradient.input, grad_rows);
    }
}

impl Tensors for Transformer {
    fn tensors(&self) -> Vec<&[f32]> {
        let layers = self.layers.iter().flat_map(Tensors::tensors);
        let input = self.input.tensors().into_iter();
        input.chain(layers).chain(self.norm.tensors()).collect()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let layers = self.layers.iter_mut().flat_map(Tensors::tensors_mut);
        let input = self.input.tensors_mut().into_iter();
        input.chain(layers).chain(self.norm.tensors_mut()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::check::assert_gradients;

    #[test]
    fn gradients_match_differences() {
        let shape = TransformerShape {
            row_features: 3,
            features: 8,
            hidden: 6,
            heads: 2,
            layers: 2,
            activation: Activation::Gelu,
        };
        assert_gradients(Transformer::identity(shape), 3);
    }
}
