#![no_std]
#![no_main]
//! Takes the snapshot into a bank, encodes every memory anew, and answers the script's questions.
//!
//! ```text
//! sizes slot=BYTES bank=BYTES
//! memory KEY EMBEDDING                                      each memory, encoded on this machine
//! question NUMBER EMBEDDING
//! hit NUMBER KEY TOTAL COSINE LEXICAL                        each hit, best first; the bits of three f32
//! cost NUMBER encode=INSTRUCTIONS query=INSTRUCTIONS
//! ```
//!
//! Keys are as `Key` displays them, numbers of questions count from 0, embeddings and bits are hexadecimal.

use core::fmt::Write;
use heapless::String;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::{Encoder, Scratch};
use memt_core::query::{Hit, QueryOptions};
use memt_core::snapshot::import;
use memt_qemu::board::Exclusive;
use memt_qemu::device::{DeviceBank, SCRATCH_BYTES, SLOT_BYTES, open_encoder};
use memt_qemu::failure::Failure;
use memt_qemu::instructions::InstructionCounter;
use memt_qemu::mailbox::Mailbox;
use memt_qemu::script::{HITS_MAX, Questions};
use semihosting::println;

memt_qemu::program!(super::run, silent);

static BANK: Exclusive<DeviceBank> = Exclusive::new(DeviceBank::new());
static SCRATCH: Exclusive<Scratch<SCRATCH_BYTES>> = Exclusive::new(Scratch::new());

fn run() -> Result<(), Failure> {
    let mailbox = Mailbox::open()?;
    let encoder = open_encoder(mailbox.model)?;
    let bank = BANK.take();
    let scratch = SCRATCH.take();
    bank.bind(encoder.fingerprint())?;
    import(bank, mailbox.snapshot, 0)?;
    println!("sizes slot={SLOT_BYTES} bank={}", size_of_val(bank));
    print_memories(bank, &encoder, scratch)?;
    answer(bank, &encoder, scratch, mailbox.script)
}

fn print_memories(
    bank: &DeviceBank,
    encoder: &Encoder<'_>,
    scratch: &mut Scratch<SCRATCH_BYTES>,
) -> Result<(), Failure> {
    for slot in bank.owned_by(None) {
        let embedding = encoder.encode(slot.text, scratch)?;
        println!("memory {} {}", slot.facts.key, hexadecimal(&embedding));
    }
    Ok(())
}

fn answer(
    bank: &DeviceBank,
    encoder: &Encoder<'_>,
    scratch: &mut Scratch<SCRATCH_BYTES>,
    script: &[u8],
) -> Result<(), Failure> {
    let counter = InstructionCounter::start();
    let questions = Questions::open(script)?;
    let options = QueryOptions {
        owner: None,
        mode: questions.mode,
        min_score: 0.0,
        recency: None,
        times: None,
        neighbours: false,
    };
    let mut hits = [Hit::default(); HITS_MAX];
    let hits = &mut hits[..questions.hits];
    for (number, text) in questions.texts.enumerate() {
        let text = text?;
        let (embedding, encode) = counter.count(|| encoder.encode(text, scratch));
        let embedding = embedding?;
        let (found, query) = counter.count(|| bank.query(text, &embedding, &options, hits));
        println!("question {number} {}", hexadecimal(&embedding));
        hits[..found?].iter().for_each(|hit| print_hit(number, hit));
        println!("cost {number} encode={encode} query={query}");
    }
    Ok(())
}

fn print_hit(number: usize, hit: &Hit) {
    let [total, cosine, lexical] =
        [hit.score.total, hit.score.cosine, hit.score.lexical].map(f32::to_bits);
    println!(
        "hit {number} {} {total:08x} {cosine:08x} {lexical:08x}",
        hit.key
    );
}

/// Two digits a component, gathered first because every piece that is printed costs a call to the host.
fn hexadecimal(embedding: &Embedding) -> String<{ 2 * DIMENSIONS }> {
    let mut digits = String::new();
    for component in embedding.0 {
        // There is room for all digits, so this cannot fail.
        let _ = write!(digits, "{:02x}", component as u8);
    }
    digits
}
