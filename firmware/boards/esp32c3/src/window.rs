//! The region for a second model, where the processor sees it.
//!
//! The boot loader maps the program's own pages only. This maps the region's, as ESP-IDF's `spi_flash_mmap` does: 64 KiB a
//! page, far behind those of the program (*ESP32-C3 Technical Reference Manual*, section 3.3.2). All of the package's
//! `unsafe` is here.
#![allow(unsafe_code)]

use crate::{MODEL_BYTES, MODEL_START};
use esp_hal::ram;

/// Bytes of a page of the table.
const PAGE: u32 = 64 * 1024;

/// Where the window begins: 6 of the 8 MiB that flash can be seen through.
const WINDOW: u32 = 0x3c60_0000;

const _: () = assert!(MODEL_START.is_multiple_of(PAGE) && MODEL_BYTES.is_multiple_of(PAGE));

unsafe extern "C" {
    // In ROM. The first parameter is 0 for flash, the fourth the size of a page in KiB.
    fn Cache_Dbus_MMU_Set(
        kind: u32,
        virtual_at: u32,
        physical_at: u32,
        page_kib: u32,
        pages: u32,
        fixed: u32,
    ) -> i32;
    fn Cache_Suspend_ICache() -> u32;
    fn Cache_Resume_ICache(autoload: u32);
    fn Cache_Invalidate_Addr(at: u32, bytes: u32);
}

/// The first bytes of the region, as many as there are of those asked for.
pub(crate) fn window(bytes: u32) -> &'static [u8] {
    let bytes = bytes.min(MODEL_BYTES);
    if map() != 0 {
        return &[];
    }
    // SAFETY: `map` made these addresses readable, and they show a part of flash that holds nothing else; the app does not
    // write it as long as it uses what it was given.
    unsafe { core::slice::from_raw_parts(WINDOW as *const u8, bytes as usize) }
}

/// Maps the region and forgets what the cache knows of it. In RAM, because flash cannot be read meanwhile.
#[ram]
fn map() -> i32 {
    critical_section::with(|_| {
        // SAFETY: these are the ROM's functions with their signatures; no interrupt handler, which may be in flash, runs
        // while the cache is suspended, and this function is in RAM.
        unsafe {
            let autoload = Cache_Suspend_ICache();
            let pages = MODEL_BYTES / PAGE;
            let result = Cache_Dbus_MMU_Set(0, WINDOW, MODEL_START, PAGE / 1024, pages, 0);
            Cache_Invalidate_Addr(WINDOW, MODEL_BYTES);
            Cache_Resume_ICache(autoload);
            result
        }
    })
}
