#![no_std]
#![no_main]
//! Fills flash with 200 memories of about 70 bytes and prints what it takes to start from it, the check of the
//! model's image excluded, as one JSON object a line.

use core::hint::black_box;
use memt_app::store::{Places, Store, load_bytes};
use memt_core::encoder::{Aligned, Scratch};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::{NewMemory, WhenFull};
use memt_qemu::board::{Exclusive, FlashMemory};
use memt_qemu::device::{DeviceBank, SCRATCH_BYTES, open_encoder};
use memt_qemu::failure::Failure;
use memt_qemu::flash::FileFlash;
use memt_qemu::instructions::InstructionCounter;
use memt_qemu::mailbox::Mailbox;
use memt_qemu::program::MACHINE;
use memt_qemu::stack::high_water;
use memt_qemu::workload::memory;
use semihosting::println;

memt_qemu::program!(super::run);

const SLOTS: usize = 200;
const TEXT: usize = 200;
const STORE_BYTES: usize = 128 * 1024;

static BANK: Exclusive<DeviceBank> = Exclusive::new(DeviceBank::new());
static PLACES: Exclusive<Places<SLOTS>> = Exclusive::new(Places::new());
static SCRATCH: Exclusive<Scratch<SCRATCH_BYTES>> = Exclusive::new(Scratch::new());

fn run() -> Result<(), Failure> {
    let counter = InstructionCounter::start();
    let encoder = open_encoder(Mailbox::open()?.model)?;
    let (bank, places, scratch) = (BANK.take(), PLACES.take(), SCRATCH.take());
    let flash = FileFlash::open(FlashMemory::of_memories(STORE_BYTES), None)?;
    let mut store = Store::open::<SLOTS, TEXT, 0>(flash, 1)?;
    // As aligned as the scratch that the firmware lends.
    let Aligned(buffer) = &mut Aligned([0; load_bytes(SLOTS, TEXT)]);
    let fingerprint = encoder.fingerprint();
    bank.bind(fingerprint)?;
    store.load(bank, places, fingerprint, buffer)?;
    let mut most = 0;
    let mut sum = 0;
    for number in 0..SLOTS as u32 {
        let text = memory(number);
        let embedding = encoder.encode(&text, scratch)?;
        let new = NewMemory {
            owner: Owner(0),
            text: &text,
            embedding: &embedding,
            created: Timestamp(number),
            importance: Factor::ONE,
        };
        let key = bank.add(&new, WhenFull::Refuse)?.key;
        let (written, instructions) =
            counter.count(|| store.added(bank, places, key, None, buffer));
        written?;
        most = most.max(instructions);
        sum += instructions;
    }
    print("store/200", sum / SLOTS as u64, 0);
    print("store/max", most, 0);
    let mut load = || {
        let loaded = store.load(black_box(bank), places, fingerprint, buffer);
        loaded.map(|()| bank.len())
    };
    let (loaded, instructions) = counter.count(&mut load);
    assert_eq!(loaded?, SLOTS);
    let (loaded, stack) = high_water(&mut load);
    loaded?;
    print("boot/200", instructions, stack);
    Ok(())
}

fn print(operation: &str, instructions: u64, stack: usize) {
    println!(
        "{{\"machine\":\"{MACHINE}\",\"operation\":\"{operation}\",\"instructions\":{instructions},\"scratch_bytes\":0,\"stack_bytes\":{stack}}}"
    );
}
