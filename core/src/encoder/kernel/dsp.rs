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
//! and below 2^31 after [`BLOCK_COLUMNS`], where the scale is shifted out. `SMLAD` also sets the
//! sticky overflow flag Q, which nothing here reads.
#![allow(unsafe_code)]

use super::four_rows::{FourRows, Quad};
use super::layout::{MatrixFormat, lanes};
use core::arch::asm;

/// 8 x 127 x 512 x 2^12 and 128 x 127 x 512 x 2^8 are below 2^31.
const BLOCK_COLUMNS: usize = 512;

/// What the offsets of the weights add to a scaled sum, by activation that meets an offset weight:
/// 8 x 2^12 or 128 x 2^8.
const SCALED_OFFSET: i32 = 1 << 15;

/// The processor's loops.
pub(super) enum Dsp {}

impl FourRows for Dsp {
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let columns = inputs[0].len();
        let (lanes, starts) = words.split_at_mut(columns);
        let blocks = lanes.chunks_mut(BLOCK_COLUMNS).enumerate();
        for (block, lanes) in blocks {
            for (token, input) in inputs.into_iter().enumerate() {
                let first = block * BLOCK_COLUMNS;
                let input = &input[first..first + lanes.len()];
                let offset = match format {
                    MatrixFormat::I4 => combine_i4(input, &mut lanes[token..]),
                    MatrixFormat::I8 => combine_i8(input, &mut lanes[token..]),
                };
                starts[2 * block + token] = -SCALED_OFFSET * offset;
            }
        }
    }

    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let (lanes_out, start) = words.split_at_mut(input.len() / 2);
        let fours = input.chunks_exact(4);
        for (out, x) in lanes_out.chunks_exact_mut(2).zip(fours.clone()) {
            out[0] = lanes(x[0], x[2]);
            out[1] = lanes(x[1], x[3]);
        }
        let offset: i32 = match format {
            MatrixFormat::I4 => 8 * input.iter().map(|&x| i32::from(x)).sum::<i32>(),
            MatrixFormat::I8 => {
                128 * fours
                    .map(|x| i32::from(x[0]) + i32::from(x[2]))
                    .sum::<i32>()
            }
        };
        start[0] = -offset;
    }

    fn multiply_two(quad: &Quad<'_>, words: &[i32]) -> [[i32; 2]; 4] {
        let (lanes, starts) = words.split_at(quad.columns);
        let mut sums = [[0; 2]; 4];
        for (pair, sums) in quad.pairs().into_iter().zip(sums.chunks_exact_mut(2)) {
            let blocks = lanes.chunks(BLOCK_COLUMNS).zip(starts.chunks_exact(2));
            let mut weights = pair;
            for (lanes, start) in blocks {
                let start = [start[0], start[1]];
                let (block, rest) = weights.split_at(quad.format.bytes(2, lanes.len()));
                weights = rest;
                let (block, shift) = match quad.format {
                    MatrixFormat::I4 => (pair_two_i4(block, lanes, start), 12),
                    MatrixFormat::I8 => (pair_two_i8(block, lanes, start), 8),
                };
                for (sums, block) in sums.iter_mut().zip(block) {
                    sums[0] += block[0] >> shift;
                    sums[1] += block[1] >> shift;
                }
            }
        }
        sums
    }

    fn multiply_one(quad: &Quad<'_>, words: &[i32]) -> [i32; 4] {
        let (lanes, start) = words.split_at(quad.columns / 2);
        let [first, second] = quad.pairs().map(|pair| match quad.format {
            MatrixFormat::I4 => pair_one_i4(pair, lanes, start[0]),
            MatrixFormat::I8 => pair_one_i8(pair, lanes, start[0]),
        });
        [first[0], first[1], second[0], second[1]]
    }
}

/// Writes every second word of `lanes`; gives the sum of the activations that meet offset weights.
fn combine_i4(input: &[i8], lanes_out: &mut [i32]) -> i32 {
    let mut offset = 0;
    for (out, input) in lanes_out.chunks_mut(8).zip(input.chunks_exact(8)) {
        let x = |column: usize| i16::from(input[column]);
        let combine = |x: [i16; 4]| [x[3], 16 * x[2] - x[3], 256 * x[1] - x[3], 16 * x[0] - x[1]];
        let low = combine([x(0), x(1), x(4), x(5)]);
        let high = combine([x(2), x(3), x(6), x(7)]);
        for (field, (low, high)) in low.into_iter().zip(high).enumerate() {
            out[2 * field] = lanes(low, high);
        }
        offset += i32::from(x(0) + x(1) + x(2) + x(3) + x(4) + x(6));
    }
    offset
}

/// As [`combine_i4`] for bytes.
fn combine_i8(input: &[i8], lanes_out: &mut [i32]) -> i32 {
    let mut offset = 0;
    for (out, input) in lanes_out.chunks_mut(4).zip(input.chunks_exact(4)) {
        let x = |column: usize| i16::from(input[column]);
        out[0] = lanes(256 * x(0) - x(1), 256 * x(2) - x(3));
        out[2] = lanes(x(1), x(3));
        offset += i32::from(x(0) + x(2));
    }
    offset
}

