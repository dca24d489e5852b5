#![no_std]
#![no_main]
//! Prints one JSON object a line for each measured operation.

use core::convert::Infallible;
use core::hint::black_box;
use memt_qemu::board::spin;
use memt_qemu::instructions::InstructionCounter;
use memt_qemu::program::MACHINE;
use memt_qemu::stack::high_water;
use semihosting::println;

memt_qemu::program!(super::run);

fn run() -> Result<(), Infallible> {
    let counter = InstructionCounter::start();
    report(&counter, "calibrate/4M", 0, || spin(black_box(4_000_000)));
    Ok(())
}

/// Runs `work` twice: once for its instructions, once for its stack.
fn report(counter: &InstructionCounter, operation: &str, scratch_bytes: usize, work: impl Fn()) {
    let ((), instructions) = counter.count(&work);
    let ((), stack_bytes) = high_water(&work);
    println!(
        "{{\"machine\":\"{MACHINE}\",\"operation\":\"{operation}\",\"instructions\":{instructions},\"scratch_bytes\":{scratch_bytes},\"stack_bytes\":{stack_bytes}}}"
    );
}
