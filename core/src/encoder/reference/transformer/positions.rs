//! A vector for each place in a window.

use crate::encoder::image::{Image, ImageError};
use crate::encoder::ops::MULTIPLIER_BITS;
use crate::encoder::reference::arithmetic::Arithmetic;
use crate::encoder::tensor::{Tensor, TensorFormat, TensorName};
use crate::encoder::weights::find;

/// A vector for each place in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Positions<'m> {
    /// `[T, D]`
    values: Tensor<'m>,
    /// `[T]`, where they are integers.
    multipliers: Option<Tensor<'m>>,
}

impl<'m> Positions<'m> {
    pub(super) fn find(
        image: &Image<'m>,
        arithmetic: Arithmetic,
        width: usize,
    ) -> Result<Self, ImageError> {
        let window = image.config().window();
        let values = |format| find(image, (TensorName::Positions, 0), format, [window, width]);
        let multipliers = (TensorName::PositionMultipliers, 0);
        Ok(match arithmetic {
            Arithmetic::Floats => Self {
                values: values(TensorFormat::F32)?,
                multipliers: None,
            },
            Arithmetic::Integers => Self {
                values: values(TensorFormat::I8)?,
                multipliers: Some(find(image, multipliers, TensorFormat::U32, [window, 1])?),
            },
        })
    }

    /// Adds the vector of place `place` to `token` `[D]`.
    pub(super) fn add(&self, place: usize, token: &mut [f32]) {
        let first = place * token.len();
        for (feature, value) in token.iter_mut().enumerate() {
            *value += match self.multipliers {
                None => self.values.f32_at(first + feature),
                Some(multipliers) => {
                    let unit = multipliers.u32_at(place) as f32 / (1 << MULTIPLIER_BITS) as f32;
                    unit * f32::from(self.values.bytes[first + feature] as i8)
                }
            };
        }
    }
}
