//! Eigenvectors of a symmetric matrix by Jacobi rotations.

use ndarray::{Array1, Array2};

/// Eigenvalues, largest first, and eigenvectors as columns of `[n, n]`, each with its largest
/// component positive.
///
/// Cyclic Jacobi method: Golub, Van Loan, "Matrix Computations", section 8.5.
pub(super) fn eigen(mut matrix: Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    const SWEEPS: usize = 60;
    let size = matrix.nrows();
    let mut vectors = Array2::eye(size);
    let scale = matrix.iter().map(|value| value * value).sum::<f64>();
    for _ in 0..SWEEPS {
        let mut outside = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                outside += matrix[[p, q]] * matrix[[p, q]];
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
        if outside <= 1e-26 * scale {
            break;
        }
    }
    sorted(&matrix, &vectors)
}

fn rotate(matrix: &mut Array2<f64>, vectors: &mut Array2<f64>, p: usize, q: usize) {
    let off = matrix[[p, q]];
    if off == 0.0 {
        return;
    }
    let theta = (matrix[[q, q]] - matrix[[p, p]]) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for k in 0..matrix.nrows() {
        let (a, b) = (matrix[[k, p]], matrix[[k, q]]);
        matrix[[k, p]] = cosine * a - sine * b;
        matrix[[k, q]] = sine * a + cosine * b;
    }
    for k in 0..matrix.nrows() {
        let (a, b) = (matrix[[p, k]], matrix[[q, k]]);
        matrix[[p, k]] = cosine * a - sine * b;
        matrix[[q, k]] = sine * a + cosine * b;
        let (a, b) = (vectors[[k, p]], vectors[[k, q]]);
        vectors[[k, p]] = cosine * a - sine * b;
        vectors[[k, q]] = sine * a + cosine * b;
    }
}

fn sorted(matrix: &Array2<f64>, vectors: &Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    let size = matrix.nrows();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| matrix[[b, b]].total_cmp(&matrix[[a, a]]));
    let values = order.iter().map(|&index| matrix[[index, index]]).collect();
    let mut columns = Array2::zeros((size, size));
    for (to, &from) in order.iter().enumerate() {
        let column = vectors.column(from);
        let largest = column
            .iter()
            .copied()
            .fold(0.0f64, |a, b| if b.abs() > a.abs() { b } else { a });
        columns.column_mut(to).assign(&(&column * largest.signum()));
    }
    (values, columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn decomposes_a_symmetric_matrix() {
        let square = gradient_check::matrix(20, 12, 11).mapv(f64::from);
        let symmetric = square.t().dot(&square);
        let (values, vectors) = eigen(symmetric.clone());
        let rebuilt = vectors.dot(&Array2::from_diag(&values)).dot(&vectors.t());
        assert!(
            (&rebuilt - &symmetric)
                .iter()
                .all(|error| error.abs() < 1e-9)
        );
        assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]));
        let identity = vectors.t().dot(&vectors) - Array2::<f64>::eye(12);
        assert!(identity.iter().all(|error| error.abs() < 1e-12));
    }
}
