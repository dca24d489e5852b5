#![no_std]
#![no_main]
//! memt on a Netduino Plus 2, an STM32F405 of 1 MiB of flash and 128 KiB of RAM, which QEMU has: the linker proves that
//! program, default model and 200 memories fit a part of that size.

mod flash;
mod usart;

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use flash::FileFlash;
use memt_app::{Board, NoPin, NoRegion, Settings, State};
use memt_board::{Milliseconds, run};
use memt_core::encoder::Aligned;
use semihosting::sys::arm_compat::sys_clock;
use static_cell::ConstStaticCell;
use usart::Usart;

#[cfg(not(feature = "small-model"))]
static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/default.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/default.memt"));
#[cfg(feature = "small-model")]
static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/small.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/small.memt"));

/// 200 memories of up to 200 bytes and 24 distinct terms, more than nearly all English texts of that length have.
static STATE: ConstStaticCell<State<200, 200, 24, 19_024>> = ConstStaticCell::new(State::new());

/// The origin of its memories' keys.
const ORIGIN: u32 = 405;

#[entry]
fn main() -> ! {
    let flash = match FileFlash::open(c"memt-flash.bin") {
        Ok(flash) => flash,
        Err(error) => panic!("memt-flash.bin, which stands for flash: {error:?}"),
    };
    let board = Board {
        port: Usart::start(),
        flash,
        clock: Milliseconds(milliseconds),
        light: NoPin,
        region: NoRegion,
    };
    let settings = Settings {
        model: &MODEL.0,
        origin: ORIGIN,
    };
    run(
        board,
        STATE.take(),
        &settings,
        core::hint::spin_loop,
        || SCB::sys_reset(),
    )
}

/// The host's clock, which QEMU gives in hundredths of a second.
fn milliseconds() -> u64 {
    sys_clock().map_or(0, |hundredths| hundredths as u64 * 10)
}

/// All that was acknowledged is in flash.
#[cfg(not(feature = "messages"))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
