//! A matrix and an offset.

use crate::TeacherError;
use crate::tensors::Tensors;
use ndarray::{Array1, Array2};

/// `y = x W^T + b`.
pub(super) struct Linear {
    /// W `[outputs, inputs]`
    weight: Array2<f32>,
    /// b `[outputs]`
    bias: Array1<f32>,
}

impl Linear {
    pub(super) fn load(
        tensors: &Tensors<'_>,
        name: &str,
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, TeacherError> {
        Ok(Self {
            weight: tensors.matrix(&format!("{name}.weight"), [outputs, inputs])?,
            bias: tensors.vector(&format!("{name}.bias"), outputs)?,
        })
    }

    /// `[T, inputs]` to `[T, outputs]`.
    pub(super) fn forward(&self, input: &Array2<f32>) -> Array2<f32> {
        input.dot(&self.weight.t()) + &self.bias
    }
}
