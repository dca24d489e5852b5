#![no_std]
#![no_main]
//! memt on an STM32U575 (NUCLEO-U575ZI-Q): console and link on the debugger's serial port, memories and a second model in flash.

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use embassy_stm32::flash::{Blocking, Flash};
use embassy_stm32::gpio::{Level, Output, Speed};
use embassy_stm32::peripherals::USART1;
use embassy_stm32::usart::{self, BufferedInterruptHandler, BufferedUart};
use embassy_stm32::{Config, bind_interrupts, uid};
use embassy_time::Instant;
use memt_app::{Board, Settings, State};
use memt_board::flash::{SharedFlash, shared};
use memt_board::{Milliseconds, layout, origin_of, run};
use memt_core::encoder::Aligned;
#[cfg(feature = "messages")]
use panic_rtt_target as _;
use static_cell::{ConstStaticCell, StaticCell};

static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/default.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/default.memt"));

/// 500 memories of up to 200 bytes and 32 distinct terms.
static STATE: ConstStaticCell<State<500, 200, 32, 20_480, 512, 16>> =
    ConstStaticCell::new(State::new());
static RECEIVED: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static SENT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
static SHARED: StaticCell<SharedFlash<Flash<'static, Blocking>>> = StaticCell::new();

bind_interrupts!(struct Interrupts {
    USART1 => BufferedInterruptHandler<USART1>;
});

#[entry]
fn main() -> ! {
    #[cfg(feature = "messages")]
    rtt_target::rtt_init_print!();
    let chip = embassy_stm32::init(configuration());
    let port = BufferedUart::new(
        chip.USART1,
        chip.PA10,
        chip.PA9,
        SENT.take(),
        RECEIVED.take(),
        Interrupts,
        usart::Config::default(),
    );
    let port = match port {
        Ok(port) => port,
        Err(error) => panic!("USART1 does not start: {error:?}"),
    };
    let flash = SHARED.init(shared(Flash::new_blocking(chip.FLASH)));
    let board = Board {
        port,
        flash: layout::store(flash),
        clock: Milliseconds(|| Instant::now().as_millis()),
        // The green one, LD1.
        light: Output::new(chip.PC7, Level::Low, Speed::Low),
        region: layout::model_region(flash),
    };
    let settings = Settings {
        model: &MODEL.0,
        origin: origin_of(&uid::uid()),
    };
    run(board, STATE.take(), &settings, cortex_m::asm::wfe, || {
        SCB::sys_reset()
    })
}

/// 160 MHz from the internal 16 MHz oscillator.
fn configuration() -> Config {
    use embassy_stm32::rcc::{Pll, PllDiv, PllMul, PllPreDiv, PllSource, Sysclk, VoltageScale};
    let mut configuration = Config::default();
    configuration.rcc.hsi = true;
    configuration.rcc.pll1 = Some(Pll {
        source: PllSource::HSI,
        prediv: PllPreDiv::DIV1,
        mul: PllMul::MUL10,
        divp: None,
        divq: None,
        divr: Some(PllDiv::DIV1),
    });
    configuration.rcc.sys = Sysclk::PLL1_R;
    configuration.rcc.voltage_range = VoltageScale::RANGE1;
    configuration
}

/// All that was acknowledged is in flash.
#[cfg(not(feature = "messages"))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
