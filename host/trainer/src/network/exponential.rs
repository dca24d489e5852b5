//! `exp` in plain multiplications and additions, so that loops over it become vector code.

const ROUND: f32 = 12_582_912.0;
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `e^x` with a relative error below 3e-7 for x in -87..=88; x outside is clamped to that range.
///
/// The result is the same on every machine: no library call, no fused operation.
#[inline(always)]
pub(crate) fn exponential(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let rest = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    // Taylor coefficients adjusted for |rest| <= ln(2)/2 (Cephes `expf`).
    let mut series = 1.987_569_1e-4;
    series = series * rest + 1.398_199_9e-3;
    series = series * rest + 8.333_452e-3;
    series = series * rest + 4.166_579_6e-2;
    series = series * rest + 1.666_666_5e-1;
    series = series * rest + 0.5;
    let mantissa = series * (rest * rest) + rest + 1.0;
    let exponent = shifted
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    f32::from_bits(exponent) * mantissa
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_stays_below_the_documented_bound() {
        for step in -86_999..=87_999 {
            let x = step as f32 * 1e-3;
            let exact = f64::from(x).exp();
            let error = (f64::from(exponential(x)) - exact).abs() / exact;
            assert!(error < 3e-7, "exp({x}): relative error {error}");
        }
        assert_eq!(exponential(0.0), 1.0);
        assert!(exponential(-1e9) > 0.0 && exponential(1e9).is_finite());
    }
}
