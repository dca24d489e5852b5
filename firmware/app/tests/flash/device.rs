//! A device that starts on a flash and stops again.

use embedded_storage::nor_flash::NorFlash;
use memt_app::{App, Board, Memory, NoPin, NoRegion, Settings, StartError, State};
use memt_mock::{ManualClock, NoPort, Nor};

/// The origin of the device's keys.
pub(crate) const ORIGIN: u32 = 7;

/// Judged questions that a device keeps: so few that the oldest often goes.
pub(crate) const JUDGED: usize = 3;

/// Flash of some sizes.
pub(crate) trait Geometry {
    type Flash: MockFlash;
    const PAGES: usize;
    const TEXT: usize;
}

/// Any of the mock's sizes.
pub(crate) trait MockFlash: NorFlash + Clone {
    fn erased(pages: usize) -> Self;
    fn mock(&mut self) -> &mut dyn Power;
    fn content(&self) -> &[u8];
}

/// What the mock does whatever its sizes.
pub(crate) trait Power {
    fn record(&mut self);
    fn recorded(&mut self) -> Vec<memt_mock::Change>;
    fn apply(&mut self, change: &memt_mock::Change, steps: u64);
    fn flip(&mut self, place: usize, bit: usize);
    fn written(&self) -> u64;
    fn erases(&self) -> Vec<u32>;
}

impl<const PAGE: usize, const WORD: usize> MockFlash for Nor<PAGE, WORD> {
    fn erased(pages: usize) -> Self {
        Nor::new(pages)
    }

    fn mock(&mut self) -> &mut dyn Power {
        self
    }

    fn content(&self) -> &[u8] {
        self.bytes()
    }
}

impl<const PAGE: usize, const WORD: usize> Power for Nor<PAGE, WORD> {
    fn record(&mut self) {
        Nor::record(self);
    }

    fn recorded(&mut self) -> Vec<memt_mock::Change> {
        Nor::recorded(self)
    }

    fn apply(&mut self, change: &memt_mock::Change, steps: u64) {
        Nor::apply(self, change, steps);
    }

    fn flip(&mut self, place: usize, bit: usize) {
        Nor::flip(self, place, bit);
    }

    fn written(&self) -> u64 {
        Nor::written(self)
    }

    fn erases(&self) -> Vec<u32> {
        Nor::erases(self).to_vec()
    }
}

pub(crate) type Device<'s, F, const SLOTS: usize, const TEXT: usize, const TERMS: usize> =
    App<'s, NoPort, ManualClock, NoPin, NoRegion, Memory<'s, F, SLOTS, TEXT, TERMS, 4096, JUDGED>>;

pub(crate) type DeviceState<const SLOTS: usize, const TEXT: usize, const TERMS: usize> =
    State<SLOTS, TEXT, TERMS, 4096, 512, JUDGED>;

/// The shipped model that takes the least work, at an address that is a multiple of 16.
pub(crate) fn model() -> &'static [u8] {
    static MODEL: std::sync::OnceLock<&'static [u8]> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../host/models/bag.memt");
        let bytes = std::fs::read(path).unwrap();
        let mut copy = vec![0; bytes.len() + 16];
        let start = copy.as_ptr().align_offset(16);
        copy[start..][..bytes.len()].copy_from_slice(&bytes);
        &copy.leak()[start..][..bytes.len()]
    })
}

/// Starts on a flash, works, and gives the flash back.
pub(crate) fn boot<F: NorFlash, W, const SLOTS: usize, const TEXT: usize, const TERMS: usize>(
    flash: F,
    state: &mut DeviceState<SLOTS, TEXT, TERMS>,
    work: impl FnOnce(&mut Device<'_, F, SLOTS, TEXT, TERMS>) -> W,
) -> (F, W) {
    try_boot(flash, state, work).unwrap()
}

/// The same where the device may not start.
pub(crate) fn try_boot<
    F: NorFlash,
    W,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
>(
    flash: F,
    state: &mut DeviceState<SLOTS, TEXT, TERMS>,
    work: impl FnOnce(&mut Device<'_, F, SLOTS, TEXT, TERMS>) -> W,
) -> Result<(F, W), StartError> {
    let board = Board {
        port: NoPort,
        flash,
        clock: ManualClock::default(),
        light: NoPin,
        region: NoRegion,
    };
    let settings = Settings {
        model: model(),
        origin: ORIGIN,
    };
    let mut app = App::start(board, state, &settings).map_err(|failed| failed.error)?;
    let result = work(&mut app);
    Ok((app.stop().flash, result))
}
