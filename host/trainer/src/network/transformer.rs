//! The transformer: normalised sums of rows through a linear map, positions, pre-norm layers, a last
//! norm, pooling and a linear map to the embedding.

use super::layer::{Layer, LayerActivations, LayerScratch};
use super::linear::Linear;
use super::matrix::Matrix;
use super::norm::Normalised;
use super::pooling::{Pooled, Pooling};
use super::saturation::{BodyUnits, Saturation};
use super::tensors::{Shape, Tensors};
use serde::{Deserialize, Serialize};

/// Weights of a transformer over D features; also the type of their gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Transformer {
    /// From row features R to D.
    pub(crate) input: Linear,
    /// Added to the input at each place of a text, `[W, D]`; none if the model has no positions.
    pub(crate) positions: Option<Matrix>,
    /// First to last.
    pub(crate) layers: Vec<Layer>,
    pub(crate) pooling: Pooling,
    /// From pooled features to the embedding.
    pub(crate) pooled: Linear,
}

/// What a transformer keeps between its passes; T tokens in N texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransformerActivations {
    pub(crate) input: Normalised,
    /// Residual stream, later its gradient, `[T, D]`.
    pub(crate) stream: Matrix,
    pub(crate) layers: Vec<LayerActivations>,
    pub(crate) output: Normalised,
    pub(crate) pooled: Pooled,
    /// Gradient by the pooled vectors.
    grad_pooled: Matrix,
    /// Gradient by the last norm's output or by the first norm's output.
    grad_tokens: Matrix,
    scratch: LayerScratch,
}

impl Transformer {
    /// The shape of each tensor; positions are vectors.
    pub(crate) fn shapes(&self) -> Vec<Option<Shape>> {
        let positions = self.positions.iter().map(|_| None);
        let layers = self.layers.iter().flat_map(Layer::shapes);
        let input = self.input.shapes(1).into_iter();
        let pooled = self.pooled.shapes(1);
        input.chain(positions).chain(layers).chain(pooled).collect()
    }

    /// Adds the transformer's part of the embeddings to `embeddings` `[N, E]`; `rows` `[T, R]` are
    /// the tokens, `lengths` of them a text.
    pub(crate) fn add_forward(
        &self,
        rows: &Matrix,
        lengths: &[usize],
        kept: &mut TransformerActivations,
        embeddings: &mut Matrix,
    ) {
        kept.layers
            .resize_with(self.layers.len(), LayerActivations::default);
        self.enter(rows, lengths, kept);
        for (layer, kept_layer) in self.layers.iter().zip(&mut kept.layers) {
            layer.forward(lengths, &mut kept.stream, kept_layer);
        }
        kept.output.forward(&kept.stream);
        self.pooling
            .forward(&kept.output.values, lengths, &mut kept.pooled);
        self.pooled.add_forward(&kept.pooled.values, embeddings);
    }

    /// Normalised rows through the input map, and positions: the beginning of the residual stream.
    pub(crate) fn enter(
        &self,
        rows: &Matrix,
        lengths: &[usize],
        kept: &mut TransformerActivations,
    ) {
        kept.input.forward(rows);
        self.input.forward(&kept.input.values, &mut kept.stream);
        if let Some(positions) = &self.positions {
            for (token, place) in places(lengths).enumerate() {
                add(kept.stream.row_mut(token), positions.row(place));
            }
        }
    }

