//! Layer norm (<https://arxiv.org/abs/1607.06450>).

use crate::TeacherError;
use crate::config::BertConfig;
use crate::tensors::Tensors;
use ndarray::{Array1, Array2};

/// `y_i = gain_i (x_i - mean) / sqrt(variance + eps) + offset_i` over each row; mean and variance (of the whole
/// row, not of a sample) are summed in double precision.
pub(super) struct LayerNorm {
    gain: Array1<f32>,
    offset: Array1<f32>,
    eps: f64,
}

impl LayerNorm {
    pub(super) fn load(
        tensors: &Tensors<'_>,
        name: &str,
        config: &BertConfig,
    ) -> Result<Self, TeacherError> {
        Ok(Self {
            gain: tensors.vector(&format!("{name}.weight"), config.hidden_size)?,
            offset: tensors.vector(&format!("{name}.bias"), config.hidden_size)?,
            eps: f64::from(config.layer_norm_eps),
        })
    }

    /// Norms each row of `[T, H]`.
    pub(super) fn apply(&self, rows: &mut Array2<f32>) {
        let width = self.gain.len() as f64;
        for mut row in rows.rows_mut() {
            let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / width;
            let squares = row.iter().map(|&x| (f64::from(x) - mean).powi(2));
            let scale = (squares.sum::<f64>() / width + self.eps).sqrt().recip();
            for ((x, gain), offset) in row.iter_mut().zip(&self.gain).zip(&self.offset) {
                *x = ((f64::from(*x) - mean) * scale) as f32 * gain + offset;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LayerNorm;
    use ndarray::array;

    #[test]
    fn rows_are_normed_apart_with_gain_and_offset() {
        let norm = LayerNorm {
            gain: array![1.0, 2.0, 1.0, 1.0],
            offset: array![0.0, 0.0, 0.5, 0.0],
            eps: 0.75,
        };
        // Variance 1.25 and eps 0.75: the square root of 2 divides.
        let mut rows = array![[1.0, 2.0, 3.0, 4.0], [7.0, 7.0, 7.0, 7.0]];
        norm.apply(&mut rows);
        let root = std::f32::consts::SQRT_2;
        let expected = array![
            [-1.5 / root, -1.0 / root, 0.5 / root + 0.5, 1.5 / root],
            [0.0, 0.0, 0.5, 0.0]
        ];
        assert!(
            (rows - expected)
                .iter()
                .all(|difference| difference.abs() < 1e-6)
        );
    }
}
