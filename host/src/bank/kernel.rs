//! Inner products with many embeddings, with the widest vectors that the processor has.
//!
//! [`pulp`] chooses when the program runs, and proves to the compiler that the processor has the
//! instructions, so that they are called without `unsafe`.

use memt_core::bound::Bound;
use memt_core::embedding::{DIMENSIONS, Embedding};
use pulp::{Arch, Simd, WithSimd};

/// A vector of 16-bit numbers, `[D]`: 128 products with bytes fit 32 bits.
pub(super) type Weights = [i16; DIMENSIONS];

/// The inner product of `weights` with each row.
pub(super) fn dots(weights: &Weights, rows: &[Embedding], dots: &mut [i32]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.vectorize(avx2::Dots {
            simd,
            weights,
            rows,
            dots,
        });
        return;
    }
    plain(weights, rows, dots);
}

/// As [`dots`], in the vectors that the program was compiled for.
fn plain(weights: &Weights, rows: &[Embedding], dots: &mut [i32]) {
    for (row, dot) in rows.iter().zip(dots) {
        let products = row.0.iter().zip(weights);
        *dot = products
            .map(|(&component, &weight)| i32::from(component) * i32::from(weight))
            .sum();
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Embedding, Weights};
    use core::arch::x86_64::{__m128i, __m256i};
    use pulp::NullaryFnOnce;
    use pulp::x86::V3;

    pub(super) struct Dots<'a> {
        pub(super) simd: V3,
        pub(super) weights: &'a Weights,
        pub(super) rows: &'a [Embedding],
        pub(super) dots: &'a mut [i32],
    }

    impl NullaryFnOnce for Dots<'_> {
        type Output = ();

        // Closures would be compiled without these instructions, so there are loops.
        #[inline(always)]
        fn call(self) {
            let V3 {
                sse2, avx, avx2, ..
            } = self.simd;
            let weights: [__m256i; 8] = bytemuck::cast(*self.weights);
            let count = self.rows.len().min(self.dots.len());
            let mut row = 0;
            while row < count {
                let components: [__m128i; 8] = bytemuck::cast(self.rows[row].0);
                let mut sums = [avx._mm256_setzero_si256(); 2];
                let mut part = 0;
                while part < 8 {
                    let wide = avx2._mm256_cvtepi8_epi16(components[part]);
                    let products = avx2._mm256_madd_epi16(wide, weights[part]);
                    sums[part % 2] = avx2._mm256_add_epi32(sums[part % 2], products);
                    part += 1;
                }
                let eight = avx2._mm256_add_epi32(sums[0], sums[1]);
                let high = avx2._mm256_extracti128_si256::<1>(eight);
                let four = sse2._mm_add_epi32(avx._mm256_castsi256_si128(eight), high);
                let swapped = sse2._mm_shuffle_epi32::<0b01_00_11_10>(four);
                let two = sse2._mm_add_epi32(four, swapped);
                let swapped = sse2._mm_shuffle_epi32::<0b10_11_00_01>(two);
                self.dots[row] = sse2._mm_cvtsi128_si32(sse2._mm_add_epi32(two, swapped));
                row += 1;
            }
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
        let mut again = [0; 2];
        plain(&[i16::MIN; DIMENSIONS], &rows, &mut again);
        assert_eq!(found, again);
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