    /// Adds to `gradient` what `grad_embeddings` `[N, E]` means for the weights, and adds the
    /// gradient by the tokens to `grad_rows` `[T, R]`. `saturation` says where none
    /// passes.
    pub(crate) fn backward(
        &self,
        lengths: &[usize],
        saturation: Saturation<'_, BodyUnits>,
        kept: &mut TransformerActivations,
        grad_embeddings: &Matrix,
        gradient: &mut Self,
        grad_rows: &mut Matrix,
    ) {
        let TransformerActivations {
            input,
            stream,
            layers,
            output,
            pooled,
            grad_pooled,
            grad_tokens,
            scratch,
        } = kept;
        self.pooled.backward(
            &pooled.values,
            grad_embeddings,
            &mut gradient.pooled,
            grad_pooled,
        );
        self.pooling
            .backward(pooled, grad_pooled, lengths, grad_tokens);
        saturation.draw_inside(output.values.values(), grad_tokens.values_mut());
        stream.values_mut().fill(0.0);
        output.backward(grad_tokens, stream);
        let layers = self.layers.iter().zip(layers).zip(&mut gradient.layers);
        for (index, ((layer, kept), gradient)) in layers.enumerate().rev() {
            let saturation = saturation.layer(index);
            layer.backward(lengths, kept, saturation, stream, gradient, scratch);
        }
        if let Some(positions) = &mut gradient.positions {
            for (token, place) in places(lengths).enumerate() {
                add(positions.row_mut(place), stream.row(token));
            }
        }
        self.input
            .backward(&input.values, stream, &mut gradient.input, grad_tokens);
        saturation.norm(input.values.values(), grad_tokens.values_mut());
        input.backward(grad_tokens, grad_rows);
    }
}

/// For every token its place in its text.
pub(crate) fn places(lengths: &[usize]) -> impl Iterator<Item = usize> + '_ {
    lengths.iter().flat_map(|&length| 0..length)
}

