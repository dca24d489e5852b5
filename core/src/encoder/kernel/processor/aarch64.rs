//! Vectors of NEON.

use core::arch::aarch64::{
    int16x8_t, int32x4_t, vaddvq_s32, vandq_s16, vcombine_s32, vcreate_s32, vdupq_n_s16,
    vdupq_n_s32, vget_low_s16, vmlal_high_s16, vmlal_s16, vreinterpretq_s16_s32,
    vreinterpretq_s16_u16, vreinterpretq_u16_s16, vshlq_u16, vshrq_n_s16,
};

/// Eight `i16`.
pub(in super::super) type Halves = int16x8_t;

/// Four `i32`.
pub(in super::super) type Sums = int32x4_t;

/// No sums yet.
#[inline(always)]
pub(in super::super) fn zero() -> Sums {
    // SAFETY: `memt_vectors` says that the processor has NEON.
    unsafe { vdupq_n_s32(0) }
}

/// The halves of four words.
#[inline(always)]
pub(in super::super) fn halves([a, b, c, d]: [i32; 4]) -> Halves {
    let pair = |low: i32, high: i32| u64::from(low as u32) | (u64::from(high as u32) << 32);
    // SAFETY: as above.
    unsafe {
        let (low, high) = (vcreate_s32(pair(a, b)), vcreate_s32(pair(c, d)));
        vreinterpretq_s16_s32(vcombine_s32(low, high))
    }
}

/// The bits of `mask` in each half after a logical shift to the right.
#[inline(always)]
pub(in super::super) fn field<const SHIFT: i32>(halves: Halves, mask: i16) -> Halves {
    // SAFETY: as above.
    unsafe {
        let right = vdupq_n_s16(-(SHIFT as i16));
        let shifted = vshlq_u16(vreinterpretq_u16_s16(halves), right);
        vandq_s16(vreinterpretq_s16_u16(shifted), vdupq_n_s16(mask))
    }
}

/// Each half after an arithmetic shift to the right.
#[inline(always)]
pub(in super::super) fn signed_field<const SHIFT: i32>(halves: Halves) -> Halves {
    // SAFETY: as above.
    unsafe { vshrq_n_s16::<SHIFT>(halves) }
}

/// Adds the products of all halves.
#[inline(always)]
pub(in super::super) fn add_products(sums: Sums, a: Halves, b: Halves) -> Sums {
    // SAFETY: as above.
    unsafe { vmlal_high_s16(vmlal_s16(sums, vget_low_s16(a), vget_low_s16(b)), a, b) }
}

/// The sum of the sums.
#[inline(always)]
pub(in super::super) fn total(sums: Sums) -> i32 {
    // SAFETY: as above.
    unsafe { vaddvq_s32(sums) }
}
