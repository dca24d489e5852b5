//! RISC-V: start by `riscv-rt`, time by the counter of retired instructions.

use core::arch::asm;

#[riscv_rt::entry]
fn start() -> ! {
    super::memt_program()
}

// SAFETY: riscv-rt's linker script expects this name for the handler of every exception, with this signature.
#[unsafe(export_name = "ExceptionHandler")]
fn exception(_frame: &riscv_rt::TrapFrame) -> ! {
    let (cause, address): (usize, usize);
    // SAFETY: reads two status registers.
    unsafe {
        asm!("csrr {}, mcause", "csrr {}, mepc", out(reg) cause, out(reg) address, options(nomem, nostack))
    };
    panic!("exception {cause} at {address:#010x}")
}

/// The counter of retired instructions, from a moment on.
pub(crate) struct Ticks(u64);

impl Ticks {
    pub(crate) const ARE_INSTRUCTIONS: bool = true;

    pub(crate) fn enable() {}

    #[inline(always)]
    pub(crate) fn begin() -> Self {
        Self(retired())
    }

    /// Instructions since [`begin`](Self::begin).
    #[inline(always)]
    pub(crate) fn elapsed(self) -> u64 {
        retired() - self.0
    }
}

/// The high word is read again until it did not change while the low word was read.
#[inline(always)]
fn retired() -> u64 {
    loop {
        let (high, low, again): (u32, u32, u32);
        // SAFETY: reads counters.
        unsafe {
            asm!("csrr {}, minstreth", "csrr {}, minstret", "csrr {}, minstreth",
                out(reg) high, out(reg) low, out(reg) again, options(nostack));
        }
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}

/// Executes `instructions` instructions, an even number above 0, within a few.
#[inline(never)]
pub fn spin(instructions: u32) {
    // SAFETY: registers only.
    unsafe {
        asm!("2:", "addi {turns}, {turns}, -1", "bnez {turns}, 2b",
            turns = inout(reg) instructions / 2 => _, options(nomem, nostack));
    }
}

#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let address;
    // SAFETY: reads a register.
    unsafe { asm!("mv {}, sp", out(reg) address, options(nomem, nostack, preserves_flags)) };
    address
}
