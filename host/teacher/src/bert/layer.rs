//! One layer: attention and feed-forward, each added to the stream and normed after (post-norm).

use super::attention::attend;
use super::gelu::gelu;
use super::linear::Linear;
use super::norm::LayerNorm;
use crate::TeacherError;
use crate::config::BertConfig;
use crate::tensors::Tensors;
use ndarray::Array2;

/// The weights of a layer.
pub(super) struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    context: Linear,
    attention_norm: LayerNorm,
    expand: Linear,
    contract: Linear,
    output_norm: LayerNorm,
    heads: usize,
}

impl Layer {
    pub(super) fn load(
        tensors: &Tensors<'_>,
        name: &str,
        config: &BertConfig,
    ) -> Result<Self, TeacherError> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let linear = |part: &str, shape| Linear::load(tensors, &format!("{name}.{part}"), shape);
        let norm = |part: &str| LayerNorm::load(tensors, &format!("{name}.{part}"), config);
        Ok(Self {
            query: linear("attention.self.query", [width, width])?,
            key: linear("attention.self.key", [width, width])?,
            value: linear("attention.self.value", [width, width])?,
            context: linear("attention.output.dense", [width, width])?,
            attention_norm: norm("attention.output.LayerNorm")?,
            expand: linear("intermediate.dense", [inner, width])?,
            contract: linear("output.dense", [width, inner])?,
            output_norm: norm("output.LayerNorm")?,
            heads: config.num_attention_heads,
        })
    }

    /// `[T, H]` to `[T, H]`, texts of `lengths` tokens one after the other.
    pub(super) fn forward(&self, stream: Array2<f32>, lengths: &[usize]) -> Array2<f32> {
        let [query, key, value] =
            [&self.query, &self.key, &self.value].map(|linear| linear.forward(&stream));
        let context = attend([&query, &key, &value], lengths, self.heads);
        let mut stream = self.context.forward(&context) + stream;
        self.attention_norm.apply(&mut stream);

        let mut inner = self.expand.forward(&stream);
        inner.mapv_inplace(gelu);
        let mut stream = self.contract.forward(&inner) + stream;
        self.output_norm.apply(&mut stream);
        stream
    }
}
