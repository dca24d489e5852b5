//! ARMv7E-M, and ARMv8-M with the DSP extension: `SMLAD` adds two products of `i16` to an `i32`.
//!
//! Two vectors share each unpacked weight, and some weights are never unpacked: a half of a word
//! taken whole is a sum of all its fields at different scales, and the activations are combined so
//! that what the fields add beside their own product cancels.
//!
//! ```text
//! I8  half h = 256 w1 + w0                      scale 2^8
//!     h x1 + w0 (256 x0 - x1)                   = 256 (w0 x0 + w1 x1)
//! I4  half h = 4096 w3 + 256 w2 + 16 w1 + w0    scale 2^12
//!     h x3 + 256 w2 (16 x2 - x3) + (16 w1 + w0) (256 x1 - x3) + 256 w0 (16 x0 - x1)
//!                                               = 4096 (w0 x0 + w1 x1 + w2 x2 + w3 x3)
//! ```
//!
//! Activations from -127 to 127 leave every combination within `i16`. Sums are exact modulo 2^32
//! and below 2^31 after [`BLOCK_COLUMNS`], where the scale is shifted out. One vector of `i16` has
//! no room for combinations: every weight is unpacked.

use super::super::bytes::{one_by_one, weighted_sums_in_registers};
use super::super::layout::MatrixFormat;
use super::super::loops::{Loops, Rows};
use bytemuck::NoUninit;
use core::arch::asm;

/// 8 x 127 x 512 x 2^12 and 128 x 127 x 512 x 2^8 are below 2^31.
const BLOCK_COLUMNS: usize = 512;

/// What the offset of a weight adds to a scaled sum for each unit of its activation: 8 x 2^12 or
/// 128 x 2^8.
const SCALED_OFFSET: i32 = 1 << 15;

/// The processor's loops.
pub(in super::super) enum Dsp {}

