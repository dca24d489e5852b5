//! From sums of rows to embeddings of unit length.

use super::Parameters;
use crate::vocabulary::Token;
use ndarray::{Array1, Array2, Axis};

/// Embeddings of some texts and what the way back needs.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    /// `[T, R]`: sums of rows.
    pub(crate) sums: Array2<f32>,
    /// `[T, D]`: unit length, zeros for a text without tokens.
    pub(crate) units: Array2<f32>,
    /// `[T]`: lengths before scaling.
    pub(crate) lengths: Array1<f32>,
}

/// Lengths below this count as zero.
const SHORTEST: f32 = 1e-20;

/// Encodes texts: `unit(P x)`, x the sum of their rows.
pub(crate) fn embed<'t>(
    parameters: &Parameters,
    texts: impl ExactSizeIterator<Item = &'t [Token]>,
) -> Embedded {
    let sums = parameters.sums(texts);
    let mut units = sums.dot(&parameters.projection().t());
    let lengths = units.map_axis(Axis(1), |vector| vector.dot(&vector).sqrt());
    for (mut unit, &length) in units.rows_mut().into_iter().zip(&lengths) {
        unit *= if length > SHORTEST { 1.0 / length } else { 0.0 };
    }
    Embedded {
        sums,
        units,
        lengths,
    }
}
