//! Embeddings: 128 bytes whose angle is their meaning.

use serde::{Deserialize, Serialize};

/// D: numbers in an embedding.
pub const DIMENSIONS: usize = 128;

/// The largest component of an embedding that is not all zeros.
pub const LARGEST: i8 = 127;

/// A text as 128 numbers; only the direction counts.
///
/// `Embedding::of_sums` gives every non-zero embedding a component of -127 or 127. A text without
/// tokens embeds to [`Embedding::ZERO`].
// Aligned, so that it is copied and multiplied by words.
#[repr(align(4))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedding(pub [i8; DIMENSIONS]);

impl Embedding {
    /// The embedding of a text without tokens.
    pub const ZERO: Self = Self([0; DIMENSIONS]);

    /// `round_half_even(127 x / max|x|)`, all zeros for all zeros.
    ///
    /// Sums whose largest magnitude needs more than 23 bits are first divided by the smallest
    /// sufficient power of two, rounding half up; this moves a component by less than 2^-15.
    pub fn of_sums(sums: &[i32; DIMENSIONS]) -> Self {
        let largest = sums.iter().map(|sum| sum.unsigned_abs()).max().unwrap_or(0);
        let shift = (u32::BITS - largest.leading_zeros()).saturating_sub(23);
        let largest = shift_right_rounding(largest as i64, shift).unsigned_abs() as u32;
        let mut embedding = Self::ZERO;
        if largest == 0 {
            return embedding;
        }
        for (component, &sum) in embedding.0.iter_mut().zip(sums) {
            let sum = shift_right_rounding(i64::from(sum), shift) as i32;
            let magnitude = divide_half_even(sum.unsigned_abs() * 127, largest) as i32;
            *component = (if sum < 0 { -magnitude } else { magnitude }) as i8;
        }
        embedding
    }

    /// As [`Embedding::of_sums`] for numbers of any scale; not finite components count as zero.
    pub fn of_floats(values: &[f32; DIMENSIONS]) -> Self {
        let largest = values
            .iter()
            .map(|value| libm::fabsf(*value))
            .filter(|value| value.is_finite())
            .fold(0.0, f32::max);
        let mut embedding = Self::ZERO;
        if largest == 0.0 {
            return embedding;
        }
        for (component, &value) in embedding.0.iter_mut().zip(values) {
            if value.is_finite() {
                *component = libm::rintf(value / largest * 127.0) as i8;
            }
        }
        embedding
    }

    /// The components, each an `i8` as a byte.
    pub fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }

    /// The embedding of these bytes; `None` if they are not [`DIMENSIONS`].
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let components: &[i8] = bytemuck::cast_slice(bytes);
        components.try_into().ok().map(Self)
    }

    /// Becomes the embedding of these bytes; `None` if they are not [`DIMENSIONS`].
    pub fn copy_from_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let components: &[i8] = bytemuck::cast_slice(bytes);
        let components: &[i8; DIMENSIONS] = components.try_into().ok()?;
        self.0.copy_from_slice(components);
        Some(())
    }

    /// The sum of the squares, at most 128 x 127^2 < 2^21 for quantised embeddings.
    pub fn squared_norm(&self) -> u32 {
        self.dot(self) as u32
    }

    /// The inner product.
    #[inline]
    pub fn dot(&self, other: &Self) -> i32 {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| i32::from(*a) * i32::from(*b))
            .sum()
    }
}

/// The cosine of two embeddings, 14 bits after the binary point, -1 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cosine(i16);

impl Cosine {
    /// The same direction.
    pub const ONE: Self = Self(1 << Self::FRACTION_BITS);

    /// Bits after the binary point.
    pub const FRACTION_BITS: u32 = 14;

    /// `dot / sqrt(n1 n2)`, to the nearest 2^-14, within 2^-13 of the exact quotient; 0 when a norm
    /// is 0.
    pub fn of(dot: i32, squared_norm: Root, other: Root) -> Self {
        let scale = u64::from(squared_norm.0) * u64::from(other.0);
        if scale == 0 {
            return Self(0);
        }
        let shift = Self::FRACTION_BITS + 2 * Root::FRACTION_BITS;
        let numerator = u64::from(dot.unsigned_abs()) << shift;
        let magnitude = ((numerator + scale / 2) / scale).min(1 << Self::FRACTION_BITS) as i16;
        Self(if dot < 0 { -magnitude } else { magnitude })
    }

