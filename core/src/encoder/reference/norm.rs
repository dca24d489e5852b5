//! Layer normalisation in floats.

use super::arithmetic::Arithmetic;
use super::linear::dot;

/// Replaces numbers by `unit (x_i - mean) / sqrt(variance + epsilon)`; zeros if all are equal.
pub(super) fn norm(arithmetic: Arithmetic, unit: f32, values: &mut [f32]) {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    values.iter_mut().for_each(|value| *value -= mean);
    let variance = dot(values, values) / count + arithmetic.epsilon();
    let factor = match variance > 0.0 {
        true => unit / libm::sqrtf(variance),
        false => 0.0,
    };
    values.iter_mut().for_each(|value| *value *= factor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_deviations() {
        let normalised = |arithmetic, unit, mut values: [f32; 4]| {
            norm(arithmetic, unit, &mut values);
            values
        };
        let steps = normalised(Arithmetic::Integers, 16.0, [1.0, 3.0, 1.0, 3.0]);
        assert_eq!(steps, [-16.0, 16.0, -16.0, 16.0]);
        assert_eq!(normalised(Arithmetic::Integers, 1.0, [3.0; 4]), [0.0; 4]);
        let small = normalised(Arithmetic::Floats, 1.0, [0.0, 0.0, 0.002, 0.002]);
        let exact = 0.001 / libm::sqrt(1e-6 + 1e-5);
        assert!((f64::from(small[3]) - exact).abs() < 1e-6);
    }
}
