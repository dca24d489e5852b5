#![no_std]
#![no_main]
//! Hashes the embeddings of the script's texts: one number that every target must share.

use memt_core::encoder::Scratch;
use memt_qemu::board::Exclusive;
use memt_qemu::checksum::Fnv64;
use memt_qemu::device::{LARGE_SCRATCH_BYTES, open_encoder};
use memt_qemu::failure::Failure;
use memt_qemu::mailbox::Mailbox;
use memt_qemu::script::Texts;
use semihosting::println;

memt_qemu::program!(super::run);

static SCRATCH: Exclusive<Scratch<LARGE_SCRATCH_BYTES>> = Exclusive::new(Scratch::new());

fn run() -> Result<(), Failure> {
    let mailbox = Mailbox::open()?;
    let encoder = open_encoder(mailbox.model)?;
    let scratch = SCRATCH.take();
    let mut hash = Fnv64::new();
    let mut count = 0;
    for text in Texts::open(mailbox.script)? {
        let embedding = encoder.encode(text?, scratch)?;
        hash.update(&embedding.0.map(|component| component as u8));
        count += 1;
    }
    println!("hash={:016x} count={count}", hash.value());
    Ok(())
}
