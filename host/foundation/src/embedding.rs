//! Rows of a table for a list of tokens.

use crate::matrix::Matrix;

/// Copies row `tokens[t]` of `table` `[V, E]` to row t of `output` `[T, E]`.
///
/// # Panics
/// If a token is not below V.
pub fn gather(table: &Matrix, tokens: &[u32], output: &mut Matrix) {
    let features = table.columns();
    output.resize(tokens.len(), features);
    let rows = output.values_mut().chunks_exact_mut(features);
    for (row, &token) in rows.zip(tokens) {
        row.copy_from_slice(table.row(token as usize));
    }
}

/// One use of a table row: position `position` of part `part` of a batch. Sorted, all uses of a
/// row are neighbours, in the order of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    pub(crate) row: u32,
    part: u32,
    position: u32,
}

/// Gradient of a table as it falls out of the backward passes: one row for each token.
#[derive(Debug, Clone, Copy)]
pub struct TokenGradients<'a> {
    /// Which table row each token read, `[T]`.
    pub tokens: &'a [u32],
    /// Gradient by each token's row, `[T, E]`.
    pub values: &'a Matrix,
}

/// Lists the uses of every row in `parts`, sorted by row.
pub(crate) fn sorted_uses(parts: &[TokenGradients<'_>], uses: &mut Vec<Use>) {
    uses.clear();
    for (part, gradients) in (0..).zip(parts) {
        let tokens = (0..).zip(gradients.tokens);
        uses.extend(tokens.map(|(position, &row)| Use {
            row,
            part,
            position,
        }));
    }
    uses.sort_unstable();
}

/// Sums the gradients of `uses`, all of one row, into `sum` `[E]`.
pub(crate) fn sum_uses(parts: &[TokenGradients<'_>], uses: &[Use], sum: &mut [f32]) {
    sum.fill(0.0);
    for place in uses {
        let row = parts[place.part as usize]
            .values
            .row(place.position as usize);
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_copies_rows_in_order() {
        let table = Matrix::from_values(3, 2, vec![0.0, 1.0, 10.0, 11.0, 20.0, 21.0]);
        let mut output = Matrix::default();
        gather(&table, &[2, 0, 2], &mut output);
        assert_eq!(output.values(), [20.0, 21.0, 0.0, 1.0, 20.0, 21.0]);
    }

    #[test]
    fn a_row_used_twice_gets_both_gradients() {
        let (first, second) = (
            Matrix::from_values(2, 1, vec![1.0, 2.0]),
            Matrix::from_values(1, 1, vec![4.0]),
        );
        let parts = [
            TokenGradients {
                tokens: &[7, 3],
                values: &first,
            },
            TokenGradients {
                tokens: &[7],
                values: &second,
            },
        ];
        let mut uses = Vec::new();
        sorted_uses(&parts, &mut uses);
        let rows: Vec<u32> = uses.iter().map(|place| place.row).collect();
        assert_eq!(rows, [3, 7, 7]);
        let mut sum = [9.0];
        sum_uses(&parts, &uses[1..], &mut sum);
        assert_eq!(sum, [5.0]);
    }
}
