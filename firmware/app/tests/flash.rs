//! Memories in flash against what was acknowledged, with power lost at every byte.
//!
//! `MEMT_FLASH_RUNS=N` makes the runs N times as long. `MEMT_RECORD=1` writes `firmware/flash.json`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flash {
    pub(crate) mod content;
    pub(crate) mod device;
    pub(crate) mod run;
    pub(crate) mod work;
}

use flash::device::Geometry;
use flash::run::{Figures, Run};
use memt_mock::Nor;
use std::path::Path;

/// 12 memories in flash that is too small for much at a time, so that every page is erased often.
struct Tight;

impl Geometry for Tight {
    type Flash = Nor<1024, 4>;
    const PAGES: usize = 12;
    const TEXT: usize = 48;
}

/// The sizes of the documentation: 200 memories of up to 200 bytes in 128 KiB.
struct Usual;

impl Geometry for Usual {
    type Flash = Nor<4096, 4>;
    const PAGES: usize = 32;
    const TEXT: usize = 200;
}

/// Words of 16 bytes and pages of 8 KiB, as on the STM32U5.
struct Wide;

impl Geometry for Wide {
    type Flash = Nor<8192, 16>;
    const PAGES: usize = 6;
    const TEXT: usize = 48;
}

fn runs() -> usize {
    let given = std::env::var("MEMT_FLASH_RUNS").ok();
    given.map_or(1, |runs| runs.parse().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_at_any_cut() {
    let mut figures = Figures::default();
    Run::<Tight, 12, 48, 16>::new(1).every_cut(130 * runs(), &mut figures);
    println!("{figures:?}");
    assert_eq!(figures.losses, 0);
    assert!(figures.cut_points >= 20_000, "{figures:?}");
}

#[test]
fn nothing_acknowledged_is_lost_with_wide_words() {
    let mut figures = Figures::default();
    Run::<Wide, 12, 48, 16>::new(2).every_cut(40 * runs(), &mut figures);
    println!("{figures:?}");
    assert_eq!(figures.losses, 0);
    assert!(figures.cut_points >= 5_000, "{figures:?}");
}

#[test]
fn wear_is_spread_and_little_is_written_twice() {
    let mut figures = Figures::default();
    Run::<Usual, 200, 200, 32>::new(3).fill(200, 70);
    let wear = Run::<Usual, 200, 200, 32>::new(3).wear(4000, 70);
    println!("{wear:?}");
    assert!(wear.write_amplification() <= 1.4, "{wear:?}");
    assert!(wear.erases_max - wear.erases_min <= 3, "{wear:?}");
    if std::env::var_os("MEMT_RECORD").is_some_and(|value| value == "1") {
        Run::<Tight, 12, 48, 16>::new(1).every_cut(480, &mut figures);
        Run::<Wide, 12, 48, 16>::new(2).every_cut(120, &mut figures);
        let long = Run::<Usual, 200, 200, 32>::new(3).wear(4000, 190);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flash.json");
        std::fs::write(&path, figures.json(&wear, &long)).unwrap();
    }
}
