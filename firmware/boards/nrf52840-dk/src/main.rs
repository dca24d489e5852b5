#![no_std]
#![no_main]
//! memt on an nRF52840-DK: console and link on the debugger's serial port, memories in flash.

mod port;

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use embassy_nrf::buffered_uarte::{BufferedUarte, InterruptHandler};
use embassy_nrf::config::Config;
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use embassy_nrf::nvmc::Nvmc;
use embassy_nrf::peripherals::UARTE0;
use embassy_nrf::{bind_interrupts, pac, uarte};
use embassy_time::Instant;
use memt_app::{Board, Settings, State};
use memt_board::flash::{SharedFlash, shared};
use memt_board::{Milliseconds, layout, origin_of, run};
use memt_core::encoder::Aligned;
#[cfg(feature = "messages")]
use panic_rtt_target as _;
use port::Port;
use static_cell::{ConstStaticCell, StaticCell};

#[cfg(not(feature = "field-model"))]
static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/default.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/default.memt"));
#[cfg(feature = "field-model")]
static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/small.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/small.memt"));

/// 200 memories of up to 200 bytes and 32 distinct terms.
static STATE: ConstStaticCell<State<200, 200, 32, 20_480, 512, 16>> =
    ConstStaticCell::new(State::new());
static RECEIVED: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static SENT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
static SHARED: StaticCell<SharedFlash<Nvmc<'static>>> = StaticCell::new();

bind_interrupts!(struct Interrupts {
    UARTE0 => InterruptHandler<UARTE0>;
});

#[entry]
fn main() -> ! {
    #[cfg(feature = "messages")]
    rtt_target::rtt_init_print!();
    let chip = embassy_nrf::init(Config::default());
    let mut line = uarte::Config::default();
    line.baudrate = uarte::Baudrate::Baud115200;
    let port = BufferedUarte::new(
        chip.UARTE0,
        chip.TIMER0,
        chip.PPI_CH0,
        chip.PPI_CH1,
        chip.PPI_GROUP0,
        chip.P0_08,
        chip.P0_06,
        Interrupts,
        line,
        RECEIVED.take(),
        SENT.take(),
    );
    let flash = SHARED.init(shared(Nvmc::new(chip.NVMC)));
    // LED1 lights when its pin is low.
    let light = Output::new(chip.P0_13, Level::High, OutputDrive::Standard);
    let board = Board {
        port: Port(port),
        flash: layout::store(flash),
        clock: Milliseconds(|| Instant::now().as_millis()),
        light: memt_board::ActiveLow(light),
        region: region(flash),
    };
    let serial = [0, 1].map(|half| pac::FICR.deviceid(half).read());
    let settings = Settings {
        model: &MODEL.0,
        origin: origin_of(serial.map(u32::to_le_bytes).as_flattened()),
    };
    run(board, STATE.take(), &settings, cortex_m::asm::wfe, || {
        SCB::sys_reset()
    })
}

#[cfg(feature = "field-model")]
use memt_board::layout::model_region as region;

#[cfg(not(feature = "field-model"))]
fn region(_: &'static SharedFlash<Nvmc<'static>>) -> memt_app::NoRegion {
    memt_app::NoRegion
}

/// All that was acknowledged is in flash.
#[cfg(not(feature = "messages"))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
