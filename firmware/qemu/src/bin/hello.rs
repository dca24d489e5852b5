#![no_std]
#![no_main]
//! Says which machine this is and what its mailbox holds.

use memt_qemu::checksum::crc32;
use memt_qemu::mailbox::{Mailbox, MailboxError};
use memt_qemu::program::MACHINE;
use semihosting::println;

memt_qemu::program!(super::run);

fn run() -> Result<(), MailboxError> {
    let mailbox = Mailbox::open()?;
    println!("machine {MACHINE}");
    for (name, bytes) in [
        ("model", mailbox.model),
        ("snapshot", mailbox.snapshot),
        ("script", mailbox.script),
    ] {
        println!("{name} {} bytes crc32 {:08x}", bytes.len(), crc32(bytes));
    }
    Ok(())
}