fn add(sum: &mut [f32], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

impl Tensors for Transformer {
    fn tensors(&self) -> Vec<&[f32]> {
        let layers = self.layers.iter().flat_map(Tensors::tensors);
        let input = self.input.tensors().into_iter();
        input
            .chain(self.positions.iter().map(Matrix::values))
            .chain(layers)
            .chain(self.pooled.tensors())
            .collect()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let layers = self.layers.iter_mut().flat_map(Tensors::tensors_mut);
        let input = self.input.tensors_mut().into_iter();
        input
            .chain(self.positions.iter_mut().map(Matrix::values_mut))
            .chain(layers)
            .chain(self.pooled.tensors_mut())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::activation::Activation;
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    const LENGTHS: [usize; 4] = [3, 1, 0, 2];

    fn transformer(activation: Activation) -> Transformer {
        let mut transformer = Transformer {
            input: Linear::zeros(5, 8),
            positions: Some(Matrix::zeros(3, 8)),
            layers: vec![Layer::zeros(8, 6, 2, activation); 2],
            pooling: Pooling::MeanMax,
            pooled: Linear::zeros(16, 7),
        };
        for (seed, tensor) in (10..).zip(transformer.tensors_mut()) {
            tensor.copy_from_slice(noise(seed, 1, tensor.len()).values());
        }
        transformer
    }

    #[test]
    fn shapes_are_those_of_the_tensors() {
        let transformer = transformer(Activation::Gelu);
        let shapes = transformer.shapes();
        let tensors = transformer.tensors();
        assert_eq!(shapes.len(), tensors.len());
        let numbers = |shape: Shape| shape.matrices * shape.rows * shape.columns;
        for (shape, tensor) in shapes.iter().zip(tensors) {
            assert!(shape.is_none_or(|shape| numbers(shape) == tensor.len()));
        }
        assert_eq!(shapes.iter().flatten().count(), 1 + 2 * 4 + 1);
        assert!(shapes.contains(&Some(Shape {
            matrices: 3,
            rows: 8,
            columns: 8
        })));
    }

    fn loss(transformer: &Transformer, rows: &Matrix, weights: &Matrix) -> f64 {
        let mut embeddings = Matrix::zeros(LENGTHS.len(), 7);
        transformer.add_forward(rows, &LENGTHS, &mut Default::default(), &mut embeddings);
        weighted_sum(&embeddings, weights)
    }

    #[test]
    fn gradients_match_differences() {
        for activation in [Activation::Gelu, Activation::Relu] {
            let transformer = transformer(activation);
            let (rows, weights) = (noise(1, 6, 5), noise(2, LENGTHS.len(), 7));
            let (mut kept, mut embeddings) = (Default::default(), Matrix::zeros(LENGTHS.len(), 7));
            transformer.add_forward(&rows, &LENGTHS, &mut kept, &mut embeddings);
            let mut gradient = transformer.clone();
            gradient.clear();
            let mut grad_rows = Matrix::zeros(6, 5);
            transformer.backward(
                &LENGTHS,
                Saturation::NONE,
                &mut kept,
                &weights,
                &mut gradient,
                &mut grad_rows,
            );

            assert_gradient(rows.values(), grad_rows.values(), |values| {
                let rows = Matrix::from_values(6, 5, values.to_vec());
                loss(&transformer, &rows, &weights)
            });
            for (index, slopes) in gradient.tensors().into_iter().enumerate() {
                assert_gradient(transformer.tensors()[index], slopes, |values| {
                    let mut moved = transformer.clone();
                    moved.tensors_mut()[index].copy_from_slice(values);
                    loss(&moved, &rows, &weights)
                });
            }
        }
    }

    /// With a feature far out after every norm but the first, whose inputs are small.
    #[test]
    fn gradients_draw_features_inside() {
        const PULL: f32 = 20.0;
        let mut transformer = Transformer {
            input: Linear::zeros(5, 48),
            positions: Some(Matrix::zeros(3, 48)),
            layers: vec![Layer::zeros(48, 6, 2, Activation::Gelu); 2],
            pooling: Pooling::MeanMax,
            pooled: Linear::zeros(96, 7),
        };
        for (seed, tensor) in (10..).zip(transformer.tensors_mut()) {
            let noise = noise(seed, 1, tensor.len());
            let pairs = tensor.iter_mut().zip(noise.values());
            pairs.for_each(|(value, noise)| *value = 0.2 * noise);
        }
        let positions = transformer.positions.as_mut().unwrap();
        (0..3).for_each(|place| positions.row_mut(place)[5] = 4.0);
        let (rows, weights) = (noise(1, 6, 5), noise(2, LENGTHS.len(), 7));
        let penalised = |transformer: &Transformer, rows: &Matrix| {
            let mut kept = TransformerActivations::default();
            let mut embeddings = Matrix::zeros(LENGTHS.len(), 7);
            transformer.add_forward(rows, &LENGTHS, &mut kept, &mut embeddings);
            let layers = kept.layers.iter();
            let norms = layers.flat_map(|layer| [&layer.attention_input, &layer.hidden_input]);
            let penalties = norms.chain([&kept.output]).map(|norm| {
                let values = norm.values.values().iter();
                let beyond = values.map(|value| f64::from((value.abs() - 4.0).max(0.0)));
                beyond.map(|beyond| beyond * beyond).sum::<f64>()
            });
            let penalty: f64 = penalties.inspect(|&one| assert!(one > 0.5, "{one}")).sum();
            weighted_sum(&embeddings, &weights) + f64::from(PULL) / 2.0 * penalty
        };
        let (mut kept, mut embeddings) = (Default::default(), Matrix::zeros(LENGTHS.len(), 7));
        transformer.add_forward(&rows, &LENGTHS, &mut kept, &mut embeddings);
        let mut gradient = transformer.clone();
        gradient.clear();
        let saturation = Saturation::of(None, PULL);
        let mut grad_rows = Matrix::zeros(6, 5);
        transformer.backward(
            &LENGTHS,
            saturation,
            &mut kept,
            &weights,
            &mut gradient,
            &mut grad_rows,
        );
        for index in [2, transformer.tensors().len() - 3] {
            let slopes = gradient.tensors()[index].to_vec();
            assert_gradient(transformer.tensors()[index], &slopes, |values| {
                let mut moved = transformer.clone();
                moved.tensors_mut()[index].copy_from_slice(values);
                penalised(&moved, &rows)
            });
        }
    }
}
