//! Memories in flash against what was acknowledged, with power lost at every byte.
//!
//! `MEMT_FLASH_RUNS=N` makes the runs N times as long. `MEMT_RECORD=1` writes `firmware/flash.json`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flash {
    pub(crate) mod content;
    pub(crate) mod device;
    pub(crate) mod run;
    pub(crate) mod texts;
    pub(crate) mod wear;
    pub(crate) mod work;
}

use flash::device::Geometry;
use flash::run::{Figures, Run};
use flash::wear::record;
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

/// As much flash as a part of 1 MiB has left: 96 KiB.
struct Small;

impl Geometry for Small {
    type Flash = Nor<4096, 4>;
    const PAGES: usize = 24;
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
    assert!(figures.rival_cuts > 0, "{figures:?}");
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
fn a_flipped_bit_costs_one_memory_at_most() {
    let started = Run::<Tight, 12, 48, 16>::new(4).every_flip(90, 5);
    println!("started with {started} flipped bits");
    assert!(started > 1500, "{started}");
}

#[test]
fn wear_is_spread_and_little_is_written_twice() {
    Run::<Usual, 200, 200, 32>::new(3).fill(200, 70);
    let wear = Run::<Usual, 200, 200, 32>::new(3).wear(4000, 70);
    println!("{wear:?}");
    assert!(wear.write_amplification() <= 1.4, "{wear:?}");
    assert!(wear.erases_max - wear.erases_min <= 3, "{wear:?}");
    let small = Run::<Small, 200, 200, 32>::new(3).wear(400, 70);
    println!("{small:?}");
    assert!(small.erases_max - small.erases_min <= 3, "{small:?}");
    if std::env::var_os("MEMT_RECORD").is_some_and(|value| value == "1") {
        let mut figures = Figures::default();
        Run::<Tight, 12, 48, 16>::new(1).every_cut(480, &mut figures);
        Run::<Wide, 12, 48, 16>::new(2).every_cut(120, &mut figures);
        let small = Run::<Small, 200, 200, 32>::new(3).wear(4000, 70);
        let long = Run::<Usual, 200, 200, 32>::new(3).wear(4000, 190);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flash.json");
        let wears = [
            ("texts_of_70_bytes", wear),
            ("texts_of_190_bytes", long),
            ("texts_of_70_bytes_in_96_kib", small),
        ];
        std::fs::write(&path, record(&figures, &wears)).unwrap();
    }
}
