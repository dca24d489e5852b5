#![no_std]
#![no_main]
//! memt on a Raspberry Pi Pico 2: console and link on UART0, memories and a second model in flash.

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use embassy_rp::bind_interrupts;
use embassy_rp::config::Config;
use embassy_rp::flash::{Blocking, Flash};
use embassy_rp::gpio::{Level, Output};
use embassy_rp::otp::get_chipid;
use embassy_rp::peripherals::{FLASH, UART0};
use embassy_rp::uart::{self, BufferedInterruptHandler, BufferedUart};
use embassy_time::Instant;
use memt_app::{Board, Settings, State};
use memt_board::flash::{SharedFlash, shared};
use memt_board::{Milliseconds, layout, origin_of, run};
use memt_core::encoder::Aligned;
#[cfg(feature = "messages")]
use panic_rtt_target as _;
use static_cell::{ConstStaticCell, StaticCell};

/// Bytes of the chip's flash.
const FLASH_BYTES: usize = 4 * 1024 * 1024;

static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/default.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/default.memt"));

/// 500 memories of up to 200 bytes and 32 distinct terms.
static STATE: ConstStaticCell<State<500, 200, 32, 20_480, 512, 16>> =
    ConstStaticCell::new(State::new());
static RECEIVED: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static SENT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
static SHARED: StaticCell<SharedFlash<Flash<'static, FLASH, Blocking, FLASH_BYTES>>> =
    StaticCell::new();

bind_interrupts!(struct Interrupts {
    UART0_IRQ => BufferedInterruptHandler<UART0>;
});

#[entry]
fn main() -> ! {
    #[cfg(feature = "messages")]
    rtt_target::rtt_init_print!();
    let chip = embassy_rp::init(Config::default());
    let serial = match get_chipid() {
        Ok(serial) => serial,
        Err(error) => panic!("the chip tells no serial number: {error:?}"),
    };
    let port = BufferedUart::new(
        chip.UART0,
        chip.PIN_0,
        chip.PIN_1,
        Interrupts,
        SENT.take(),
        RECEIVED.take(),
        uart::Config::default(),
    );
    let flash = SHARED.init(shared(Flash::new_blocking(chip.FLASH)));
    let board = Board {
        port,
        flash: layout::store(flash),
        clock: Milliseconds(|| Instant::now().as_millis()),
        light: Output::new(chip.PIN_25, Level::Low),
        region: layout::model_region(flash),
    };
    let settings = Settings {
        model: &MODEL.0,
        origin: origin_of(&serial.to_le_bytes()),
    };
    run(board, STATE.take(), &settings, cortex_m::asm::wfe, || {
        SCB::sys_reset()
    })
}

/// All that was acknowledged is in flash.
#[cfg(not(feature = "messages"))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
