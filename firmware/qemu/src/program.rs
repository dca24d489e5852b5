//! From the machine's start code to a program's `run`, and from its result to QEMU's exit status.

use core::fmt::Display;
use semihosting::{eprintln, process};

/// The machine's name in measurements: QEMU's, with the instruction set where that leaves doubt.
#[cfg(feature = "machine")]
pub const MACHINE: &str = env!("MEMT_MACHINE");

/// Runs a program and leaves QEMU: status 0, or 1 with the error on standard error. A panic or a fault gives 101.
pub fn finish<E: Display>(run: fn() -> Result<(), E>) -> ! {
    match run() {
        Ok(()) => process::exit(0),
        Err(error) => {
            eprintln!("error: {error}");
            process::exit(1)
        }
    }
}
