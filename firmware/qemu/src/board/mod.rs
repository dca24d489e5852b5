//! The machine itself: start code, counters, the stack and the mailbox's memory. All of the package's `unsafe` is here.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "arm")]
mod arm;
mod exclusive;
#[cfg(feature = "machine")]
mod flash_memory;
mod memory;
#[cfg(target_arch = "riscv32")]
mod riscv32;
mod uart;

#[cfg(target_arch = "aarch64")]
use aarch64 as machine;
#[cfg(target_arch = "arm")]
use arm as machine;
#[cfg(target_arch = "riscv32")]
use riscv32 as machine;

pub use exclusive::Exclusive;
#[cfg(feature = "machine")]
pub use flash_memory::FlashMemory;
pub use machine::spin;
pub(crate) use machine::{Ticks, stack_pointer};
#[cfg(feature = "machine")]
pub(crate) use memory::mailbox_memory;
pub(crate) use memory::{paint_below, unpainted_depth};
pub use uart::Uart;

/// Makes `$run`, a `fn() -> Result<(), E>` with `E: Display`, the program that the machine starts. A panic ends it with status
/// 101 and its message; `silent` leaves the messages of panics out of the program, as the boards do.
#[macro_export]
macro_rules! program {
    ($run:path) => {
        $crate::program!($run, silent, |panic| semihosting::eprintln!("{panic}"));
    };
    ($run:path, silent $(, |$panic:ident| $tell:expr)?) => {
        #[panic_handler]
        fn panicked(_panic: &core::panic::PanicInfo<'_>) -> ! {
            $(
                let $panic = _panic;
                $tell;
            )?
            semihosting::process::exit(101)
        }

        #[allow(unsafe_code)]
        mod start {
            // SAFETY: no other item of the program has this name; the start code calls it once, as declared there.
            #[unsafe(no_mangle)]
            fn memt_program() -> ! {
                $crate::program::finish($run)
            }
        }
    };
}

unsafe extern "Rust" {
    /// Defined by [`program!`](crate::program).
    safe fn memt_program() -> !;
}
