//! Memory outside the program's own data.

use core::arch::asm;

const PATTERN: u32 = 0xa5c3_96e1;

/// The mailbox as bytes.
#[cfg(feature = "machine")]
pub(crate) struct MailboxMemory {
    pub(crate) header: &'static [u8],
    pub(crate) blobs: [&'static [u8]; 3],
}

/// This machine's mailbox, whatever is in it.
#[cfg(feature = "machine")]
pub(crate) fn mailbox_memory() -> MailboxMemory {
    use crate::mailbox::BLOB_BYTES_MAX;
    const ADDRESS: usize = include!(concat!(env!("OUT_DIR"), "/mailbox_address.rs"));
    const BLOB_BYTES: usize = BLOB_BYTES_MAX as usize;
    let region = |offset: usize, bytes: usize| -> &'static [u8] {
        // SAFETY: machines.json places the mailbox in RAM that exists on this machine and that the memory layout
        // leaves to no one else, so it is readable, initialised (QEMU's RAM starts as zeros) and never written.
        unsafe { core::slice::from_raw_parts((ADDRESS + offset) as *const u8, bytes) }
    };
    MailboxMemory {
        header: region(0, 16),
        blobs: [1, 2, 3].map(|index| region(index * BLOB_BYTES, BLOB_BYTES)),
    }
}

/// Fills the `bytes` below `top` with the pattern.
#[inline(always)]
pub(crate) fn paint_below(top: usize, bytes: usize) {
    let start = top - bytes;
    // SAFETY: `top` is the stack pointer and the stack goes on for more than `bytes` below it, where nothing lives.
    // One asm block, because a call would put its own frame into the memory being filled.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("2:", "str {pattern}, [{at}]", "adds {at}, {at}, #4", "cmp {at}, {end}", "bne 2b",
            at = inout(reg) start => _, end = in(reg) top, pattern = in(reg) PATTERN);
        #[cfg(target_arch = "riscv32")]
        asm!("2:", "sw {pattern}, 0({at})", "addi {at}, {at}, 4", "bne {at}, {end}, 2b",
            at = inout(reg) start => _, end = in(reg) top, pattern = in(reg) PATTERN);
        #[cfg(target_arch = "aarch64")]
        asm!("2:", "str {pattern:w}, [{at}], #4", "cmp {at}, {end}", "b.ne 2b",
            at = inout(reg) start => _, end = in(reg) top, pattern = in(reg) PATTERN);
    }
}

/// Bytes from the deepest word in the `bytes` below `top` that lost the pattern up to `top`.
#[inline(always)]
pub(crate) fn unpainted_depth(top: usize, bytes: usize) -> usize {
    let mut at = top - bytes;
    // SAFETY: reads of the stack's memory, aligned to 4; volatile because the compiler does not know who wrote it.
    while at < top && unsafe { (at as *const u32).read_volatile() } == PATTERN {
        at += 4;
    }
    top - at
}