impl Loops for Dsp {
    #[inline(never)]
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let [first, second] = inputs;
        let (lanes, starts) = words.split_at_mut(first.len());
        let blocks = first
            .chunks(BLOCK_COLUMNS)
            .zip(second.chunks(BLOCK_COLUMNS));
        let words = lanes.chunks_mut(BLOCK_COLUMNS);
        for ((block, lanes), starts) in blocks.zip(words).zip(starts.chunks_exact_mut(2)) {
            let offsets = match format {
                MatrixFormat::I4 => combine_i4(block, lanes),
                MatrixFormat::I8 => combine_i8(block, lanes),
            };
            starts.copy_from_slice(&offsets.map(|offset| -SCALED_OFFSET * offset));
        }
    }

    #[inline(never)]
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let (lanes, start) = words.split_at_mut(input.len() / 2);
        let (mut even_sum, mut odd_sum) = (0, 0);
        for (lanes, x) in lanes.chunks_exact_mut(2).zip(input.chunks_exact(4)) {
            let [low, high] = [word(&x[..2]), word(&x[2..])];
            let even = (low & 0xffff) | (high << 16);
            let odd = (low >> 16) | (high & 0xffff_0000);
            even_sum = add_both(even, even_sum);
            odd_sum = add_both(odd, odd_sum);
            lanes.copy_from_slice(&[even as i32, odd as i32]);
        }
        start[0] = match format {
            MatrixFormat::I4 => -8 * (even_sum + odd_sum),
            MatrixFormat::I8 => -128 * even_sum,
        };
    }

    #[inline(never)]
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let (lanes, starts) = words.split_at(rows.columns);
        let multiply = match rows.format {
            MatrixFormat::I4 => multiply_two_i4,
            MatrixFormat::I8 => multiply_two_i8,
        };
        if rows.columns <= BLOCK_COLUMNS {
            return multiply(rows.words, lanes, [starts[0], starts[1]], sums);
        }
        let row_words = rows.row_words();
        let block_words = row_words * BLOCK_COLUMNS / rows.columns;
        let pairs = rows.words.chunks_exact(2 * row_words);
        for (pair, sums) in pairs.zip(sums.chunks_exact_mut(2)) {
            sums.fill([0; 2]);
            let weights = pair.chunks(2 * block_words);
            let blocks = lanes.chunks(BLOCK_COLUMNS).zip(starts.chunks_exact(2));
            for (weights, (lanes, starts)) in weights.zip(blocks) {
                let mut block = [[0; 2]; 2];
                multiply(weights, lanes, [starts[0], starts[1]], &mut block);
                for (sum, block) in sums.as_flattened_mut().iter_mut().zip(block.as_flattened()) {
                    *sum += block;
                }
            }
        }
    }

    #[inline(never)]
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let (lanes, start) = words.split_at(rows.columns / 2);
        match rows.format {
            MatrixFormat::I4 => multiply_one_i4(rows.words, lanes, start[0], sums),
            MatrixFormat::I8 => multiply_one_i8(rows.words, lanes, start[0], sums),
        }
    }

    #[inline(never)]
    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
        let [a, b] = left.map(<[i8]>::as_chunks::<4>);
        let [c, d] = right.map(<[i8]>::as_chunks::<4>);
        let mut sums = one_by_one([a.1, b.1], [c.1, d.1]);
        let (lefts, rights) = (a.0.iter().zip(b.0), c.0.iter().zip(d.0));
        for ((a, b), (c, d)) in lefts.zip(rights) {
            let [a, b, c, d] = [a, b, c, d].map(|four| {
                let four = word(four);
                [even(four), odd(four)]
            });
            for (sums, left) in sums.iter_mut().zip([a, b]) {
                for (sum, right) in sums.iter_mut().zip([c, d]) {
                    *sum = add_products(left[1], right[1], add_products(left[0], right[0], *sum));
                }
            }
        }
        sums
    }

    #[inline(never)]
    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
        let (fours, rest) = sums.as_chunks_mut::<4>();
        let first_rest = 4 * fours.len();
        for (four, sums) in fours.iter_mut().enumerate() {
            *sums = weighted_four(weights, &rows[4 * four..], stride);
        }
        weighted_sums_in_registers(weights, &rows[first_rest.min(rows.len())..], stride, rest);
    }

    #[inline]
    fn saturate8(value: i32) -> i8 {
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

    #[inline]
    fn saturate16(value: i32) -> i16 {
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
}

/// The weighted sums of four columns, which begin `rows`.
#[inline]
fn weighted_four(weights: [&[i32]; 2], rows: &[i8], stride: usize) -> [[i32; 2]; 4] {
    let mut sums = [[0; 2]; 4];
    let mut at = 0;
    for (&first, &second) in weights[0].iter().zip(weights[1]) {
        let Some(four) = rows.get(at..at + 4) else {
            break;
        };
        at += stride;
        let four = word(four);
        let (even, odd) = (even(four), odd(four));
        for (which, weight) in [first, second].into_iter().enumerate() {
            sums[0][which] = add_low_product(even, weight, sums[0][which]);
            sums[1][which] = add_low_product(odd, weight, sums[1][which]);
            sums[2][which] = add_high_product(even, weight, sums[2][which]);
            sums[3][which] = add_high_product(odd, weight, sums[3][which]);
        }
    }
    sums
}

/// Gives the sum of the activations that meet offset weights, for each vector.
fn combine_i4((first, second): (&[i8], &[i8]), lanes: &mut [i32]) -> [i32; 2] {
    let mut offsets = [0; 2];
    let inputs = first.chunks_exact(8).zip(second.chunks_exact(8));
    for (lanes, (first, second)) in lanes.chunks_exact_mut(8).zip(inputs) {
        let a = combine_eight(first, &mut offsets[0]);
        let b = combine_eight(second, &mut offsets[1]);
        let words = [a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]];
        lanes.copy_from_slice(&words.map(u32::cast_signed));
    }
    offsets
}

#[inline]
fn combine_eight(input: &[i8], offset: &mut i32) -> [u32; 4] {
    let (low, high) = input.split_at(4);
    let (low, high) = (word(low), word(high));
    let [x0, x1, x2, x3] = [even(low), odd(low), even(high), odd(high)];
    *offset = add_both(x2, add_both(x1, add_both(x0, *offset)));
    [
        x3,
        subtract_both(times_16(x2), x3),
        subtract_both(odd_times_256(low), x3),
        subtract_both(times_16(x0), x1),
    ]
}

/// As [`combine_i4`] for bytes.
fn combine_i8((first, second): (&[i8], &[i8]), lanes: &mut [i32]) -> [i32; 2] {
    let mut offsets = [0; 2];
    let inputs = first.chunks_exact(4).zip(second.chunks_exact(4));
    for (lanes, (first, second)) in lanes.chunks_exact_mut(4).zip(inputs) {
        let a = combine_four(first, &mut offsets[0]);
        let b = combine_four(second, &mut offsets[1]);
        lanes.copy_from_slice(&[a[0], b[0], a[1], b[1]].map(u32::cast_signed));
    }
    offsets
}

