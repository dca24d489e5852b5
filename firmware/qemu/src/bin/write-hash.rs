#![no_std]
#![no_main]
//! Writes the script's texts into a small bank, each fitted among the others and the least retained giving
//! way, and hashes the bank: one number that every target must share.

use memt_core::bank::Bank;
use memt_core::encoder::Scratch;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull};
use memt_qemu::board::Exclusive;
use memt_qemu::checksum::Fnv64;
use memt_qemu::device::{SCRATCH_BYTES, open_encoder};
use memt_qemu::failure::Failure;
use memt_qemu::mailbox::Mailbox;
use memt_qemu::script::Texts;
use semihosting::println;

memt_qemu::program!(super::run);

static BANK: Exclusive<Bank<32, 128, 24>> = Exclusive::new(Bank::new());
static SCRATCH: Exclusive<Scratch<SCRATCH_BYTES>> = Exclusive::new(Scratch::new());

fn run() -> Result<(), Failure> {
    let mailbox = Mailbox::open()?;
    let encoder = open_encoder(mailbox.model)?;
    let bank = BANK.take();
    let scratch = SCRATCH.take();
    bank.bind(encoder.fingerprint())?;
    let mut steps = 0;
    for (number, text) in (0..).zip(Texts::open(mailbox.script)?) {
        let text = text?;
        let memory = NewMemory {
            owner: Owner(0),
            text,
            embedding: &encoder.encode(text, scratch)?,
            created: Timestamp(number),
            importance: Factor::ONE,
        };
        let report = bank.add(&memory, WhenFull::Evict)?;
        let encode = |text: &str| encoder.encode(text, scratch);
        if let Some(learned) = bank.learn(report.key, FitWeights::default(), encode)? {
            let rival = learned.rival.map_or(0, |(_, fit)| u32::from(fit.steps));
            steps += u32::from(learned.fit.steps) + rival;
        }
    }
    let mut hash = Fnv64::new();
    for slot in bank.owned_by(None) {
        hash.update(&slot.facts.key.counter.to_le_bytes());
        hash.update(&slot.embedding.0.map(|component| component as u8));
    }
    println!("hash={:016x} steps={}", hash.value(), steps);
    Ok(())
}
