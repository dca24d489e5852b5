//! An instruction each.

use bytemuck::NoUninit;
use core::arch::asm;

/// The bytes of `input`, four of them.
#[inline]
pub(super) fn word<T: NoUninit>(input: &[T]) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(bytemuck::cast_slice(input));
    u32::from_le_bytes(bytes)
}

/// Bytes 0 and 2, sign-extended.
#[inline]
pub(super) fn even(word: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("sxtb16 {}, {}", out(reg) halves, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    halves
}

/// Bytes 1 and 3, sign-extended.
#[inline]
pub(super) fn odd(word: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("sxtb16 {}, {}, ror #8", out(reg) halves, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    halves
}

/// Bytes 1 and 3 in the high bytes of the halves.
#[inline]
pub(super) fn odd_times_256(word: u32) -> u32 {
    word & 0xff00_ff00
}

/// Both halves, within 12 bits, times 16.
#[inline]
pub(super) fn times_16(halves: u32) -> u32 {
    (halves << 4) & !0x000f_0000
}

/// The differences of the halves.
#[inline]
pub(super) fn subtract_both(minuend: u32, subtrahend: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("ssub16 {}, {}, {}", out(reg) halves, in(reg) minuend, in(reg) subtrahend, options(pure, nomem, nostack))
    };
    halves
}

/// `sum` and both halves.
#[inline]
pub(super) fn add_both(halves: u32, sum: i32) -> i32 {
    add_products(halves, 0x0001_0001, sum)
}

/// `sum` and the products of both halves.
#[inline]
pub(super) fn add_products(left: u32, right: u32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlad {}, {}, {}, {}", out(reg) total, in(reg) left, in(reg) right, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// `sum` and the product of the low half and a weight of 15 bits.
#[inline]
pub(super) fn add_low_product(halves: u32, weight: i32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlabb {}, {}, {}, {}", out(reg) total, in(reg) halves, in(reg) weight, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// `sum` and the product of the high half and a weight of 15 bits.
#[inline]
pub(super) fn add_high_product(halves: u32, weight: i32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlatb {}, {}, {}, {}", out(reg) total, in(reg) halves, in(reg) weight, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// To -127..=127.
#[inline]
pub(super) fn saturate8(value: i32) -> i8 {
    let saturated: i32;
    // SAFETY: registers only. Bytes lose their step below -127 on the way down and up.
    unsafe {
        asm!(
            "ssat {0}, #8, {1}", "qsub8 {0}, {0}, {2}", "qadd8 {0}, {0}, {2}",
            out(reg) saturated, in(reg) value, in(reg) 0x0101_0101, options(pure, nomem, nostack)
        )
    };
    saturated as i8
}

/// To -32767..=32767.
#[inline]
pub(super) fn saturate16(value: i32) -> i16 {
    let saturated: i32;
    // SAFETY: as above.
    unsafe {
        asm!(
            "ssat {0}, #16, {1}", "qsub16 {0}, {0}, {2}", "qadd16 {0}, {0}, {2}",
            out(reg) saturated, in(reg) value, in(reg) 0x0001_0001, options(pure, nomem, nostack)
        )
    };
    saturated as i16
}
