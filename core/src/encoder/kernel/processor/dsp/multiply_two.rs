//! Weights by two vectors, whose combined activations share every unpacked weight.

use super::check;
use core::arch::asm;

/// Two rows by two vectors: 25 instructions for 32 products.
pub(super) fn multiply_two_i4(
    weights: &[u32],
    lanes: &[i32],
    start: [i32; 2],
    sums: &mut [[i32; 2]],
) {
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
pub(super) fn multiply_two_i8(
    weights: &[u32],
    lanes: &[i32],
    start: [i32; 2],
    sums: &mut [[i32; 2]],
) {
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
