//! One pre-norm transformer layer: attention and a two-map feed-forward part, each added to the
//! residual stream.

use super::activation::Activation;
use super::attention::{Attention, AttentionWeights};
use super::linear::Linear;
use super::matrix::Matrix;
use super::norm::Normalised;
use super::saturation::{LayerUnits, Saturation};
use super::tensors::{Shape, Tensors};
use serde::{Deserialize, Serialize};

/// Weights of a layer over D features with F hidden features; also the type of their gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// Number of heads, and how they mix tokens.
    pub(crate) attention: Attention,
    /// Between the two maps of the feed-forward part.
    pub(crate) activation: Activation,
    /// Queries, keys and values side by side, D to 3 D.
    pub(crate) joint: Linear,
    /// After attention, D to D.
    pub(crate) context: Linear,
    /// D to F.
    pub(crate) expand: Linear,
    /// F to D.
    pub(crate) contract: Linear,
}

/// What a layer keeps between its passes; T tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerActivations {
    pub(crate) attention_input: Normalised,
    /// `[T, 3 D]`
    pub(crate) joint: Matrix,
    pub(crate) attention: AttentionWeights,
    /// `[T, D]`
    pub(crate) mixed: Matrix,
    pub(crate) hidden_input: Normalised,
    /// `[T, F]`
    pub(crate) expanded: Matrix,
    /// `[T, F]`
    pub(crate) activated: Matrix,
}

/// Memory that all layers share, since none of it outlives a layer's pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerScratch {
    /// `[T, D]`: the gradient by a branch's input.
    branch: Matrix,
    /// `[T, F]`
    hidden: Matrix,
    /// `[T, 3 D]`
    joint: Matrix,
}

impl Layer {
    /// A layer of `features` features whose maps are zero.
    pub(crate) fn zeros(
        features: usize,
        hidden: usize,
        heads: usize,
        activation: Activation,
    ) -> Self {
        Self {
            attention: Attention { heads },
            activation,
            joint: Linear::zeros(features, 3 * features),
            context: Linear::zeros(features, features),
            expand: Linear::zeros(features, hidden),
            contract: Linear::zeros(hidden, features),
        }
    }

    /// The shape of each tensor; queries, keys and values are three matrices.
    pub(super) fn shapes(&self) -> impl Iterator<Item = Option<Shape>> {
        let joint = self.joint.shapes(3);
        let others = [&self.context, &self.expand, &self.contract];
        joint
            .into_iter()
            .chain(others.into_iter().flat_map(|map| map.shapes(1)))
    }

    /// Adds the layer's two branches to `stream` `[T, D]`.
    pub(crate) fn forward(
        &self,
        lengths: &[usize],
        stream: &mut Matrix,
        kept: &mut LayerActivations,
    ) {
        kept.attention_input.forward(stream);
        self.joint
            .forward(&kept.attention_input.values, &mut kept.joint);
        self.attention
            .forward(&kept.joint, lengths, &mut kept.attention, &mut kept.mixed);
        self.context.add_forward(&kept.mixed, stream);

        kept.hidden_input.forward(stream);
        self.expand
            .forward(&kept.hidden_input.values, &mut kept.expanded);
        self.activation.forward(&kept.expanded, &mut kept.activated);
        self.contract.add_forward(&kept.activated, stream);
    }

    /// Adds to `gradient` what `grad_stream` `[T, D]`, the gradient by the layer's result, means
    /// for the weights, and turns it into the gradient by the layer's input. `saturation` says
    /// where none passes.
    pub(crate) fn backward(
        &self,
        lengths: &[usize],
        kept: &mut LayerActivations,
        saturation: Saturation<'_, LayerUnits>,
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
        saturation.hidden(kept.expanded.values(), hidden.values_mut());
        let input = &kept.hidden_input;
        self.expand
            .backward(&input.values, hidden, &mut gradient.expand, branch);
        saturation.norm(input.values.values(), branch.values_mut());
        input.backward(branch, grad_stream);

        self.context
            .backward(&kept.mixed, grad_stream, &mut gradient.context, branch);
        self.attention
            .backward(&kept.joint, lengths, &mut kept.attention, branch, joint);
        saturation.joint(kept.joint.values(), joint.values_mut());
        let input = &kept.attention_input;
        self.joint
            .backward(&input.values, joint, &mut gradient.joint, branch);
        saturation.norm(input.values.values(), branch.values_mut());
        input.backward(branch, grad_stream);
    }
}

impl Tensors for Layer {
    fn tensors(&self) -> Vec<&[f32]> {
        let parts = [&self.joint, &self.context, &self.expand, &self.contract];
        parts.into_iter().flat_map(Tensors::tensors).collect()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let parts = [
            &mut self.joint,
            &mut self.context,
            &mut self.expand,
            &mut self.contract,
        ];
        parts.into_iter().flat_map(Tensors::tensors_mut).collect()
    }
}
