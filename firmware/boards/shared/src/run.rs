//! From a board's parts to a running firmware.

use embedded_hal::digital::OutputPin;
use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;
use memt_app::{App, Board, Clock, Next, NotStarted, Region, Settings, State};

/// Milliseconds since the start, from a function of the board.
#[derive(Clone, Copy, Debug)]
pub struct Milliseconds(pub fn() -> u64);

impl Clock for Milliseconds {
    fn milliseconds(&mut self) -> u64 {
        (self.0)()
    }
}

/// An origin of keys from a chip's serial number: its FNV-1a hash, which is never 0.
pub fn origin_of(serial: &[u8]) -> u32 {
    let hash = serial.iter().fold(0x811c_9dc5_u32, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.max(1)
}

/// Serves people and hosts for ever. `idle` waits for a byte or another interrupt; `restart` starts the board again. If the
/// model or the flash cannot be used, whoever presses Enter reads why.
pub fn run<
    P,
    F,
    C,
    L,
    R,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize,
    const JUDGED: usize,
>(
    board: Board<P, F, C, L, R>,
    state: &'static mut State<SLOTS, TEXT, TERMS, SCRATCH, FRAME, JUDGED>,
    settings: &Settings,
    idle: fn(),
    restart: fn() -> !,
) -> !
where
    P: Read + ReadReady + Write,
    F: NorFlash,
    C: Clock,
    L: OutputPin,
    R: Region,
{
    // Where it was started: an app is too large for the stack to hold it twice.
    let mut started = App::start(board, state, settings);
    if let Ok(app) = &mut started {
        loop {
            match app.poll() {
                Ok(Next::Wait) => idle(),
                Ok(Next::Restart) => restart(),
                // The line was disturbed: whoever sent that sees no answer, or a damaged line, and sends again.
                Err(_) => {}
            }
        }
    }
    match started {
        Err(stopped) => report(stopped),
        Ok(_) => restart(),
    }
}

fn report<P: Read + Write>(stopped: NotStarted<P>) -> ! {
    let NotStarted { error, mut port } = stopped;
    let mut byte = [0];
    loop {
        if let Ok(1..) = port.read(&mut byte)
            && matches!(byte, [b'\r' | b'\n'])
        {
            // Who does not see this presses Enter again.
            let _ = write!(port, "memt does not start: {error}\r\n");
            let _ = port.flush();
        }
    }
}

/// A light that shines when its pin is low.
#[derive(Debug)]
pub struct ActiveLow<P>(pub P);

impl<P: OutputPin> embedded_hal::digital::ErrorType for ActiveLow<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for ActiveLow<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.0.set_high()
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.0.set_low()
    }
}
