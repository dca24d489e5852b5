//! The firmware as one: bytes from the port to answers.

use crate::activity::Activity;
use crate::board::{Board, Clock, Region};
use crate::console::{Console, Line};
use crate::link::{Answered, Caller, Event, Receiver};
use crate::memory::{Memory, with_buffer};
use crate::state::{HISTORY_BYTES, State};
use crate::store::{ChosenModel, Places, Store, StoreError};
use crate::time::Time;
use core::fmt;
use embedded_hal::digital::OutputPin;
use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, EncoderError, Image, Scratch};
use memt_core::slot::Timestamp;

/// What makes one device different from the next.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The model image in the program, at a multiple of 16 bytes.
    pub model: &'static [u8],
    /// The origin of the keys that a new store gives: a number that no other device has, such as a part
    /// of the chip's serial number, and not 0.
    pub origin: u32,
}

/// Why the firmware does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The model in the program cannot be used.
    Model(EncoderError),
    /// The model needs more scratch.
    Scratch {
        /// Bytes that there are.
        given: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// The memories cannot be read.
    Store(StoreError),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => error.fmt(formatter),
            Self::Scratch { given, needed } => write!(
                formatter,
                "model needs {needed} bytes of scratch, there are {given}"
            ),
            Self::Store(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for StartError {}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A firmware that does not start.
#[derive(Debug)]
pub struct NotStarted<P> {
    /// Why.
    pub error: StartError,
    /// The port, to say so.
    pub port: P,
}

/// What the board is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Wait for a byte or a moment, then [`poll`](App::poll) again.
    Wait,
    /// Start again: another model was chosen.
    Restart,
}

/// A running firmware.
#[allow(missing_debug_implementations, reason = "the store has none")]
pub struct App<
    's,
    P,
    F: NorFlash,
    C,
    L,
    R,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize,
> {
    port: P,
    clock: C,
    light: Activity<L>,
    region: R,
    memory: Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH>,
    line: &'s mut Line<FRAME, HISTORY_BYTES>,
    receiver: Receiver,
    console: Console,
    caller: Caller,
    time: Time,
}

impl<
    's,
    P: Read + ReadReady + Write,
    F: NorFlash,
    C: Clock,
    L: OutputPin,
    R: Region,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize,
> App<'s, P, F, C, L, R, SLOTS, TEXT, TERMS, SCRATCH, FRAME>
{
    /// Reads the memories from flash, and the model: the chosen one, or the one in the program where none
    /// is chosen or the chosen one is damaged.
    ///
    /// # Errors
    /// [`StartError`], and the port to report it on; nothing in flash was erased.
    pub fn start(
        board: Board<P, F, C, L, R>,
        state: &'s mut State<SLOTS, TEXT, TERMS, SCRATCH, FRAME>,
        settings: &Settings,
    ) -> Result<Self, NotStarted<P>> {
        let State {
            bank,
            places,
            scratch,
            line,
        } = state;
        let Board {
            port,
            flash,
            mut clock,
            light,
            region,
        } = board;
        let memory = match remember(flash, &region, bank, places, scratch, settings) {
            Ok(memory) => memory,
            Err(error) => return Err(NotStarted { error, port }),
        };
        let newest = memory.bank.statistics(None).newest.unwrap_or_default();
        let newest = Timestamp(newest.0.saturating_add(1));
        line.clear();
        let time = Time::starting_at(newest, clock.milliseconds());
        Ok(Self {
            port,
            clock,
            light: Activity::new(light),
            region,
            memory,
            line,
            receiver: Receiver::new(),
            console: Console::default(),
            caller: Caller::default(),
            time,
        })
    }

    /// Takes the bytes that the port has, and answers what they ask.
    ///
    /// # Errors
    /// What the port's driver reports.
    pub fn poll(&mut self) -> Result<Next, P::Error> {
        let mut bytes = [0; 64];
        while self.port.read_ready()? {
            let count = self.port.read(&mut bytes)?;
            if count == 0 {
                break;
            }
            for &byte in &bytes[..count] {
                if self.byte(byte)? == Next::Restart {
                    return Ok(Next::Restart);
                }
            }
        }
        Ok(Next::Wait)
    }

    fn byte(&mut self, byte: u8) -> Result<Next, P::Error> {
        self.time.advance(self.clock.milliseconds());
        let now = self.time.milliseconds();
        match self.receiver.byte(byte, now, &mut self.line.bytes) {
            Event::Nothing => Ok(Next::Wait),
            Event::Woken => {
                self.line.clear();
                self.typed(None)
            }
            Event::Typed(byte) => self.typed(Some(byte)),
            Event::Frame(length) => self.frame(length),
        }
    }

    fn typed(&mut self, byte: Option<u8>) -> Result<Next, P::Error> {
        let mut out = Output {
            port: &mut self.port,
            result: Ok(()),
        };
        // A light that fails does not stop the memory.
        let _ = self.light.start();
        let written = match byte {
            Some(byte) => {
                let (memory, time) = (&mut self.memory, &mut self.time);
                self.console.byte(byte, self.line, memory, time, &mut out)
            }
            None => self.console.wake(&mut out),
        };
        let _ = self.light.stop();
        // Printing fails only where the port does, whose error `result` holds.
        let (Ok(()) | Err(fmt::Error)) = written;
        out.result?;
        self.port.flush()?;
        Ok(Next::Wait)
    }

    fn frame(&mut self, length: usize) -> Result<Next, P::Error> {
        // Whoever was typing is not the one who sends frames.
        self.line.clear();
        let inside = &mut self.line.bytes[..length];
        let port = &mut self.port;
        let _ = self.light.start();
        let answered = self.caller.frame(
            inside,
            FRAME,
            &mut self.memory,
            &mut self.region,
            &mut self.time,
            |frame| port.write_all(frame),
        );
        let _ = self.light.stop();
        self.port.flush()?;
        Ok(match answered? {
            Answered::GoOn => Next::Wait,
            Answered::Restart => Next::Restart,
        })
    }

    /// The memories.
    pub fn memory(&mut self) -> &mut Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH> {
        &mut self.memory
    }

    /// Gives the parts back.
    pub fn stop(self) -> Board<P, F, C, L, R> {
        Board {
            port: self.port,
            flash: self.memory.store.close(),
            clock: self.clock,
            light: self.light.release(),
            region: self.region,
        }
    }
}

/// Reads flash into the bank and finds the model.
fn remember<
    's,
    F: NorFlash,
    R: Region,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    flash: F,
    region: &R,
    bank: &'s mut Bank<SLOTS, TEXT, TERMS>,
    places: &'s mut Places<SLOTS>,
    scratch: &'s mut Scratch<SCRATCH>,
    settings: &Settings,
) -> Result<Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH>, StartError> {
    let mut encoder = open(settings.model)?;
    let mut store = Store::open::<SLOTS, TEXT>(flash, settings.origin)?;
    with_buffer::<TEXT, SCRATCH>(scratch, |buffer| {
        store.load(bank, places, encoder.fingerprint(), buffer)
    })?;
    if let Some(other) = store.model().and_then(|chosen| mapped(region, chosen)) {
        encoder = other;
        with_buffer::<TEXT, SCRATCH>(scratch, |buffer| {
            store.load(bank, places, encoder.fingerprint(), buffer)
        })?;
    }
    let needed = encoder.image().config().scratch_bytes();
    if needed > SCRATCH {
        return Err(StartError::Scratch {
            given: SCRATCH,
            needed,
        });
    }
    bank.rebind(encoder.fingerprint());
    Ok(Memory::new(bank, places, scratch, store, encoder)?)
}

fn open(model: &'static [u8]) -> Result<Encoder<'static>, StartError> {
    let image = Image::open(model).map_err(|error| StartError::Model(error.into()))?;
    Encoder::new(image).map_err(StartError::Model)
}

/// The chosen model, if it is whole.
fn mapped<R: Region>(region: &R, chosen: ChosenModel) -> Option<Encoder<'static>> {
    let encoder = open(region.mapped(chosen.bytes)).ok()?;
    (encoder.fingerprint() == chosen.fingerprint).then_some(encoder)
}

/// Text to a port; the port's first error is kept.
struct Output<'p, P: Write> {
    port: &'p mut P,
    result: Result<(), P::Error>,
}

impl<P: Write> fmt::Write for Output<'_, P> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.port.write_all(text.as_bytes()).map_err(|error| {
            self.result = Err(error);
            fmt::Error
        })
    }
}
