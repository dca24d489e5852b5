//! One pre-norm transformer layer: attention and a two-map feed-forward part, each added to the
//! residual stream.

use crate::activation::Activation;
use crate::attention::{Attention, AttentionWeights};
use crate::layer_norm::{LayerNorm, Normalized};
use crate::linear::Linear;
use crate::matrix::Matrix;
use crate::tensors::Tensors;

/// Weights of a layer over D features with F hidden features; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderLayer {
    /// Number of heads, and how they mix tokens.
    pub attention: Attention,
    /// Between the two maps of the feed-forward part.
    pub activation: Activation,
    /// Before attention.
    pub attention_norm: LayerNorm,
    /// Queries, keys and values side by side, D to 3 D.
    pub joint: Linear,
    /// After attention, D to D.
    pub output: Linear,
    /// Before the feed-forward part.
    pub hidden_norm: LayerNorm,
    /// D to F.
    pub expand: Linear,
    /// F to D.
    pub contract: Linear,
}

/// What a layer keeps between its passes; T tokens.
#[derive(Debug, Clone, Default)]
pub struct LayerActivations {
    attention_normalized: Normalized,
    /// `[T, D]`.
    attention_input: Matrix,
    /// `[T, 3 D]`.
    joint: Matrix,
    attention: AttentionWeights,
    /// `[T, D]`.
    mixed: Matrix,
    hidden_normalized: Normalized,
    /// `[T, D]`.
    hidden_input: Matrix,
    /// `[T, F]`.
    expanded: Matrix,
    /// `[T, F]`.
    activated: Matrix,
}

/// Memory that all layers share, since none of it outlives a layer's pass.
#[derive(Debug, Clone, Default)]
pub struct LayerScratch {
    /// `[T, D]`: what a branch adds, or the gradient by its input.
    branch: Matrix,
    /// `[T, F]`.
    hidden: Matrix,
    /// `[T, 3 D]`.
    joint: Matrix,
}

impl EncoderLayer {
    /// A layer of `features` features whose linear maps are zero and whose norms are identities.
    pub fn identity(features: usize, hidden: usize, heads: usize, activation: Activation) -> Self {
        Self {
            attention: Attention { heads },
            activation,
            attention_norm: LayerNorm::identity(features),
            joint: Linear::zeros(features, 3 * features),
            output: Linear::zeros(features, features),
            hidden_norm: LayerNorm::identity(features),
            expand: Linear::zeros(features, hidden),
            contract: Linear::zeros(hidden, features),
        }
    }

    /// Adds the layer's two branches to `stream` `[T, D]`.
    pub fn forward(
        &self,
        lengths: &[usize],
        stream: &mut Matrix,
        kept: &mut LayerActivations,
        scratch: &mut LayerScratch,
    ) {
        let norm = &mut kept.attention_normalized;
        self.attention_norm
            .forward(stream, norm, &mut kept.attention_input);
        self.joint.forward(&kept.attention_input, &mut kept.joint);
        self.attention
            .forward(&kept.joint, lengths, &mut kept.attention, &mut kept.mixed);
        self.output.forward(&kept.mixed, &mut scratch.branch);
        stream.add(&scratch.branch);

        let norm = &mut kept.hidden_normalized;
        self.hidden_norm
            .forward(stream, norm, &mut kept.hidden_input);
        self.expand.forward(&kept.hidden_input, &mut kept.expanded);
        self.activation.forward(&kept.expanded, &mut kept.activated);
        self.contract.forward(&kept.activated, &mut scratch.branch);
        stream.add(&scratch.branch);
    }

    /// Adds to `gradient` what `grad_stream` `[T, D]`, the gradient by the layer's result, means
    /// for the weights, and turns it into the gradient by the layer's input.
    pub fn backward(
        &self,
        lengths: &[usize],
        kept: &mut LayerActivations,
        grad_stream: &mut Matrix,
        gradient: &mut Self,
        scratch: &mut LayerScratch,
    ) {
        let LayerScratch {
            branch,
            hidden,
            joint,
        } = scratch;
        self.contract
            .backward(&kept.activated, grad_stream, &mut gradient.contract, hidden);
        self.activation.backward(&kept.expanded, hidden);
        self.expand
            .backward(&kept.hidden_input, hidden, &mut gradient.expand, branch);
        let norm = &mut gradient.hidden_norm;
        self.hidden_norm
            .backward(&kept.hidden_normalized, branch, norm, grad_stream);

        self.output
            .backward(&kept.mixed, grad_stream, &mut gradient.output, branch);
        self.attention
            .backward(&kept.joint, lengths, &mut kept.attention, branch, joint);
        self.joint
            .backward(&kept.attention_input, joint, &mut gradient.joint, branch);
        let norm = &mut gradient.attention_norm;
        self.attention_norm
            .backward(&kept.attention_normalized, branch, norm, grad_stream);
    }
}

impl Tensors for EncoderLayer {
    fn tensors(&self) -> Vec<&[f32]> {
        let parts: [&dyn Tensors; 6] = [
            &self.attention_norm,
            &self.joint,
            &self.output,
            &self.hidden_norm,
            &self.expand,
            &self.contract,
        ];
        parts.into_iter().flat_map(Tensors::tensors).collect()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let parts: [&mut dyn Tensors; 6] = [
            &mut self.attention_norm,
            &mut self.joint,
            &mut self.output,
            &mut self.hidden_norm,
            &mut self.expand,
            &mut self.contract,
        ];
        parts
            .into_iter()
            .flat_map(|part| part.tensors_mut())
            .collect()
    }
}