#[inline]
fn combine_four(input: &[i8], offset: &mut i32) -> [u32; 2] {
    let word = word(input);
    let [x0, x1] = [even(word), odd(word)];
    *offset = add_both(x0, *offset);
    [subtract_both(odd_times_256(word << 8), x1), x1]
}

#[inline]
fn word<T: NoUninit>(input: &[T]) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(bytemuck::cast_slice(input));
    u32::from_le_bytes(bytes)
}

/// Bytes 0 and 2, sign-extended.
#[inline]
fn even(word: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("sxtb16 {}, {}", out(reg) halves, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    halves
}

/// Bytes 1 and 3, sign-extended.
#[inline]
fn odd(word: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("sxtb16 {}, {}, ror #8", out(reg) halves, in(reg) word, options(pure, nomem, nostack, preserves_flags))
    };
    halves
}

/// Bytes 1 and 3 in the high bytes of the halves.
#[inline]
fn odd_times_256(word: u32) -> u32 {
    word & 0xff00_ff00
}

/// Both halves, within 12 bits, times 16.
#[inline]
fn times_16(halves: u32) -> u32 {
    (halves << 4) & !0x000f_0000
}

/// The differences of the halves.
#[inline]
fn subtract_both(minuend: u32, subtrahend: u32) -> u32 {
    let halves;
    // SAFETY: registers only.
    unsafe {
        asm!("ssub16 {}, {}, {}", out(reg) halves, in(reg) minuend, in(reg) subtrahend, options(pure, nomem, nostack))
    };
    halves
}

/// `sum` and both halves.
#[inline]
fn add_both(halves: u32, sum: i32) -> i32 {
    add_products(halves, 0x0001_0001, sum)
}