    /// `bits / 2^14`.
    pub(crate) const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// The number times 2^14.
    pub const fn to_bits(self) -> i16 {
        self.0
    }

    /// The number, exact.
    pub fn to_f32(self) -> f32 {
        f32::from(self.0) * (1.0 / 16384.0)
    }
}

/// The norm of an embedding with 5 bits after the binary point, rounded down: what a query computes
/// once and each slot from its squared norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root(u32);

impl Root {
    /// Bits after the binary point.
    pub const FRACTION_BITS: u32 = 5;

    /// The square root of a squared norm below 2^22.
    #[inline]
    pub const fn of(squared_norm: u32) -> Self {
        Self((squared_norm << (2 * Self::FRACTION_BITS)).isqrt())
    }

    /// The norm, exact.
    pub fn to_f32(self) -> f32 {
        self.0 as f32 / (1 << Self::FRACTION_BITS) as f32
    }

    /// The norm times 2^5.
    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }
}

/// `value / 2^shift` to the nearest integer, half up.
#[inline]
pub(crate) const fn shift_right_rounding(value: i64, shift: u32) -> i64 {
    if shift == 0 {
        return value;
    }
    (value + (1 << (shift - 1))) >> shift
}

#[inline]
fn divide_half_even(numerator: u32, denominator: u32) -> u32 {
    let quotient = numerator / denominator;
    let twice_rest = 2 * (numerator - quotient * denominator);
    let up = twice_rest > denominator || (twice_rest == denominator && quotient & 1 == 1);
    quotient + u32::from(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(values: &[i32]) -> [i32; DIMENSIONS] {
        let mut all = [0; DIMENSIONS];
        all[..values.len()].copy_from_slice(values);
        all
    }

    #[test]
    fn quantises_half_even() {
        let embedding = Embedding::of_sums(&sums(&[254, 1, 3, -1, -3, -254]));
        assert_eq!(embedding.0[..6], [127, 0, 2, 0, -2, -127]);
        assert_eq!(Embedding::of_sums(&[0; DIMENSIONS]), Embedding::ZERO);
    }

    #[test]
    fn quantises_every_magnitude() {
        for scale in [1, 1 << 10, 1 << 22, 1 << 23] {
            let embedding = Embedding::of_sums(&sums(&[127 * scale, -64 * scale, 5 * scale]));
            assert_eq!(embedding.0[..3], [127, -64, 5]);
        }
        let extreme = Embedding::of_sums(&sums(&[i32::MIN, i32::MAX]));
        assert_eq!(extreme.0[..2], [-127, 127]);
    }

    #[test]
    fn quantising_twice_changes_nothing() {
        let once = Embedding::of_sums(&sums(&[977, -41, 300, 12]));
        let again = Embedding::of_sums(&once.0.map(|component| 9 * i32::from(component)));
        assert_eq!(once, again);
    }

    #[test]
    fn floats_and_sums_agree() {
        let values = core::array::from_fn(|i| ((i * 7919) % 1009) as i32 - 504);
        let floats = values.map(|value| value as f32 * 0.37);
        assert_eq!(Embedding::of_sums(&values), Embedding::of_floats(&floats));
    }

    #[test]
    fn cosine_is_within_its_bound() {
        let mut worst = 0.0f64;
        let mut state = 1u32;
        for _ in 0..20_000 {
            let mut random = || {
                let mut embedding = Embedding::ZERO;
                for component in &mut embedding.0 {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *component = ((state >> 24) as i32 - 128).max(-127) as i8;
                }
                embedding
            };
            let (a, b) = (random(), random());
            let exact = f64::from(a.dot(&b))
                / (f64::from(a.squared_norm()) * f64::from(b.squared_norm())).sqrt();
            let cosine = Cosine::of(
                a.dot(&b),
                Root::of(a.squared_norm()),
                Root::of(b.squared_norm()),
            );
            worst = worst.max((f64::from(cosine.to_f32()) - exact).abs());
            let own = Cosine::of(
                a.dot(&a),
                Root::of(a.squared_norm()),
                Root::of(a.squared_norm()),
            );
            assert_eq!(own, Cosine::ONE);
        }
        assert!(worst <= 1.0 / 8192.0, "{worst}");
    }

    #[test]
    fn nothing_is_like_the_zero_embedding() {
        let one = Embedding([1; DIMENSIONS]);
        let cosine = Cosine::of(0, Root::of(0), Root::of(one.squared_norm()));
        assert_eq!(cosine.to_bits(), 0);
    }
}
