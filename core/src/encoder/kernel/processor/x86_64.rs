//! Vectors of SSE2, which every x86-64 with floating point has.

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_and_si128, _mm_cvtsi128_si32, _mm_madd_epi16, _mm_set_epi32,
    _mm_set1_epi16, _mm_setzero_si128, _mm_shuffle_epi32, _mm_srai_epi16, _mm_srli_epi16,
};

/// Eight `i16`.
pub(in super::super) type Halves = __m128i;

/// Four `i32`.
pub(in super::super) type Sums = __m128i;

/// No sums yet.
#[inline(always)]
pub(in super::super) fn zero() -> Sums {
    // SAFETY: `memt_vectors` says that the processor has SSE2.
    unsafe { _mm_setzero_si128() }
}

/// The halves of four words.
#[inline(always)]
pub(in super::super) fn halves([a, b, c, d]: [i32; 4]) -> Halves {
    // SAFETY: as above.
    unsafe { _mm_set_epi32(d, c, b, a) }
}

/// The bits of `mask` in each half after a logical shift to the right.
#[inline(always)]
pub(in super::super) fn field<const SHIFT: i32>(halves: Halves, mask: i16) -> Halves {
    // SAFETY: as above.
    unsafe { _mm_and_si128(_mm_srli_epi16::<SHIFT>(halves), _mm_set1_epi16(mask)) }
}

/// Each half after an arithmetic shift to the right.
#[inline(always)]
pub(in super::super) fn signed_field<const SHIFT: i32>(halves: Halves) -> Halves {
    // SAFETY: as above.
    unsafe { _mm_srai_epi16::<SHIFT>(halves) }
}

/// Adds the products of all halves.
#[inline(always)]
pub(in super::super) fn add_products(sums: Sums, a: Halves, b: Halves) -> Sums {
    // SAFETY: as above.
    unsafe { _mm_add_epi32(sums, _mm_madd_epi16(a, b)) }
}

/// The sum of the sums.
#[inline(always)]
pub(in super::super) fn total(sums: Sums) -> i32 {
    // SAFETY: as above.
    unsafe {
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b01_00_11_10>(sums));
        let sums = _mm_add_epi32(sums, _mm_shuffle_epi32::<0b10_11_00_01>(sums));
        _mm_cvtsi128_si32(sums)
    }
}
