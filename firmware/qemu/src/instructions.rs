//! How many instructions a piece of work takes, the same on every run under QEMU's `-icount shift=0`.
//!
//! RISC-V and AArch64 count exactly. The Cortex-M machines have only SysTick, which under `-icount` advances once in a
//! fixed number of instructions (40 on mps2-an385 and mps2-an386, 50 on mps2-an505): that number is found at the start
//! by a loop of known length and is the resolution. Instructions are not cycles: QEMU models no pipeline and no
//! waiting for memory.

use crate::board::{Ticks, spin};

/// Instructions in the loop that finds the length of a tick.
const CALIBRATION: u32 = 2_000_000;

/// A calibrated counter. Pieces of work are counted one at a time: the hardware counter behind it is shared.
#[derive(Debug)]
pub struct InstructionCounter {
    /// Instructions in `ticks_calibrated` ticks.
    calibration: u64,
    ticks_calibrated: u64,
    /// Ticks that counting itself takes.
    overhead: u64,
}

impl InstructionCounter {
    /// Starts the hardware counter and, where it does not count instructions themselves, calibrates it with a loop of
    /// 2 million.
    pub fn start() -> Self {
        Ticks::enable();
        let overhead = ticks_of(|| ()).1;
        let (calibration, ticks_calibrated) = if Ticks::ARE_INSTRUCTIONS {
            (1, 1)
        } else {
            let ticks = ticks_of(|| spin(CALIBRATION)).1 - overhead;
            (u64::from(CALIBRATION), ticks)
        };
        Self {
            calibration,
            ticks_calibrated,
            overhead,
        }
    }

    /// Instructions that one tick of the hardware counter stands for, x1000: the resolution of [`count`](Self::count).
    pub fn instructions_per_tick_x1000(&self) -> u64 {
        self.calibration * 1000 / self.ticks_calibrated
    }

    /// Runs `work` once; gives its result and the instructions it took, rounded down to whole ticks.
    ///
    /// # Panics
    /// On Cortex-M if the work outlasts the 24-bit counter: 671 million instructions on mps2-an385 and mps2-an386.
    pub fn count<R>(&self, work: impl FnOnce() -> R) -> (R, u64) {
        let (result, ticks) = ticks_of(work);
        let ticks = ticks.saturating_sub(self.overhead);
        (result, ticks * self.calibration / self.ticks_calibrated)
    }
}

#[inline(never)]
fn ticks_of<R>(work: impl FnOnce() -> R) -> (R, u64) {
    let ticks = Ticks::begin();
    let result = work();
    (result, ticks.elapsed())
}
