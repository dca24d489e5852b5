#![no_std]
#![no_main]
//! The firmware on the machine's first serial port, until another model is chosen or QEMU is stopped.
//!
//! The script is empty, or holds the paths of two files of the host, each followed by a zero byte: flash for
//! memories (128 KiB) and for a second model (1 MiB), all 0xFF when new. Stopping QEMU is a power cut.
//! Exit status 0 says that another model was chosen and the machine is to be started again.

use core::ffi::CStr;
use core::fmt;
use memt_app::{App, Board, Clock, Next, NoPin, Settings, StartError, State};
use memt_qemu::board::{Exclusive, FlashMemory, Uart};
use memt_qemu::device::SCRATCH_BYTES;
use memt_qemu::flash::{FileFlash, FlashError};
use memt_qemu::mailbox::{Mailbox, MailboxError};
use memt_qemu::port::Serial;
use semihosting::sys::arm_compat::sys_clock;

memt_qemu::program!(super::run, silent);

/// Flash for memories.
const STORE_BYTES: usize = 128 * 1024;

/// Flash for a second model.
const MODEL_BYTES: usize = 1024 * 1024;

/// The origin of the machine's keys.
const ORIGIN: u32 = 1;

/// 200 memories, and as many judged questions as 124 KiB have room for.
static STATE: Exclusive<State<200, 200, 32, SCRATCH_BYTES, 512, 4>> = Exclusive::new(State::new());

/// The host's clock.
struct HostClock;

impl Clock for HostClock {
    fn milliseconds(&mut self) -> u64 {
        // A machine without a clock stands still, and nothing but silence on the port is missed.
        sys_clock().map_or(0, |hundredths| hundredths as u64 * 10)
    }
}

/// What a board can fail with: not [`Failure`](memt_qemu::failure::Failure), which has the texts of all programs.
enum Stopped {
    Mailbox(MailboxError),
    Flash(FlashError),
    Start(StartError),
}

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(error) => error.fmt(formatter),
            Self::Flash(error) => error.fmt(formatter),
            Self::Start(error) => error.fmt(formatter),
        }
    }
}

fn run() -> Result<(), Stopped> {
    let mailbox = Mailbox::open().map_err(Stopped::Mailbox)?;
    let mut paths = mailbox.script;
    let store = next_path(&mut paths);
    let region = next_path(&mut paths);
    let board = Board {
        port: Serial(Uart::take()),
        flash: FileFlash::open(FlashMemory::of_memories(STORE_BYTES), store)
            .map_err(Stopped::Flash)?,
        clock: HostClock,
        light: NoPin,
        region: FileFlash::open(FlashMemory::of_model(MODEL_BYTES), region)
            .map_err(Stopped::Flash)?,
    };
    let settings = Settings {
        model: mailbox.model,
        origin: ORIGIN,
    };
    let mut app = App::start(board, STATE.take(), &settings)
        .map_err(|stopped| Stopped::Start(stopped.error))?;
    loop {
        let Ok(next) = app.poll();
        if next == Next::Restart {
            return Ok(());
        }
    }
}

fn next_path(paths: &mut &'static [u8]) -> Option<&'static CStr> {
    let path = CStr::from_bytes_until_nul(paths).ok()?;
    *paths = &paths[path.count_bytes() + 1..];
    Some(path)
}
