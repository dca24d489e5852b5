//! A pass through the model and back.

use super::{Model, Parameters, Passages};
use crate::integer::{IntegerBody, IntegerScratch, Kept};
use crate::network::{
    Matrix, Normalised, Saturation, Tensors, Transformer, TransformerActivations, multiply,
    multiply_add,
};
use serde::{Deserialize, Serialize};

/// Which part of the model is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Rows and projection, as if the model had no body: two orders of magnitude cheaper.
    Bag,
    /// Everything.
    #[default]
    All,
}

/// What a pass over some texts keeps for the way back, and the memory that both ways work in.
/// T words in N texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pass {
    /// `[N, D]`: the result.
    pub(crate) embeddings: Matrix,
    /// Sums of rows of words, `[T, R]`.
    words: Matrix,
    /// Sums of rows of texts, `[N, R]`.
    sums: Matrix,
    /// Of `sums`, where the model has a body.
    bag: Normalised,
    transformer: TransformerActivations,
    /// Gradient by what goes through the projection, then by `sums`, `[N, R]`.
    grad_projected: Matrix,
    grad_sums: Matrix,
    integers: IntegerScratch,
    pub(crate) gradient: Gradient,
}

/// Gradient of a model by everything but rows, and by the sums of rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gradient {
    /// `[D, R]`
    pub(crate) projection: Matrix,
    pub(crate) body: Option<Transformer>,
    /// By the sum of each word `[T, R]` where the body takes part, else of each text `[N, R]`.
    pub(crate) sums: Matrix,
}

impl Gradient {
    /// All but that by sums of rows, `with_body` or without.
    pub(crate) fn tensors(&self, with_body: bool) -> Vec<&[f32]> {
        let body = self.body.iter().filter(|_| with_body);
        let body = body.flat_map(Tensors::tensors);
        std::iter::once(self.projection.values())
            .chain(body)
            .collect()
    }

    /// As [`Gradient::tensors`].
    pub(crate) fn tensors_mut(&mut self, with_body: bool) -> Vec<&mut [f32]> {
        let body = self.body.iter_mut().filter(|_| with_body);
        let body = body.flat_map(Tensors::tensors_mut);
        std::iter::once(self.projection.values_mut())
            .chain(body)
            .collect()
    }
}

impl Pass {
    /// Embeds `passages`.
    pub(crate) fn forward(&mut self, model: Model<'_>, passages: &Passages<'_>, part: Part) {
        let parameters = model.parameters;
        if let (Some(integers), Some(body)) = (model.integers, &parameters.body) {
            return self.forward_integers(integers, parameters, body, passages);
        }
        parameters.add_up(passages.words.iter().copied(), &mut self.words);
        add_texts(&self.words, &passages.lengths, &mut self.sums);
        let Some(body) = &parameters.body else {
            multiply(
                self.sums.view(),
                parameters.projection().t(),
                &mut self.embeddings,
            );
            return;
        };
        self.bag.forward(&self.sums);
        multiply(
            self.bag.values.view(),
            parameters.projection().t(),
            &mut self.embeddings,
        );
        if part == Part::All {
            body.add_forward(
                &self.words,
                &passages.lengths,
                &mut self.transformer,
                &mut self.embeddings,
            );
        }
    }

    fn forward_integers(
        &mut self,
        integers: &IntegerBody,
        parameters: &Parameters,
        body: &Transformer,
        passages: &Passages<'_>,
    ) {
        let words = &mut self.integers.words;
        parameters.add_up_integers(passages.words.iter().copied(), integers.row_unit, words);
        integers.forward(
            body,
            parameters.row_width,
            &passages.lengths,
            &mut self.integers,
            Kept {
                bag: &mut self.bag,
                transformer: &mut self.transformer,
            },
            &mut self.embeddings,
        );
    }

    /// Writes the gradient of a loss, given that by the embeddings, `[N, D]`; for `pull` see
    /// [`Saturation`].
    pub(crate) fn backward(
        &mut self,
        model: Model<'_>,
        passages: &Passages<'_>,
        part: Part,
        pull: f32,
        grad_embeddings: &Matrix,
    ) {
        let parameters = model.parameters;
        self.project_backward(parameters, grad_embeddings);
        let Some(body) = parameters.body.as_ref().filter(|_| part == Part::All) else {
            std::mem::swap(&mut self.gradient.sums, &mut self.grad_sums);
            return;
        };
        let gradient = &mut self.gradient;
        let grad_words = &mut gradient.sums;
        spread_texts(&self.grad_sums, &passages.lengths, grad_words);
        let grad_body = gradient.body.get_or_insert_with(|| body.clone());
        grad_body.clear();
        body.backward(
            &passages.lengths,
            Saturation::of(model.integers.map(|integers| &integers.units), pull),
            &mut self.transformer,
            grad_embeddings,
            grad_body,
            grad_words,
        );
    }

    /// The gradient by the projection, and in `grad_sums` that by the sums of texts.
    fn project_backward(&mut self, parameters: &Parameters, grad_embeddings: &Matrix) {
        let with_body = parameters.body.is_some();
        let projected = if with_body {
            &self.bag.values
        } else {
            &self.sums
        };
        let grad_projection = &mut self.gradient.projection;
        grad_projection.resize(grad_embeddings.columns(), parameters.row_width);
        grad_projection.values_mut().fill(0.0);
        multiply_add(
            grad_embeddings.view().t(),
            projected.view(),
            grad_projection,
        );
        if with_body {
            multiply(
                grad_embeddings.view(),
                parameters.projection(),
                &mut self.grad_projected,
            );
            self.grad_sums
                .resize(projected.rows(), parameters.row_width);
            self.grad_sums.values_mut().fill(0.0);
            self.bag.backward(&self.grad_projected, &mut self.grad_sums);
        } else {
            multiply(
                grad_embeddings.view(),
                parameters.projection(),
                &mut self.grad_sums,
            );
        }
    }
}

