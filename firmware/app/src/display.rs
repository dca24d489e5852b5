//! Numbers for a person's eye. Nothing here feeds a stored or compared value.

use micromath::F32;

/// Largest difference between [`angle_degrees`] and the true angle, in degrees.
pub const ANGLE_ERROR_DEGREES: f32 = 0.17;

/// The angle between two vectors of the given cosine, in degrees, 0.0..=180.0.
///
/// The error is at most [`ANGLE_ERROR_DEGREES`], which is that of `micromath`'s arc tangent. A cosine outside
/// -1.0..=1.0 counts as the nearer end; NaN gives NaN.
pub fn angle_degrees(cosine: f32) -> f32 {
    let cosine = cosine.clamp(-1.0, 1.0);
    let sine = square_root((1.0 - cosine) * (1.0 + cosine));
    F32(sine).atan2(F32(cosine)).0.to_degrees()
}

/// `micromath`'s square root is off by up to 6 %; two Newton steps bring that under 3 parts in a million.
fn square_root(value: f32) -> f32 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = F32(value).sqrt().0;
    for _ in 0..2 {
        root = 0.5 * (root + value / root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::{ANGLE_ERROR_DEGREES, angle_degrees};

    #[test]
    fn angle_error_stays_within_its_bound_and_uses_it() {
        let mut worst = 0.0_f64;
        for step in -32_767_i16..=32_767 {
            let cosine = f32::from(step) / 32_767.0;
            let angle = f64::from(angle_degrees(cosine));
            let difference = (angle - f64::from(cosine).acos().to_degrees()).abs();
            worst = worst.max(difference);
        }
        assert!(
            worst <= f64::from(ANGLE_ERROR_DEGREES),
            "worst error {worst}"
        );
        assert!(
            worst >= 0.9 * f64::from(ANGLE_ERROR_DEGREES),
            "the bound is loose: {worst}"
        );
    }

    #[test]
    fn cosines_beyond_the_ends_count_as_the_ends() {
        assert_eq!(angle_degrees(1.5), 0.0);
        assert_eq!(angle_degrees(-1.5), 180.0);
        assert!(angle_degrees(f32::NAN).is_nan());
    }
}
