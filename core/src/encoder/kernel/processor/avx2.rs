//! Vectors of 256 bits, for the x86-64 that turn out to have AVX2.

use core::arch::x86_64::{
    __cpuid, __cpuid_count, __m128i, __m256i, _mm_add_epi32, _mm_cvtsi128_si64, _mm_loadu_si128,
    _mm_set_epi32, _mm_shuffle_epi32, _mm_storeu_si128, _mm_unpackhi_epi64, _mm_unpacklo_epi64,
    _mm256_add_epi16, _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_si128,
    _mm256_cvtepu32_epi64, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_maddubs_epi16, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_slli_epi64, _mm256_srai_epi16, _mm256_srli_epi16,
    _mm256_xor_si256, _xgetbv,
};
use core::sync::atomic::{AtomicU8, Ordering};

/// Proof that the processor has AVX2 and the system keeps its registers.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Avx2(());

/// What is known of the processor: asking it takes microseconds on a virtual machine.
static KNOWN: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = 0;
const PRESENT: u8 = 1;
const ABSENT: u8 = 2;

/// Activations of 32 columns, each word of four of them twice, for both rows of a pair: those that
/// meet the even nibbles, then those that meet the odd.
pub(in super::super) type Lanes = [[i32; 8]; 2];

impl Avx2 {
    /// `None` on processors without.
    #[inline]
    pub(in super::super) fn get() -> Option<Self> {
        let mut known = KNOWN.load(Ordering::Relaxed);
        if known == UNKNOWN {
            known = if has_avx2() { PRESENT } else { ABSENT };
            KNOWN.store(known, Ordering::Relaxed);
        }
        (known == PRESENT).then_some(Self(()))
    }

    /// The sums of pairs of rows of nibbles, `blocks` blocks each, by two vectors, added to what
    /// undoes the offset of 8 that all nibbles then have.
    #[inline]
    pub(in super::super) fn multiply_nibbles(
        self,
        pairs: &[[u32; 8]],
        vectors: [&[Lanes]; 2],
        starts: [i32; 2],
        sums: &mut [[i32; 2]],
    ) {
        // SAFETY: there is an `Avx2`.
        unsafe { multiply_nibbles(pairs, vectors, starts, sums) }
    }

    /// The sums of pairs of rows of bytes by a vector, `[block, field, word of the block, half]`, added to
    /// what undoes the offset of the even columns.
    #[inline]
    pub(in super::super) fn multiply_bytes(
        self,
        pairs: &[[u32; 8]],
        vector: &[[[i32; 4]; 2]],
        start: i32,
        sums: &mut [i32],
    ) {
        // SAFETY: there is an `Avx2`.
        unsafe { multiply_bytes(pairs, vector, start, sums) }
    }

    /// Runs `work`, compiled for AVX2 as far as it is inlined.
    #[inline]
    pub(in super::super) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx2")]
        fn compiled<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        // SAFETY: there is an `Avx2`.
        unsafe { compiled(work) }
    }
}

/// Intel, "Software Developer's Manual", volume 1, section 14.7.1: the system saves the registers,
/// and the processor has the instructions.
fn has_avx2() -> bool {
    const SAVED_BY_SYSTEM: u32 = 1 << 27;
    const AVX: u32 = 1 << 28;
    const AVX2: u32 = 1 << 5;
    const VECTOR_REGISTERS: u64 = 0b110;
    #[target_feature(enable = "xsave")]
    fn saved_registers() -> u64 {
        // SAFETY: register 0 exists wherever `xgetbv` does.
        unsafe { _xgetbv(0) }
    }
    if __cpuid(0).eax < 7 || !__cpuid(1).ecx & (SAVED_BY_SYSTEM | AVX) != 0 {
        return false;
    }
    // SAFETY: the system said that it uses `xsave`.
    let saved = unsafe { saved_registers() };
    saved & VECTOR_REGISTERS == VECTOR_REGISTERS && __cpuid_count(7, 0).ebx & AVX2 != 0
}

