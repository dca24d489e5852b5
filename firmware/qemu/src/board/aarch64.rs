//! AArch64: own start code (stack, floating point, exception vectors), time by the counter of retired instructions.

use core::arch::{asm, global_asm};

global_asm!(
    ".section .text.start, \"ax\"",
    ".global _start",
    "_start:",
    "adrp x0, _stack_top",
    "add x0, x0, :lo12:_stack_top",
    "mov sp, x0",
    // CPACR_EL1.FPEN: no trap on floating point, which compiled code uses for plain copies too.
    "mov x0, #(3 << 20)",
    "msr cpacr_el1, x0",
    "adr x0, vectors",
    "msr vbar_el1, x0",
    "isb",
    "adrp x0, _bss_start",
    "add x0, x0, :lo12:_bss_start",
    "adrp x1, _bss_end",
    "add x1, x1, :lo12:_bss_end",
    "2: cmp x0, x1",
    "b.hs 3f",
    "stp xzr, xzr, [x0], #16",
    "b 2b",
    "3: bl {entry}",
    ".balign 2048",
    "vectors:",
    ".rept 16",
    ".balign 128",
    "b {exception}",
    ".endr",
    entry = sym start,
    exception = sym exception,
);

extern "C" fn start() -> ! {
    super::memt_program()
}

extern "C" fn exception() -> ! {
    let (syndrome, address): (u64, u64);
    // SAFETY: reads two status registers.
    unsafe {
        asm!("mrs {}, esr_el1", "mrs {}, elr_el1", out(reg) syndrome, out(reg) address, options(nomem, nostack))
    };
    panic!("exception {syndrome:#x} at {address:#010x}")
}

/// Event counter 0, from a moment on.
pub(crate) struct Ticks(u64);

impl Ticks {
    pub(crate) const ARE_INSTRUCTIONS: bool = true;

    /// Lets event counter 0 count event 8, instructions retired.
    pub(crate) fn enable() {
        // SAFETY: the performance monitor belongs to this module.
        unsafe {
            asm!("msr pmevtyper0_el0, {event}", "msr pmcntenset_el0, {enable}", "msr pmcr_el0, {enable}", "isb",
                event = in(reg) 8_u64, enable = in(reg) 1_u64, options(nostack));
        }
    }

    #[inline(always)]
    pub(crate) fn begin() -> Self {
        Self(retired())
    }

    /// Instructions since [`begin`](Self::begin), of which the counter holds 32 bits.
    #[inline(always)]
    pub(crate) fn elapsed(self) -> u64 {
        retired().wrapping_sub(self.0) & u64::from(u32::MAX)
    }
}

#[inline(always)]
fn retired() -> u64 {
    let count;
    // SAFETY: reads a counter.
    unsafe { asm!("mrs {}, pmevcntr0_el0", out(reg) count, options(nostack)) };
    count
}

/// Executes `instructions` instructions, an even number above 0, within a few.
#[inline(never)]
pub fn spin(instructions: u32) {
    // SAFETY: registers only.
    unsafe {
        asm!("2:", "subs {turns:w}, {turns:w}, #1", "b.ne 2b",
            turns = inout(reg) instructions / 2 => _, options(nomem, nostack));
    }
}

#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let address;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) address, options(nomem, nostack, preserves_flags)) };
    address
}
