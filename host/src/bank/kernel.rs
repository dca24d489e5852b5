//! Inner products with many embeddings, with the widest vectors that the processor has.
//!
//! The loops are plain Rust; [`pulp`] compiles them for each generation of processors and chooses when
//! the program runs.

use memt_core::bound::Bound;
use memt_core::embedding::{DIMENSIONS, Embedding};
use pulp::{Arch, Simd, WithSimd};

/// A vector of 16-bit numbers, `[D]`: 128 products with bytes fit 32 bits.
pub(super) type Weights = [i16; DIMENSIONS];

/// The inner product of `weights` with each row.
pub(super) fn dots(weights: &Weights, rows: &[Embedding], dots: &mut [i32]) {
    Arch::new().dispatch(Dots {
        weights,
        rows,
        dots,
    });
}

struct Dots<'a> {
    weights: &'a Weights,
    rows: &'a [Embedding],
    dots: &'a mut [i32],
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, dot) in self.rows.iter().zip(self.dots) {
            *dot = row
                .0
                .iter()
                .zip(self.weights)
                .map(|(&component, &weight)| i32::from(component) * i32::from(weight))
                .sum();
        }
    }
}

/// The most evidence that meaning gives each row, from products with weights of the bound's direction that
/// were [`rounded`] with `scale`.
pub(super) fn evidence(scale: f32, dots: &[i32], squared_norms: &[u32], evidence: &mut [f32]) {
    Arch::new().dispatch(Evidence {
        scale,
        dots,
        squared_norms,
        evidence,
    });
}

struct Evidence<'a> {
    scale: f32,
    dots: &'a [i32],
    squared_norms: &'a [u32],
    evidence: &'a mut [f32],
}

impl WithSimd for Evidence<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // Half a unit for each weight: by Cauchy and Schwarz at most |d| sqrt(D) / 2 < 6 |d| units.
        let rounding = 6.0 * self.scale;
        let columns = self.dots.iter().zip(self.squared_norms);
        for ((&dot, &squared_norm), evidence) in columns.zip(self.evidence) {
            // The root that scores divide by is up to 1/32 less than the norm.
            let norm = ((squared_norm as f32).sqrt() - 0.0314).max(0.5);
            *evidence = Bound::meaning(dot as f32 * self.scale / norm + rounding);
        }
    }
}

/// An embedding as weights, exact.
pub(super) fn exact(embedding: &Embedding) -> Weights {
    embedding.0.map(i16::from)
}

/// A direction as weights, and what to multiply their products with; each weight is rounded by at most
/// half of that.
pub(super) fn rounded(direction: &[f32; DIMENSIONS]) -> (Weights, f32) {
    let largest = direction
        .iter()
        .fold(0.0f32, |largest, weight| largest.max(weight.abs()));
    if largest == 0.0 {
        return ([0; DIMENSIONS], 0.0);
    }
    let scale = f32::from(i16::MAX) / largest;
    (
        direction.map(|weight| (weight * scale).round() as i16),
        1.0 / scale,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_at_the_bounds() {
        let rows = [Embedding([-128; DIMENSIONS]), Embedding([127; DIMENSIONS])];
        let mut found = [0; 2];
        dots(&[i16::MIN; DIMENSIONS], &rows, &mut found);
        assert_eq!(found, [128 * 128 * 32768, -128 * 127 * 32768]);
        dots(&exact(&rows[1]), &rows, &mut found);
        assert_eq!(found, [rows[0].dot(&rows[1]), rows[1].dot(&rows[1])]);
    }

    #[test]
    fn rounding_is_within_its_bound() {
        let direction = core::array::from_fn(|at| (at as f32 * 0.7).sin() / 3.0);
        let (weights, scale) = rounded(&direction);
        for (weight, exact) in weights.iter().zip(direction) {
            assert!((f32::from(*weight) * scale - exact).abs() <= 0.51 * scale);
        }
        assert_eq!(rounded(&[0.0; DIMENSIONS]).1, 0.0);
    }
}
