//! The Gaussian error linear unit, exact form (<https://arxiv.org/abs/1606.08415>).

/// `x (1 + erf(x / sqrt 2)) / 2`; the error against double precision is below 3e-7 (1 + |x|).
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function within 5e-7: a rational function of odd degree 13 over even degree 8 on [-4, 4], where it
/// is 1 to single precision at the ends. Without branches or tables, so that compilers can vectorise it.
/// The coefficients are those of Eigen's `generic_fast_erf_float`.
#[inline(always)]
fn erf(x: f32) -> f32 {
    const ODD: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024_1e-6,
        -5.692_506_4e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const EVEN: [f32; 5] = [
        -1.456_607_2e-5,
        -2.133_740_6e-4,
        -1.682_827e-3,
        -7.373_329_2e-3,
        -1.426_473_9e-2,
    ];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    let numerator = ODD.iter().fold(0.0, |sum, &term| sum * square + term);
    let denominator = EVEN.iter().fold(0.0, |sum, &term| sum * square + term);
    x * numerator / denominator
}

#[cfg(test)]
mod tests {
    use super::{erf, gelu};

    #[test]
    fn errors_stay_within_what_is_stated() {
        for step in -80_000..=80_000 {
            let x = step as f32 / 10_000.0;
            let exact = libm::erf(f64::from(x));
            assert!((f64::from(erf(x)) - exact).abs() < 5e-7, "erf {x}");
            let wide = f64::from(x);
            let exact = 0.5 * wide * (1.0 + libm::erf(wide / std::f64::consts::SQRT_2));
            let error = (f64::from(gelu(x)) - exact).abs();
            assert!(error < 3e-7 * (1.0 + wide.abs()), "gelu {x}: {error:e}");
        }
        assert_eq!(gelu(0.0), 0.0);
        assert!((gelu(30.0) - 30.0).abs() < 1e-5 && gelu(-30.0).abs() < 1e-5);
    }
}
