//! From gradients of embeddings to gradients of sums and projection.

use super::Parameters;
use super::forward::Embedded;
use ndarray::Array2;

/// `[T, D]`: the gradient of `P x` from that of `unit(P x)`: `(g - u (u . g)) / length`.
pub(crate) fn unit_gradient(embedded: &Embedded, mut gradient: Array2<f32>) -> Array2<f32> {
    let texts = gradient.rows_mut().into_iter();
    for ((mut row, unit), &length) in texts.zip(embedded.units.rows()).zip(&embedded.lengths) {
        let along = row.dot(&unit);
        row.scaled_add(-along, &unit);
        row *= if along.is_finite() && length > 1e-20 {
            1.0 / length
        } else {
            0.0
        };
    }
    gradient
}

/// `[D, R]`: the gradient of the projection from that of `P x` `[T, D]`.
pub(crate) fn projection_gradient(embedded: &Embedded, gradient: &Array2<f32>) -> Array2<f32> {
    gradient.t().dot(&embedded.sums)
}

/// `[T, R]`: the gradient of each sum of rows from that of `P x` `[T, D]`.
pub(crate) fn sum_gradient(parameters: &Parameters, gradient: &Array2<f32>) -> Array2<f32> {
    gradient.dot(&parameters.projection())
}

#[cfg(test)]
mod tests {
    use super::super::embed;
    use super::*;
    use crate::loss::gradient_check;
    use crate::vocabulary::Token;

    const TEXTS: usize = 3;
    const ROWS: usize = 4;
    const WIDTH: usize = 5;
    const OUT: usize = 6;

    fn texts() -> [Vec<Token>; TEXTS] {
        let token = |row, share| Token { row, share };
        [
            vec![token(0, 1.0), token(2, 0.5), token(2, 0.5)],
            vec![token(1, 1.0)],
            vec![token(3, 0.25), token(0, 1.0)],
        ]
    }

    fn parameters(rows: &Array2<f32>, projection: &Array2<f32>) -> Parameters {
        Parameters {
            row_width: WIDTH,
            rows: rows.iter().copied().collect(),
            projection: projection.iter().copied().collect(),
        }
    }

    /// `sum(unit(P x) * target)` with its gradients for rows and projection.
    fn loss(parameters: &Parameters, target: &Array2<f32>) -> (f32, Array2<f32>, Array2<f32>) {
        let texts = texts();
        let embedded = embed(parameters, texts.iter().map(Vec::as_slice));
        let gradient = unit_gradient(&embedded, target.clone());
        let sums = sum_gradient(parameters, &gradient);
        let mut rows = Array2::zeros((ROWS, WIDTH));
        for (tokens, gradient) in texts.iter().zip(sums.rows()) {
            for token in tokens {
                rows.row_mut(token.row as usize)
                    .scaled_add(token.share, &gradient);
            }
        }
        let loss = (&embedded.units * target).sum();
        (loss, rows, projection_gradient(&embedded, &gradient))
    }

    #[test]
    fn gradients_of_rows_and_projection_agree_with_differences() {
        let rows = gradient_check::matrix(ROWS, WIDTH, 21);
        let projection = gradient_check::matrix(OUT, WIDTH, 22);
        let target = gradient_check::matrix(TEXTS, OUT, 23);
        gradient_check::check(&rows, |rows, gradient| {
            let (loss, of_rows, _) = loss(&parameters(rows, &projection), &target);
            *gradient += &of_rows;
            loss
        });
        gradient_check::check(&projection, |projection, gradient| {
            let (loss, _, of_projection) = loss(&parameters(&rows, projection), &target);
            *gradient += &of_projection;
            loss
        });
    }

    #[test]
    fn a_text_without_tokens_moves_nothing() {
        let rows = gradient_check::matrix(ROWS, WIDTH, 21);
        let projection = gradient_check::matrix(OUT, WIDTH, 22);
        let parameters = parameters(&rows, &projection);
        let embedded = embed(&parameters, [&[][..]].into_iter());
        let gradient = unit_gradient(&embedded, Array2::ones((1, OUT)));
        assert!(gradient.iter().all(|value| *value == 0.0));
    }
}
