#![no_std]
#![no_main]
//! Checks the measuring instruments themselves against work of known size.

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
    let resolution_x1000 = counter.instructions_per_tick_x1000();
    for expected in [100_000, 4_000_000] {
        counts_within_a_tick(&counter, expected);
    }
    stack_depth_is_seen();
    println!("{MACHINE} ok, {resolution_x1000} instructions a tick x1000");
    Ok(())
}

fn counts_within_a_tick(counter: &InstructionCounter, expected: u32) {
    let ((), counted) = counter.count(|| spin(black_box(expected)));
    let tolerance = counter.instructions_per_tick_x1000() / 1000 + 8;
    let difference = counted.abs_diff(u64::from(expected));
    assert!(
        difference <= tolerance,
        "{expected} instructions were counted as {counted}"
    );
}

fn stack_depth_is_seen() {
    let (_, shallow) = high_water(|| black_box(1));
    assert!(shallow <= 64, "work without a frame used {shallow} bytes");
    let (_, deep) = high_water(|| fill_frame(black_box(7)));
    assert!(
        (4096..4096 + 256).contains(&deep),
        "a frame of 4096 bytes was seen as {deep}"
    );
}

#[inline(never)]
fn fill_frame(value: u8) -> u8 {
    let mut frame = [0_u8; 4096];
    black_box(&mut frame).fill(value);
    black_box(&frame)[usize::from(value)]
}
