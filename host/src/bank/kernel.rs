//! Inner products with many embeddings, with the widest vectors that the processor has.
//!
//! [`pulp`] chooses when the program runs, and proves to the compiler that the processor has the
//! instructions, so that they are called without `unsafe`.

use memt_core::bound::Bound;
use memt_core::embedding::{DIMENSIONS, Embedding};

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
    use super::{Embedding, Weights, most};
    use core::arch::x86_64::{__m128i, __m256i};
    use pulp::NullaryFnOnce;
    use pulp::x86::V3;

    /// Rows whose sums are added up together.
    const TOGETHER: usize = 8;

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
            let weights: [__m256i; 8] = bytemuck::cast(*self.weights);
            for (rows, dots) in self
                .rows
                .chunks(TOGETHER)
                .zip(self.dots.chunks_mut(TOGETHER))
            {
                let found = together(self.simd, &weights, rows);
                dots.copy_from_slice(&found[..dots.len()]);
            }
        }
    }

    pub(super) struct Evidence<'a> {
        pub(super) simd: V3,
        pub(super) weights: &'a Weights,
        pub(super) scale: f32,
        pub(super) rows: &'a [Embedding],
        pub(super) squared_norms: &'a [u32],
        pub(super) evidence: &'a mut [f32],
    }

    impl NullaryFnOnce for Evidence<'_> {
        type Output = ();

        // A few rows at a time, so that roots and quotients are made while memory brings the next rows.
        #[inline(always)]
        fn call(self) {
            let weights: [__m256i; 8] = bytemuck::cast(*self.weights);
            let rows = self.rows.chunks(TOGETHER);
            let rows = rows.zip(self.squared_norms.chunks(TOGETHER));
            for ((rows, squared_norms), evidence) in rows.zip(self.evidence.chunks_mut(TOGETHER)) {
                let dots = together(self.simd, &weights, rows);
                let mut norms = [1; TOGETHER];
                norms[..squared_norms.len()].copy_from_slice(squared_norms);
                let mut found = [0.0; TOGETHER];
                let mut row = 0;
                while row < TOGETHER {
                    found[row] = most(self.scale, dots[row], norms[row]);
                    row += 1;
                }
                evidence.copy_from_slice(&found[..evidence.len()]);
            }
        }
    }

    /// The inner products with at most [`TOGETHER`] rows, and zeros.
    #[inline(always)]
    fn together(simd: V3, weights: &[__m256i; 8], rows: &[Embedding]) -> [i32; TOGETHER] {
        let V3 { avx, avx2, .. } = simd;
        let mut sums = [avx._mm256_setzero_si256(); TOGETHER];
        let mut row = 0;
        while row < rows.len() {
            let components: [__m128i; 8] = bytemuck::cast(rows[row].0);
            let mut both = [avx._mm256_setzero_si256(); 2];
            let mut part = 0;
            while part < 8 {
                let wide = avx2._mm256_cvtepi8_epi16(components[part]);
                let products = avx2._mm256_madd_epi16(wide, weights[part]);
                both[part % 2] = avx2._mm256_add_epi32(both[part % 2], products);
                part += 1;
            }
            sums[row] = avx2._mm256_add_epi32(both[0], both[1]);
            row += 1;
        }
        // Each half of a vector holds the halves of four sums, those of rows 0 to 3, then of 4 to 7.
        let low = avx2._mm256_hadd_epi32(
            avx2._mm256_hadd_epi32(sums[0], sums[1]),
            avx2._mm256_hadd_epi32(sums[2], sums[3]),
        );
        let high = avx2._mm256_hadd_epi32(
            avx2._mm256_hadd_epi32(sums[4], sums[5]),
            avx2._mm256_hadd_epi32(sums[6], sums[7]),
        );
        let first = avx2._mm256_permute2x128_si256::<0x20>(low, high);
        let second = avx2._mm256_permute2x128_si256::<0x31>(low, high);
        bytemuck::cast(avx2._mm256_add_epi32(first, second))
    }
}

/// The most evidence that meaning gives each row, for weights of the bound's direction that were
/// [`rounded`] with `scale`.
pub(super) fn evidence(
    weights: &Weights,
    scale: f32,
    rows: &[Embedding],
    squared_norms: &[u32],
    evidence: &mut [f32],
) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.vectorize(avx2::Evidence {
            simd,
            weights,
            scale,
            rows,
            squared_norms,
            evidence,
        });
        return;
    }
    let mut products = vec![0; rows.len()];
    plain(weights, rows, &mut products);
    for ((&dot, &squared_norm), evidence) in products.iter().zip(squared_norms).zip(evidence) {
        *evidence = most(scale, dot, squared_norm);
    }
}

/// The most evidence of a row whose product with weights of this scale is `dot`.
#[inline(always)]
fn most(scale: f32, dot: i32, squared_norm: u32) -> f32 {
    // Half a unit for each weight: by Cauchy and Schwarz at most |d| sqrt(D) / 2 < 6 |d| units.
    let rounding = 6.0 * scale;
    // The root that scores divide by is up to 1/32 less than the norm.
    let norm = ((squared_norm as f32).sqrt() - 0.0314).max(0.5);
    Bound::meaning(dot as f32 * scale / norm + rounding)
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
    fn every_number_of_rows_gives_the_plain_products_and_evidence() {
        let number = |row: usize, at: usize| ((row * 151 + at * 37) % 251) as i8;
        let weights = core::array::from_fn(|at| (at as i16 - 60) * 300);
        for count in 0..20 {
            let rows = (0..count).map(|row| Embedding(core::array::from_fn(|at| number(row, at))));
            let rows: Vec<Embedding> = rows.collect();
            let norms: Vec<u32> = rows.iter().map(Embedding::squared_norm).collect();
            let (mut expected, mut found) = (vec![0; count], vec![0; count]);
            plain(&weights, &rows, &mut expected);
            dots(&weights, &rows, &mut found);
            assert_eq!(found, expected);
            let mut all = vec![0.0; count];
            evidence(&weights, 1e-5, &rows, &norms, &mut all);
            let each = expected.iter().zip(&norms);
            let each: Vec<f32> = each.map(|(&dot, &norm)| most(1e-5, dot, norm)).collect();
            assert_eq!(all, each);
        }
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