/// `sum` and the products of both halves.
#[inline]
fn add_products(left: u32, right: u32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlad {}, {}, {}, {}", out(reg) total, in(reg) left, in(reg) right, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// `sum` and the product of the low half and a weight of 15 bits.
#[inline]
fn add_low_product(halves: u32, weight: i32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlabb {}, {}, {}, {}", out(reg) total, in(reg) halves, in(reg) weight, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// `sum` and the product of the high half and a weight of 15 bits.
#[inline]
fn add_high_product(halves: u32, weight: i32, sum: i32) -> i32 {
    let total;
    // SAFETY: registers only.
    unsafe {
        asm!("smlatb {}, {}, {}, {}", out(reg) total, in(reg) halves, in(reg) weight, in(reg) sum, options(pure, nomem, nostack))
    };
    total
}

/// # Panics
/// Unless the slices belong together: whole turns of lanes, weights for all of them in each pair of
/// rows, two rows of sums a pair.
fn check(weights: usize, a_pair: usize, lanes: usize, a_turn: usize, sums: usize) {
    assert!(lanes > 0 && lanes.is_multiple_of(a_turn));
    assert!(sums > 0 && sums.is_multiple_of(2) && weights == a_pair * (sums / 2));
}

/// Two rows by two vectors: 25 instructions for 32 products.
fn multiply_two_i4(weights: &[u32], lanes: &[i32], start: [i32; 2], sums: &mut [[i32; 2]]) {
    check(4 * weights.len(), lanes.len(), lanes.len(), 32, sums.len());
    // SAFETY: `check` says that the turns of 32 bytes of weights and 32 words of lanes end with the
    // slices, for each pair of rows, and that `sums` has four words for each. r6 and r7, which may not
    // be operands, and the stack are restored.
    unsafe {
        asm!(
            // The stack: lanes, their end, sums, their end, r6, r7, both starts.
            "push {{r1, r2, r3, r4, r6, r7, r8, r9}}",
            "mov r6, r0",
            "mov r7, r12",
            "3:",
            "ldr lr, [sp]",
            "ldrd r8, r9, [sp, #24]",
            "mov r10, r8",
            "mov r11, r9",
            "2:",
            ".rept 4",
            "ldrd r0, r1, [r6], #8",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "smlad r8, r0, r2, r8",
            "smlad r9, r0, r3, r9",
            "smlad r10, r1, r2, r10",
            "smlad r11, r1, r3, r11",
            "and r12, r0, #0x0f000f00",
            "smlad r8, r12, r4, r8",
            "smlad r9, r12, r5, r9",
            "and r12, r1, #0x0f000f00",
            "smlad r10, r12, r4, r10",
            "smlad r11, r12, r5, r11",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "uxtb16 r12, r0",
            "smlad r8, r12, r2, r8",
            "smlad r9, r12, r3, r9",
            "uxtb16 r12, r1",
            "smlad r10, r12, r2, r10",
            "smlad r11, r12, r3, r11",
            "and r12, r7, r0, lsl #8",
            "smlad r8, r12, r4, r8",
            "smlad r9, r12, r5, r9",
            "and r12, r7, r1, lsl #8",
            "smlad r10, r12, r4, r10",
            "smlad r11, r12, r5, r11",
            ".endr",
            "ldr r0, [sp, #4]",
            "cmp lr, r0",
            "bne 2b",
            "ldr r0, [sp, #8]",
            "asr r8, r8, #12",
            "asr r9, r9, #12",
            "asr r10, r10, #12",
            "asr r11, r11, #12",
            "stmia r0!, {{r8, r9, r10, r11}}",
            "str r0, [sp, #8]",
            "ldr r1, [sp, #12]",
            "cmp r0, r1",
            "bne 3b",
            "ldrd r6, r7, [sp, #16]",
            "add sp, #32",
            inout("r0") weights.as_ptr() => _,
            inout("r1") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r3") sums.as_mut_ptr() => _,
            inout("r4") sums.as_mut_ptr_range().end => _,
            inout("r8") start[0] => _,
            inout("r9") start[1] => _,
            inout("r12") 0x0f00_0f00 => _,
            out("r5") _, out("r10") _, out("r11") _, out("lr") _,
        );
    }
}

/// Two rows by two vectors: 12 instructions for 16 products.
fn multiply_two_i8(weights: &[u32], lanes: &[i32], start: [i32; 2], sums: &mut [[i32; 2]]) {
    check(
        4 * weights.len(),
        2 * lanes.len(),
        lanes.len(),
        32,
        sums.len(),
    );
    // SAFETY: `check` says that the turns of 64 bytes of weights and 32 words of lanes end with the
    // slices, for each pair of rows, and that `sums` has four words for each. r6 and r7, which may not
    // be operands, and the stack are restored.
    unsafe {
        asm!(
            // The stack: lanes, their end, sums, their end, r6, r7, both starts.
            "push {{r1, r2, r3, r4, r6, r7, r8, r9}}",
            "mov r6, r0",
            "mov r7, r2",
            "3:",
            "ldr lr, [sp]",
            "ldrd r8, r9, [sp, #24]",
            "mov r10, r8",
            "mov r11, r9",
            "2:",
            ".rept 8",
            "ldrd r0, r1, [r6], #8",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "uxtb16 r12, r0",
            "smlad r8, r12, r2, r8",
            "smlad r9, r12, r3, r9",
            "smlad r8, r0, r4, r8",
            "smlad r9, r0, r5, r9",
            "uxtb16 r12, r1",
            "smlad r10, r12, r2, r10",
            "smlad r11, r12, r3, r11",
            "smlad r10, r1, r4, r10",
            "smlad r11, r1, r5, r11",
            ".endr",
            "cmp lr, r7",
            "bne 2b",
            "ldr r0, [sp, #8]",
            "asr r8, r8, #8",
            "asr r9, r9, #8",
            "asr r10, r10, #8",
            "asr r11, r11, #8",
            "stmia r0!, {{r8, r9, r10, r11}}",
            "str r0, [sp, #8]",
            "ldr r1, [sp, #12]",
            "cmp r0, r1",
            "bne 3b",
            "ldrd r6, r7, [sp, #16]",
            "add sp, #32",
            inout("r0") weights.as_ptr() => _,
            inout("r1") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r3") sums.as_mut_ptr() => _,
            inout("r4") sums.as_mut_ptr_range().end => _,
            inout("r8") start[0] => _,
            inout("r9") start[1] => _,
            out("r5") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
        );
    }
}

/// Two rows by one vector: 20 instructions for 16 products.
fn multiply_one_i4(weights: &[u32], lanes: &[i32], start: i32, sums: &mut [i32]) {
    check(
        4 * weights.len(),
        2 * lanes.len(),
        lanes.len(),
        16,
        sums.len(),
    );
    // SAFETY: as for two vectors, with turns of 16 words of lanes and two words of sums a pair of rows.
    unsafe {
        asm!(
            // The stack: lanes, their end, sums, their end, r6, r7, start.
            "push {{r1, r2, r3, r4, r6, r7, r8}}",
            "mov r6, r0",
            "mov r7, r12",
            "3:",
            "ldr lr, [sp]",
            "ldr r8, [sp, #24]",
            "mov r9, r8",
            "2:",
            ".rept 2",
            "ldmia r6!, {{r0, r1, r10, r11}}",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "eor r0, r0, #0x80008000",
            "and r12, r0, #0x000f000f",
            "smlad r8, r12, r2, r8",
            "and r12, r7, r0, lsr #4",
            "smlad r8, r12, r3, r8",
            "and r12, r7, r0, lsr #8",
            "smlad r8, r12, r4, r8",
            "and r12, r7, r0, lsr #12",
            "smlad r8, r12, r5, r8",
            "eor r1, r1, #0x80008000",
            "and r12, r1, #0x000f000f",
            "smlad r9, r12, r2, r9",
            "and r12, r7, r1, lsr #4",
            "smlad r9, r12, r3, r9",
            "and r12, r7, r1, lsr #8",
            "smlad r9, r12, r4, r9",
            "and r12, r7, r1, lsr #12",
            "smlad r9, r12, r5, r9",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "eor r10, r10, #0x80008000",
            "and r12, r10, #0x000f000f",
            "smlad r8, r12, r2, r8",
            "and r12, r7, r10, lsr #4",
            "smlad r8, r12, r3, r8",
            "and r12, r7, r10, lsr #8",
            "smlad r8, r12, r4, r8",
            "and r12, r7, r10, lsr #12",
            "smlad r8, r12, r5, r8",
            "eor r11, r11, #0x80008000",
            "and r12, r11, #0x000f000f",
            "smlad r9, r12, r2, r9",
            "and r12, r7, r11, lsr #4",
            "smlad r9, r12, r3, r9",
            "and r12, r7, r11, lsr #8",
            "smlad r9, r12, r4, r9",
            "and r12, r7, r11, lsr #12",
            "smlad r9, r12, r5, r9",
            ".endr",
            "ldr r0, [sp, #4]",
            "cmp lr, r0",
            "bne 2b",
            "ldr r0, [sp, #8]",
            "stmia r0!, {{r8, r9}}",
            "str r0, [sp, #8]",
            "ldr r1, [sp, #12]",
            "cmp r0, r1",
            "bne 3b",
            "ldrd r6, r7, [sp, #16]",
            "add sp, #28",
            inout("r0") weights.as_ptr() => _,
            inout("r1") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r3") sums.as_mut_ptr() => _,
            inout("r4") sums.as_mut_ptr_range().end => _,
            inout("r8") start => _,
            inout("r12") 0x000f_000f => _,
            out("r5") _, out("r9") _, out("r10") _, out("r11") _, out("lr") _,
        );
    }
}

/// Two rows by one vector: 18 instructions for 16 products.
fn multiply_one_i8(weights: &[u32], lanes: &[i32], start: i32, sums: &mut [i32]) {
    check(
        4 * weights.len(),
        4 * lanes.len(),
        lanes.len(),
        16,
        sums.len(),
    );
    // SAFETY: as for two vectors, with turns of 16 words of lanes and two words of sums a pair of rows.
    unsafe {
        asm!(
            // The stack: lanes, sums, their end, r6, r7, start.
            "push {{r1, r3, r4, r6, r7, r8}}",
            "mov r6, r0",
            "mov r7, r2",
            "3:",
            "ldr lr, [sp]",
            "ldr r8, [sp, #20]",
            "mov r9, r8",
            "2:",
            ".rept 4",
            "ldmia r6!, {{r0, r1, r10, r11}}",
            "ldmia lr!, {{r2, r3, r4, r5}}",
            "uxtb16 r12, r0",
            "smlad r8, r12, r2, r8",
            "sxtb16 r12, r0, ror #8",
            "smlad r8, r12, r3, r8",
            "uxtb16 r12, r1",
            "smlad r9, r12, r2, r9",
            "sxtb16 r12, r1, ror #8",
            "smlad r9, r12, r3, r9",
            "uxtb16 r12, r10",
            "smlad r8, r12, r4, r8",
            "sxtb16 r12, r10, ror #8",
            "smlad r8, r12, r5, r8",
            "uxtb16 r12, r11",
            "smlad r9, r12, r4, r9",
            "sxtb16 r12, r11, ror #8",
            "smlad r9, r12, r5, r9",
            ".endr",
            "cmp lr, r7",
            "bne 2b",
            "ldr r0, [sp, #4]",
            "stmia r0!, {{r8, r9}}",
            "str r0, [sp, #4]",
            "ldr r1, [sp, #8]",
            "cmp r0, r1",
            "bne 3b",
            "ldrd r6, r7, [sp, #12]",
            "add sp, #24",
            inout("r0") weights.as_ptr() => _,
            inout("r1") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r3") sums.as_mut_ptr() => _,
            inout("r4") sums.as_mut_ptr_range().end => _,
            inout("r8") start => _,
            out("r5") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
        );
    }
}