/// `sums[n]` is the sum of the rows of `words` that belong to text n.
fn add_texts(words: &Matrix, lengths: &[usize], sums: &mut Matrix) {
    sums.resize(lengths.len(), words.columns());
    sums.values_mut().fill(0.0);
    let mut start = 0;
    for (text, &length) in lengths.iter().enumerate() {
        let sum = sums.row_mut(text);
        for word in start..start + length {
            for (sum, value) in sum.iter_mut().zip(words.row(word)) {
                *sum += value;
            }
        }
        start += length;
    }
}

/// Copies the row of each text to all its words.
fn spread_texts(texts: &Matrix, lengths: &[usize], words: &mut Matrix) {
    words.resize(lengths.iter().sum(), texts.columns());
    let mut start = 0;
    for (text, &length) in lengths.iter().enumerate() {
        for word in start..start + length {
            words.row_mut(word).copy_from_slice(texts.row(text));
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};
    use crate::network::{Activation, Layer, Linear, Pooling};
    use crate::vocabulary::Token;

    const ROWS: usize = 4;
    const WIDTH: usize = 5;
    const OUT: usize = 6;

    fn texts() -> Vec<Vec<Token>> {
        let token = |row, share| Token { row, share };
        vec![
            vec![token(0, 1.0), token(2, 0.5), token(3, 0.5)],
            vec![token(1, 1.0)],
            vec![],
            vec![token(3, 0.5), token(0, 0.5), token(1, 1.0)],
        ]
    }

    fn parameters(with_body: bool) -> Parameters {
        let mut body = Transformer {
            input: Linear::zeros(WIDTH, 8),
            positions: None,
            layers: vec![Layer::zeros(8, 6, 2, Activation::Gelu)],
            pooling: Pooling::MeanMax,
            pooled: Linear::zeros(16, OUT),
        };
        for (seed, tensor) in (10..).zip(body.tensors_mut()) {
            tensor.copy_from_slice(noise(seed, 1, tensor.len()).values());
        }
        Parameters {
            row_width: WIDTH,
            rows: noise(1, ROWS, WIDTH).values().to_vec(),
            projection: noise(2, OUT, WIDTH).values().to_vec(),
            body: with_body.then_some(body),
        }
    }

    fn passages(texts: &[Vec<Token>]) -> Passages<'_> {
        let mut passages = Passages::default();
        texts.iter().for_each(|text| passages.push(text, 9));
        passages
    }

    fn gradients_by_rows(pass: &Pass, texts: &[Vec<Token>], by_word: bool) -> Vec<f32> {
        let passages = passages(texts);
        let mut gradient = vec![0.0; ROWS * WIDTH];
        let mut add = |tokens: &[Token], by_sum: &[f32]| {
            for token in tokens {
                let row = &mut gradient[token.row as usize * WIDTH..][..WIDTH];
                row.iter_mut()
                    .zip(by_sum)
                    .for_each(|(sum, value)| *sum += token.share * value);
            }
        };
        let sums = &pass.gradient.sums;
        if by_word {
            (passages.words.iter().enumerate()).for_each(|(at, word)| add(word, sums.row(at)));
        } else {
            (texts.iter().enumerate()).for_each(|(at, text)| add(text, sums.row(at)));
        }
        gradient
    }

    #[test]
    fn gradients_match_differences() {
        let texts = texts();
        let weights = noise(3, texts.len(), OUT);
        for (with_body, part) in [(false, Part::All), (true, Part::Bag), (true, Part::All)] {
            let parameters = parameters(with_body);
            let loss = |parameters: &Parameters| {
                let mut pass = Pass::default();
                pass.forward(parameters.into(), &passages(&texts), part);
                weighted_sum(&pass.embeddings, &weights)
            };
            let mut pass = Pass::default();
            pass.forward((&parameters).into(), &passages(&texts), part);
            pass.backward((&parameters).into(), &passages(&texts), part, 0.0, &weights);
            let by_rows = gradients_by_rows(&pass, &texts, with_body && part == Part::All);
            assert_gradient(&parameters.rows, &by_rows, |values| {
                let mut moved = parameters.clone();
                moved.rows.copy_from_slice(values);
                loss(&moved)
            });
            let by_projection = pass.gradient.projection.values();
            assert_gradient(&parameters.projection, by_projection, |values| {
                let mut moved = parameters.clone();
                moved.projection.copy_from_slice(values);
                loss(&moved)
            });
        }
    }

    #[test]
    fn a_pass_can_be_used_again() {
        let texts = texts();
        let parameters = parameters(true);
        let weights = noise(3, texts.len(), OUT);
        let (mut fresh, mut used) = (Pass::default(), Pass::default());
        let one = [texts[0].clone()];
        used.forward((&parameters).into(), &passages(&one), Part::All);
        used.backward(
            (&parameters).into(),
            &passages(&one),
            Part::All,
            0.0,
            &noise(4, 1, OUT),
        );
        for pass in [&mut fresh, &mut used] {
            pass.forward((&parameters).into(), &passages(&texts), Part::All);
            pass.backward(
                (&parameters).into(),
                &passages(&texts),
                Part::All,
                0.0,
                &weights,
            );
        }
        assert_eq!(fresh.embeddings, used.embeddings);
        assert_eq!(fresh.gradient.body, used.gradient.body);
        assert_eq!(fresh.gradient.sums, used.gradient.sums);
    }
}
