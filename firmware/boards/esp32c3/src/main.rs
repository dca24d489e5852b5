#![no_std]
#![no_main]
//! memt on an ESP32-C3: console and link on its USB port, memories and a second model in flash.

mod port;
mod window;

#[cfg(feature = "messages")]
use esp_backtrace as _;
use esp_hal::efuse::base_mac_address;
use esp_hal::gpio::{Level, Output, OutputConfig};
use esp_hal::system::software_reset;
use esp_hal::time::Instant;
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;
use esp_storage::FlashStorage;
use memt_app::{Board, Settings, State};
use memt_board::flash::{ModelRegion, Partition, SharedFlash, shared};
use memt_board::{Milliseconds, origin_of, run};
use memt_core::encoder::Aligned;
use port::Port;
use static_cell::{ConstStaticCell, StaticCell};

esp_bootloader_esp_idf::esp_app_desc!();

/// Where the partition `memt_model` of partitions.csv lies.
const MODEL_START: u32 = 0x19_0000;
const MODEL_BYTES: u32 = 0x10_0000;

/// Where the partition `memt_store` lies.
const STORE_START: u32 = 0x3c_0000;
const STORE_BYTES: u32 = 0x4_0000;

static MODEL: Aligned<[u8; include_bytes!("../../../../host/models/default.memt").len()]> =
    Aligned(*include_bytes!("../../../../host/models/default.memt"));

/// 200 memories of up to 200 bytes and 32 distinct terms.
static STATE: ConstStaticCell<State<200, 200, 32, 20_480, 512, 16>> =
    ConstStaticCell::new(State::new());
static SHARED: StaticCell<SharedFlash<FlashStorage<'static>>> = StaticCell::new();

#[esp_hal::main]
fn main() -> ! {
    let configuration = esp_hal::Config::default().with_cpu_clock(esp_hal::clock::CpuClock::max());
    let chip = esp_hal::init(configuration);
    let flash = SHARED.init(shared(FlashStorage::new(chip.FLASH)));
    let model = Partition::new(flash, MODEL_START, MODEL_BYTES);
    let board = Board {
        port: Port::new(UsbSerialJtag::new(chip.USB_DEVICE)),
        flash: Partition::new(flash, STORE_START, STORE_BYTES),
        clock: Milliseconds(|| Instant::now().duration_since_epoch().as_millis()),
        light: Output::new(chip.GPIO8, Level::Low, OutputConfig::default()),
        region: ModelRegion::new(model, window::window),
    };
    let settings = Settings {
        model: &MODEL.0,
        origin: origin_of(base_mac_address().as_bytes()),
    };
    run(
        board,
        STATE.take(),
        &settings,
        core::hint::spin_loop,
        || software_reset(),
    )
}

/// All that was acknowledged is in flash.
#[cfg(not(feature = "messages"))]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    software_reset()
}
