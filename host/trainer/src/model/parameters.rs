//! What is trained.

use crate::integer::IntegerBody;
use crate::network::{Matrix, Tensors, Transformer, view};
use crate::vocabulary::Token;
use memt_core::encoder::ops;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Rows, projection and body in floats.
///
/// A bag embeds a text as `P x`, x the sum of its rows. With a transformer the embedding is
/// `P norm(x)` and the transformer's output on top of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameters {
    /// R: numbers a row.
    pub(crate) row_width: usize,
    /// `[W + G, R]`, flat.
    pub(crate) rows: Vec<f32>,
    /// P: `[D, R]`, flat.
    pub(crate) projection: Vec<f32>,
    /// What reads the words in their order; none for a bag.
    pub(crate) body: Option<Transformer>,
}

/// What a forward pass sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model<'m> {
    /// Trained floats, or the numbers that integers stand for.
    pub(crate) parameters: &'m Parameters,
    /// The integers of projection and body where the pass computes with them.
    pub(crate) integers: Option<&'m IntegerBody>,
}

impl<'m> From<&'m Parameters> for Model<'m> {
    /// Computes in floats.
    fn from(parameters: &'m Parameters) -> Self {
        Self {
            parameters,
            integers: None,
        }
    }
}

impl Tensors for Parameters {
    fn tensors(&self) -> Vec<&[f32]> {
        let body = self.body.iter().flat_map(Tensors::tensors);
        [&self.rows[..], &self.projection[..]]
            .into_iter()
            .chain(body)
            .collect()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let body = self.body.iter_mut().flat_map(Tensors::tensors_mut);
        [&mut self.rows[..], &mut self.projection[..]]
            .into_iter()
            .chain(body)
            .collect()
    }
}

impl Parameters {
    /// Adds the parameters of a model of the same sizes.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, values) in self.tensors_mut().into_iter().zip(other.tensors()) {
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += value;
            }
        }
    }

    /// Multiplies every number.
    pub(crate) fn scale(&mut self, factor: f32) {
        for value in self.tensors_mut().into_iter().flatten() {
            *value *= factor;
        }
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.rows[row * self.row_width..(row + 1) * self.row_width]
    }

    /// `[D, R]`
    pub(crate) fn projection(&self) -> ArrayView2<'_, f32> {
        let columns = self.row_width;
        view(self.projection.len() / columns, columns, &self.projection)
    }

    /// Writes the sums of rows of some words or texts, `[N, R]`.
    pub(crate) fn add_up<'t>(
        &self,
        texts: impl ExactSizeIterator<Item = &'t [Token]>,
        sums: &mut Matrix,
    ) {
        sums.resize(texts.len(), self.row_width);
        sums.values_mut().fill(0.0);
        for (index, tokens) in texts.enumerate() {
            let sum = sums.row_mut(index);
            for token in tokens {
                for (sum, value) in sum.iter_mut().zip(self.row(token.row as usize)) {
                    *sum += token.share * value;
                }
            }
        }
    }

    /// Writes the sums of rows of some words as core makes them, `[T, R]`: rows are whole numbers of
    /// `unit`, and the mean over the n-grams of a word is rounded.
    pub(crate) fn add_up_integers<'t>(
        &self,
        words: impl Iterator<Item = &'t [Token]>,
        unit: f32,
        sums: &mut Vec<i32>,
    ) {
        sums.clear();
        let inverse = 1.0 / unit;
        for word in words {
            let start = sums.len();
            sums.resize(start + self.row_width, 0);
            let sum = &mut sums[start..];
            for token in word {
                for (sum, value) in sum.iter_mut().zip(self.row(token.row as usize)) {
                    // Off by less than a tenth before rounding: at most 2^19 steps, each of the two
                    // products exact to 2^-24 of it.
                    *sum += (inverse * value).round() as i32;
                }
            }
            for sum in sum {
                *sum = ops::mean(*sum, word.len() as u32);
            }
        }
    }

    /// `[N, R]`: the sums of rows of some texts.
    pub(crate) fn sums<'t>(
        &self,
        texts: impl ExactSizeIterator<Item = &'t [Token]>,
    ) -> Array2<f32> {
        let mut sums = Matrix::default();
        self.add_up(texts, &mut sums);
        sums.view().to_owned()
    }
}
