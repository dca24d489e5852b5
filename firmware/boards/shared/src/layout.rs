//! Where the parts of the flash are, as the board's `memory.x` says.
//!
//! | symbol | what |
//! |---|---|
//! | `_memt_flash` | address of the flash's first byte |
//! | `_memt_model_start`, `_memt_model_end` | the region for a second model; equal where there is none |
//! | `_memt_store_start`, `_memt_store_end` | the region for memories |
//!
//! All of the package's `unsafe` is here.
#![allow(unsafe_code)]

use crate::flash::{ModelRegion, Partition, SharedFlash};
use core::ptr::addr_of;
use embedded_storage::nor_flash::NorFlash;

unsafe extern "C" {
    static _memt_flash: u8;
    static _memt_model_start: u8;
    static _memt_model_end: u8;
    static _memt_store_start: u8;
    static _memt_store_end: u8;
}

fn flash() -> usize {
    addr_of!(_memt_flash) as usize
}

fn model() -> (usize, usize) {
    let addresses = (addr_of!(_memt_model_start), addr_of!(_memt_model_end));
    (addresses.0 as usize, addresses.1 as usize)
}

fn partition<F: NorFlash>(
    shared: &'static SharedFlash<F>,
    (start, end): (usize, usize),
) -> Partition<F> {
    Partition::new(shared, (start - flash()) as u32, (end - start) as u32)
}

/// The region for memories.
pub fn store<F: NorFlash>(shared: &'static SharedFlash<F>) -> Partition<F> {
    let addresses = (addr_of!(_memt_store_start), addr_of!(_memt_store_end));
    partition(shared, (addresses.0 as usize, addresses.1 as usize))
}

/// The region for a second model.
pub fn model_region<F: NorFlash>(shared: &'static SharedFlash<F>) -> ModelRegion<F> {
    ModelRegion::new(partition(shared, model()), window)
}

/// The first bytes of the region for a second model, as many as there are of those asked for.
fn window(bytes: u32) -> &'static [u8] {
    let (start, end) = model();
    let count = (bytes as usize).min(end - start);
    // SAFETY: memory.x places the symbols in flash that the processor can read and that holds nothing else. The app does
    // not write the region as long as it uses what it was given.
    unsafe { core::slice::from_raw_parts(start as *const u8, count) }
}
