//! Rows in vectors of 256 or 512 bits.

use super::{DIMENSIONS, Dots, Embedding, Evidence, Weights, most};
use core::arch::x86_64::{__m128i, __m256i};
use pulp::NullaryFnOnce;
use pulp::x86::{V3, V4};

/// Rows whose sums are added up together.
const TOGETHER: usize = 8;

/// A processor's vectors.
// Closures would be compiled without its instructions, so there are loops.
pub(super) trait Vectors: Copy {
    /// The parts of a row's inner product, added up to eight sums of 32 bits.
    fn sums(self, weights: &Weights, row: &Embedding) -> __m256i;

    /// Those whose vectors have 256 bits.
    fn narrow(self) -> V3;
}

impl Vectors for V3 {
    #[inline(always)]
    fn sums(self, weights: &Weights, row: &Embedding) -> __m256i {
        let Self { avx, avx2, .. } = self;
        let weights: [__m256i; 8] = bytemuck::cast(*weights);
        let components: [__m128i; 8] = bytemuck::cast(row.0);
        let mut both = [avx._mm256_setzero_si256(); 2];
        let mut part = 0;
        while part < 8 {
            let wide = avx2._mm256_cvtepi8_epi16(components[part]);
            let products = avx2._mm256_madd_epi16(wide, weights[part]);
            both[part % 2] = avx2._mm256_add_epi32(both[part % 2], products);
            part += 1;
        }
        avx2._mm256_add_epi32(both[0], both[1])
    }

    #[inline(always)]
    fn narrow(self) -> V3 {
        self
    }
}

impl Vectors for V4 {
    // Half as many instructions, so that the processor sees the next rows sooner.
    #[inline(always)]
    fn sums(self, weights: &Weights, row: &Embedding) -> __m256i {
        let Self {
            avx512f, avx512bw, ..
        } = self;
        let weights: [core::arch::x86_64::__m512i; 4] = bytemuck::cast(*weights);
        let components: [__m256i; 4] = bytemuck::cast(row.0);
        let mut both = [avx512f._mm512_setzero_si512(); 2];
        let mut part = 0;
        while part < 4 {
            let wide = avx512bw._mm512_cvtepi8_epi16(components[part]);
            let products = avx512bw._mm512_madd_epi16(wide, weights[part]);
            both[part % 2] = avx512f._mm512_add_epi32(both[part % 2], products);
            part += 1;
        }
        let sum = avx512f._mm512_add_epi32(both[0], both[1]);
        let low = avx512f._mm512_castsi512_si256(sum);
        let high = avx512f._mm512_extracti64x4_epi64::<1>(sum);
        self.avx2._mm256_add_epi32(low, high)
    }

    #[inline(always)]
    fn narrow(self) -> V3 {
        *self
    }
}

/// What is done with vectors of some width.
pub(super) trait Work {
    type Output;

    fn with<V: Vectors>(self, vectors: V) -> Self::Output;
}

/// Does it with the widest vectors that the processor has; hands it back where those are narrow.
pub(super) fn widest<W: Work>(work: W) -> Result<W::Output, W> {
    if let Some(vectors) = V4::try_new() {
        return Ok(vectors.vectorize(With(vectors, work)));
    }
    match V3::try_new() {
        Some(vectors) => Ok(vectors.vectorize(With(vectors, work))),
        None => Err(work),
    }
}

pub(super) struct With<V, W>(pub(super) V, pub(super) W);

impl<V: Vectors, W: Work> NullaryFnOnce for With<V, W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.1.with(self.0)
    }
}

impl Work for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with<V: Vectors>(self, vectors: V) {
        let (groups, rest) = self.rows.as_chunks::<TOGETHER>();
        let (dots, dots_of_rest) = self.dots.as_chunks_mut::<TOGETHER>();
        for (rows, dots) in groups.iter().zip(dots) {
            *dots = together(vectors, self.weights, rows);
        }
        let found = together(vectors, self.weights, &filled_up(rest, NONE));
        dots_of_rest.copy_from_slice(&found[..rest.len()]);
    }
}

impl Work for Evidence<'_> {
    /// The largest, or a little more.
    type Output = f32;

    // A few rows at a time, so that roots and quotients are made while memory brings the next rows.
    #[inline(always)]
    fn with<V: Vectors>(self, vectors: V) -> f32 {
        let (scale, shortness) = (self.scale, self.shortness);
        let (groups, rest) = self.rows.as_chunks::<TOGETHER>();
        let (norms, norms_of_rest) = self.squared_norms.as_chunks::<TOGETHER>();
        let (evidence, evidence_of_rest) = self.evidence.as_chunks_mut::<TOGETHER>();
        let mut largest = [0.0; TOGETHER];
        for ((rows, norms), evidence) in groups.iter().zip(norms).zip(evidence) {
            let dots = together(vectors, self.weights, rows);
            *evidence = most_of(scale, shortness, &dots, norms);
            raise(&mut largest, evidence);
        }
        let dots = together(vectors, self.weights, &filled_up(rest, NONE));
        let found = most_of(scale, shortness, &dots, &filled_up(norms_of_rest, 1));
        evidence_of_rest.copy_from_slice(&found[..rest.len()]);
        raise(&mut largest, &found);
        largest.into_iter().fold(0.0, f32::max)
    }
}

/// Fills the last rows up.
const NONE: Embedding = Embedding([0; DIMENSIONS]);

#[inline(always)]
fn filled_up<T: Copy>(values: &[T], with: T) -> [T; TOGETHER] {
    let mut filled = [with; TOGETHER];
    filled[..values.len()].copy_from_slice(values);
    filled
}

#[inline(always)]
fn most_of(
    scale: f32,
    shortness: f32,
    dots: &[i32; TOGETHER],
    squared_norms: &[u32; TOGETHER],
) -> [f32; TOGETHER] {
    let mut found = [0.0; TOGETHER];
    let mut row = 0;
    while row < TOGETHER {
        found[row] = most(scale, shortness, dots[row], squared_norms[row]);
        row += 1;
    }
    found
}

#[inline(always)]
fn raise(largest: &mut [f32; TOGETHER], found: &[f32; TOGETHER]) {
    let mut row = 0;
    while row < TOGETHER {
        largest[row] = largest[row].max(found[row]);
        row += 1;
    }
}

/// The inner products with some rows.
#[inline(always)]
fn together<V: Vectors>(
    vectors: V,
    weights: &Weights,
    rows: &[Embedding; TOGETHER],
) -> [i32; TOGETHER] {
    let V3 { avx, avx2, .. } = vectors.narrow();
    let mut sums = [avx._mm256_setzero_si256(); TOGETHER];
    let mut row = 0;
    while row < TOGETHER {
        sums[row] = vectors.sums(weights, &rows[row]);
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
