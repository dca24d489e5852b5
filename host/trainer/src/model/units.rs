//! Embeddings of unit length.

use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Lengths below this count as zero.
const SHORTEST: f32 = 1e-20;

/// Rows scaled to length one, with what the way back needs.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    /// `[N, D]`: unit length; zeros for a row of zeros.
    pub(crate) values: Array2<f32>,
    /// `[N]`: 1 / length before scaling; 0 for a row of zeros.
    inverse_lengths: Array1<f32>,
}

impl Units {
    /// Scales the rows of `embeddings` `[N, D]`.
    pub(crate) fn of(embeddings: ArrayView2<'_, f32>) -> Self {
        let mut values = embeddings.to_owned();
        let inverse_lengths = values.map_axis(Axis(1), |vector| {
            let length = vector.dot(&vector).sqrt();
            if length > SHORTEST { 1.0 / length } else { 0.0 }
        });
        for (mut row, &inverse) in values.rows_mut().into_iter().zip(&inverse_lengths) {
            row *= inverse;
        }
        Self {
            values,
            inverse_lengths,
        }
    }

    /// Turns the gradient by the units into that by the embeddings: `(g - u (u . g)) / length`.
    pub(crate) fn backward(&self, gradient: &mut Array2<f32>) {
        let rows = gradient.rows_mut().into_iter().zip(self.values.rows());
        for ((mut row, unit), &inverse) in rows.zip(&self.inverse_lengths) {
            let along = row.dot(&unit);
            row.scaled_add(-along, &unit);
            row *= inverse;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn gradient_agrees_with_differences() {
        let target = gradient_check::matrix(3, 6, 23);
        let embeddings = gradient_check::matrix(3, 6, 21);
        gradient_check::check(&embeddings, |embeddings, gradient| {
            let units = Units::of(embeddings.view());
            let mut added = target.clone();
            units.backward(&mut added);
            *gradient += &added;
            (&units.values * &target).sum()
        });
    }

    #[test]
    fn zeros_stay_and_move_nothing() {
        let units = Units::of(Array2::zeros((1, 6)).view());
        let mut gradient = Array2::ones((1, 6));
        units.backward(&mut gradient);
        assert!(
            units
                .values
                .iter()
                .chain(&gradient)
                .all(|value| *value == 0.0)
        );
    }
}
