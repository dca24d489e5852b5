//! Cortex-M: start and faults by `cortex-m-rt`, time by SysTick.

use core::arch::asm;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{ExceptionFrame, entry, exception};

/// The programs enable no interrupt, so one entry, which the linker script asks for, stands for the 240 that there may be.
// SAFETY: the section is a part of the table of vectors, whose entries are addresses of handlers or 0.
#[unsafe(link_section = ".vector_table.interrupts")]
#[used]
static INTERRUPTS: [usize; 1] = [0];

const COUNTER_MAX: u32 = 0x00ff_ffff;

#[entry]
fn start() -> ! {
    super::memt_program()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    panic!("hard fault at {:#010x}", frame.pc())
}

/// SysTick, counting down from a moment on.
pub(crate) struct Ticks(SYST);

impl Ticks {
    pub(crate) const ARE_INSTRUCTIONS: bool = false;

    pub(crate) fn enable() {
        let mut timer = Self::timer();
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(COUNTER_MAX);
        timer.enable_counter();
    }

    #[inline(always)]
    pub(crate) fn begin() -> Self {
        let mut timer = Self::timer();
        timer.clear_current();
        Self(timer)
    }

    /// Ticks since [`begin`](Self::begin), which left 0 in the counter: the next tick reloads it.
    #[inline(always)]
    pub(crate) fn elapsed(mut self) -> u64 {
        let current = SYST::get_current();
        assert!(
            !self.0.has_wrapped(),
            "the work outlasted the 24 bits of SysTick"
        );
        u64::from(current.wrapping_neg() & COUNTER_MAX)
    }

    fn timer() -> SYST {
        // SAFETY: the programs have one thread, no interrupt handler, and use SysTick here only.
        unsafe { cortex_m::Peripherals::steal() }.SYST
    }
}

/// Executes `instructions` instructions, an even number above 0, within a few.
#[inline(never)]
pub fn spin(instructions: u32) {
    // SAFETY: registers only.
    unsafe {
        asm!(".p2align 2", "2:", "subs {turns}, #1", "bne 2b",
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
