//! Activations between the two matrices of a feed-forward part.

/// `max(0, x)`, in any unit.
#[inline]
pub const fn relu(value: i8) -> i8 {
    if value < 0 { 0 } else { value }
}

/// Steps of one in the input and output of [`gelu`].
pub const GELU_UNIT: i32 = 16;

/// `x (1 + erf(x / sqrt 2)) / 2` (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016) in
/// steps of 1/16 on both sides, to the nearest step, halves up.
#[inline]
pub fn gelu(value: i8) -> i8 {
    GELU[usize::from(value as u8)]
}

/// By the bits of the input.
#[rustfmt::skip]
static GELU: [i8; 256] = [
    0, 1, 1, 2, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 24,
    25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71,
    72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94,
    95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113,
    114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -2, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -3, -3, -3, -3, -2, -2,
    -2, -2, -2, -1, -1, 0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_function() {
        for value in -127..=127i8 {
            let x = f64::from(value) / 16.0;
            let exact = 16.0 * x * 0.5 * (1.0 + libm::erf(x / core::f64::consts::SQRT_2));
            assert!(
                (f64::from(gelu(value)) - exact).abs() <= 0.5 + 1e-9,
                "{value}"
            );
        }
        assert_eq!((relu(-5), relu(0), relu(9)), (0, 0, 9));
    }
}
