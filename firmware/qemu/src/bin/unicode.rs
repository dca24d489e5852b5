#![no_std]
#![no_main]
//! Prints the hash of the compiler's Unicode tables.

use core::convert::Infallible;
use memt_qemu::unicode::tables_hash;
use semihosting::println;

memt_qemu::program!(super::run);

fn run() -> Result<(), Infallible> {
    println!("{:016x}", tables_hash());
    Ok(())
}