/// Two rows by two vectors: 25 instructions for 32 products.
fn pair_two_i4(weights: &[u8], lanes: &[i32], start: [i32; 2]) -> [[i32; 2]; 2] {
    assert!(!lanes.is_empty() && lanes.len().is_multiple_of(16) && weights.len() == lanes.len());
    let mut sums = [start, start];
    let [[a, b], [c, d]] = &mut sums;
    // SAFETY: reads `weights` and `lanes` from their starts to their ends: each turn takes 16 bytes
    // of weights and 16 words of lanes, of which there are whole turns, as asserted. r6 and r7,
    // which may not be operands, are restored.
    unsafe {
        asm!(
            "push {{r2, r6, r7}}",
            "mov r6, r0",
            "mov r7, r12",
            "2:",
            ".rept 2",
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
            "ldr r0, [sp]",
            "cmp lr, r0",
            "bne 2b",
            "pop {{r2, r6, r7}}",
            inout("r0") weights.as_ptr() => _,
            inout("lr") lanes.as_ptr() => _,
            in("r2") lanes.as_ptr_range().end,
            inout("r12") 0x0f00_0f00 => _,
            inout("r8") *a, inout("r9") *b, inout("r10") *c, inout("r11") *d,
            out("r1") _, out("r3") _, out("r4") _, out("r5") _,
            options(readonly),
        );
    }
    sums
}

/// Two rows by two vectors: 12 instructions for 16 products.
fn pair_two_i8(weights: &[u8], lanes: &[i32], start: [i32; 2]) -> [[i32; 2]; 2] {
    assert!(
        !lanes.is_empty() && lanes.len().is_multiple_of(16) && weights.len() == 2 * lanes.len()
    );
    let mut sums = [start, start];
    let [[a, b], [c, d]] = &mut sums;
    // SAFETY: reads `weights` and `lanes` from their starts to their ends: each turn takes 32 bytes
    // of weights and 16 words of lanes, of which there are whole turns, as asserted. r6 and r7,
    // which may not be operands, are restored.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "mov r6, r0",
            "mov r7, r2",
            "2:",
            ".rept 4",
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
            "pop {{r6, r7}}",
            inout("r0") weights.as_ptr() => _,
            inout("lr") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r8") *a, inout("r9") *b, inout("r10") *c, inout("r11") *d,
            out("r1") _, out("r3") _, out("r4") _, out("r5") _, out("r12") _,
            options(readonly),
        );
    }
    sums
}

/// Two rows by one vector of `i16`: 20 instructions for 16 products.
fn pair_one_i4(weights: &[u8], lanes: &[i32], start: i32) -> [i32; 2] {
    assert!(!lanes.is_empty() && lanes.len().is_multiple_of(8) && weights.len() == 2 * lanes.len());
    let mut sums = [start; 2];
    let [a, b] = &mut sums;
    // SAFETY: reads `weights` and `lanes` from their starts to their ends: each turn takes 16 bytes
    // of weights and 8 words of lanes, of which there are whole turns, as asserted. r6 and r7,
    // which may not be operands, are restored.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "mov r6, r0",
            "mov r7, r12",
            "2:",
            ".rept 2",
            "ldrd r0, r1, [r6], #8",
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
            ".endr",
            "cmp lr, r10",
            "bne 2b",
            "pop {{r6, r7}}",
            inout("r0") weights.as_ptr() => _,
            inout("lr") lanes.as_ptr() => _,
            in("r10") lanes.as_ptr_range().end,
            inout("r12") 0x000f_000f => _,
            inout("r8") *a, inout("r9") *b,
            out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
            options(readonly),
        );
    }
    sums
}

/// Two rows by one vector of `i16`: 18 instructions for 16 products.
fn pair_one_i8(weights: &[u8], lanes: &[i32], start: i32) -> [i32; 2] {
    assert!(!lanes.is_empty() && lanes.len().is_multiple_of(8) && weights.len() == 4 * lanes.len());
    let mut sums = [start; 2];
    let [a, b] = &mut sums;
    // SAFETY: reads `weights` and `lanes` from their starts to their ends: each turn takes 32 bytes
    // of weights and 8 words of lanes, of which there are whole turns, as asserted. r6 and r7,
    // which may not be operands, are restored.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "mov r6, r0",
            "mov r7, r2",
            "2:",
            ".rept 2",
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
            "pop {{r6, r7}}",
            inout("r0") weights.as_ptr() => _,
            inout("lr") lanes.as_ptr() => _,
            inout("r2") lanes.as_ptr_range().end => _,
            inout("r8") *a, inout("r9") *b,
            out("r1") _, out("r3") _, out("r4") _, out("r5") _,
            out("r10") _, out("r11") _, out("r12") _,
            options(readonly),
        );
    }
    sums
}
