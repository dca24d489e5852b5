//! Vectors as a trainer stores them: projected to few components, a signed byte each.
//!
//! `z = v B` with a basis B `[D, P]`; component p is stored as `round(z_p / scale_p)`, ties to even, clamped to
//! +-127. Where `scale_p` is the largest `|z_p|` over all texts divided by 127, a stored component is off by at
//! most half a scale.

use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Stored vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// `[N, P]`
    pub bytes: Array2<i8>,
    /// `[P]`
    pub scale: Array1<f32>,
}

impl Stored {
    /// Rounds projected vectors `[N, P]`, each component by the scale that its largest value needs.
    #[must_use]
    pub fn of(projected: ArrayView2<'_, f32>) -> Self {
        let scale = projected.map_axis(Axis(0), |column| {
            let largest = column.fold(0.0f32, |largest, value| largest.max(value.abs()));
            largest / 127.0
        });
        // A component that is zero everywhere has scale 0; its bytes are zeros then.
        let divisors = scale.mapv(|scale| scale.max(f32::MIN_POSITIVE));
        let bytes = (&projected / &divisors)
            .mapv(|value| value.round_ties_even().clamp(-127.0, 127.0) as i8);
        Self { bytes, scale }
    }
}

#[cfg(test)]
mod tests {
    use super::Stored;
    use ndarray::array;

    #[test]
    fn components_are_rounded_by_their_own_scales() {
        let projected = array![[1.27, 0.0, -0.02], [-0.635, 0.0, 0.005]];
        let stored = Stored::of(projected.view());
        assert_eq!(stored.bytes, array![[127, 0, -127], [-64, 0, 32]]);
        let back = stored.bytes.mapv(f32::from) * &stored.scale;
        for ((value, back), scale) in projected.iter().zip(&back).zip(stored.scale.iter().cycle()) {
            assert!((value - back).abs() <= 0.5 * scale + 1e-7);
        }
    }
}
