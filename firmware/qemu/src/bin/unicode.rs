#![no_std]
#![no_main]
//! Prints what the compiler's Unicode tables make of every character: what `tests/golden/unicode.json` says.

use core::convert::Infallible;
use memt_core::text::class::unicode_fingerprint;
use semihosting::println;

memt_qemu::program!(super::run);

fn run() -> Result<(), Infallible> {
    println!("{:016x}", unicode_fingerprint());
    Ok(())
}