#[inline]
#[target_feature(enable = "avx2")]
fn load<T: bytemuck::NoUninit>(numbers: &[T; 8]) -> __m256i {
    const { assert!(size_of::<T>() == 4) };
    // SAFETY: eight numbers of 32 bits are read, from anywhere.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

/// The sums of the products of nibbles with activations, four at a time. Two products of a nibble and a
/// byte stay below 2^12, so that the sum of both fields fits 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn products(even: __m256i, odd: __m256i, lanes: &Lanes) -> __m256i {
    let evens = _mm256_maddubs_epi16(even, load(&lanes[0]));
    let odds = _mm256_maddubs_epi16(odd, load(&lanes[1]));
    _mm256_madd_epi16(_mm256_add_epi16(evens, odds), _mm256_set1_epi16(1))
}

/// The sum of both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn fold(sums: __m256i) -> __m128i {
    let high = _mm256_extracti128_si256::<1>(sums);
    _mm_add_epi32(_mm256_castsi256_si128(sums), high)
}

#[target_feature(enable = "avx2")]
fn multiply_nibbles(
    pairs: &[[u32; 8]],
    vectors: [&[Lanes]; 2],
    starts: [i32; 2],
    sums: &mut [[i32; 2]],
) {
    let nibble = _mm256_set1_epi8(15);
    let signed = _mm256_set1_epi32(0x8000_8000_u32 as i32);
    let starts = _mm_set_epi32(starts[1], starts[0], starts[1], starts[0]);
    let pairs = pairs.chunks_exact(vectors[0].len());
    for (pair, sums) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        // Even lanes are of the first row, odd ones of the second.
        let (mut first, mut second) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for ((words, one), other) in pair.iter().zip(vectors[0]).zip(vectors[1]) {
            let words = _mm256_xor_si256(load(words), signed);
            let even = _mm256_and_si256(words, nibble);
            let odd = _mm256_and_si256(_mm256_srli_epi16::<4>(words), nibble);
            first = _mm256_add_epi32(first, products(even, odd, one));
            second = _mm256_add_epi32(second, products(even, odd, other));
        }
        let (first, second) = (fold(first), fold(second));
        let low = _mm_unpacklo_epi64(first, second);
        let high = _mm_unpackhi_epi64(first, second);
        // [vector, row] becomes [row, vector].
        let by_row = _mm_shuffle_epi32::<0b11_01_10_00>(_mm_add_epi32(low, high));
        // SAFETY: two rows of two sums have 128 bits.
        unsafe { _mm_storeu_si128(sums.as_mut_ptr().cast(), _mm_add_epi32(by_row, starts)) };
    }
}

/// Four words, each twice: for both rows of a pair.
#[inline]
#[target_feature(enable = "avx2")]
fn load_twice(words: &[i32; 4]) -> __m256i {
    // SAFETY: four words of 32 bits are read, from anywhere.
    let words = unsafe { _mm_loadu_si128(words.as_ptr().cast()) };
    let both = _mm256_cvtepu32_epi64(words);
    _mm256_or_si256(both, _mm256_slli_epi64::<32>(both))
}

#[target_feature(enable = "avx2")]
fn multiply_bytes(pairs: &[[u32; 8]], vector: &[[[i32; 4]; 2]], start: i32, sums: &mut [i32]) {
    let byte = _mm256_set1_epi16(255);
    let pairs = pairs.chunks_exact(vector.len());
    for (pair, sums) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        let mut total = _mm256_setzero_si256();
        for (words, [even, odd]) in pair.iter().zip(vector) {
            let words = load(words);
            let evens = _mm256_madd_epi16(_mm256_and_si256(words, byte), load_twice(even));
            let odds = _mm256_madd_epi16(_mm256_srai_epi16::<8>(words), load_twice(odd));
            total = _mm256_add_epi32(total, _mm256_add_epi32(evens, odds));
        }
        // Even lanes are of the first row, odd ones of the second.
        let total = fold(total);
        let total = _mm_add_epi32(total, _mm_unpackhi_epi64(total, total));
        let both = _mm_cvtsi128_si64(total);
        *sums = [both as i32, (both >> 32) as i32].map(|sum| sum.wrapping_add(start));
    }
}
