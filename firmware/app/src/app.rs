//! The firmware as one: bytes from the port to answers.

use crate::activity::Activity;
use crate::board::{Board, Clock, Region};
use crate::console::{Console, Line};
use crate::link::{Answered, Caller, Device, Event, Receiver};
use crate::memory::{Memories, Memory};
use crate::start::{NotStarted, Settings};
use crate::state::State;
use crate::time::Time;
use core::fmt;
use embedded_hal::digital::OutputPin;
use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;
use memt_core::slot::Timestamp;

/// What the board is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Wait for a byte or a moment, then [`poll`](App::poll) again.
    Wait,
    /// Start again: another model was chosen.
    Restart,
}

/// A running firmware: port, clock, light, region for a second model, and a [`Memory`].
#[allow(missing_debug_implementations, reason = "the store has none")]
pub struct App<'s, P, C, L, R, M> {
    port: P,
    clock: C,
    light: Activity<L>,
    region: R,
    memory: M,
    line: Line<'s>,
    receiver: Receiver,
    console: Console,
    caller: Caller,
    time: Time,
}

impl<
    's,
    P,
    F: NorFlash,
    C: Clock,
    L: OutputPin,
    R: Region,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize,
> App<'s, P, C, L, R, Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH, JUDGED>>
{
    /// Reads the memories from flash, and the model: the chosen one, or the one in the program where none
    /// is chosen or the chosen one is damaged.
    ///
    /// # Errors
    /// [`StartError`](crate::StartError), and the port to report it on; nothing in flash was erased.
    // Not inlined: what starting needs on the stack is free when it is done.
    #[inline(never)]
    pub fn start<const FRAME: usize>(
        board: Board<P, F, C, L, R>,
        state: &'s mut State<SLOTS, TEXT, TERMS, SCRATCH, FRAME, JUDGED>,
        settings: &Settings,
    ) -> Result<Self, NotStarted<P>> {
        let State {
            bank,
            places,
            scratch,
            frame,
            history,
        } = state;
        let Board {
            port,
            flash,
            mut clock,
            light,
            region,
        } = board;
        let memory = match Memory::open(flash, &region, bank, places, scratch, settings) {
            Ok(memory) => memory,
            Err(error) => return Err(NotStarted { error, port }),
        };
        let newest = memory.bank().statistics(None).newest.unwrap_or_default();
        let newest = Timestamp(newest.0.saturating_add(1));
        let time = Time::starting_at(newest, clock.milliseconds());
        Ok(Self {
            port,
            clock,
            light: Activity::new(light),
            region,
            memory,
            line: Line::new(frame, history),
            receiver: Receiver::new(),
            console: Console::default(),
            caller: Caller::default(),
            time,
        })
    }

    /// Gives the parts back.
    pub fn stop(self) -> Board<P, F, C, L, R> {
        Board {
            port: self.port,
            flash: self.memory.close(),
            clock: self.clock,
            light: self.light.release(),
            region: self.region,
        }
    }
}

impl<P: Read + ReadReady + Write, C: Clock, L: OutputPin, R: Region, M: Memories>
    App<'_, P, C, L, R, M>
{
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
        match self.receiver.byte(byte, now, self.line.bytes()) {
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
        self.caller.interrupt();
        // A light that fails does not stop the memory.
        let _ = self.light.start();
        let written = match byte {
            Some(byte) => {
                let (memory, time) = (&mut self.memory, &mut self.time);
                let line = &mut self.line;
                self.console.byte(byte, line, memory, time, &mut out)
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
        let bytes = self.line.bytes();
        let mut device = Device {
            memory: &mut self.memory,
            region: &mut self.region,
            time: &mut self.time,
            frame_bytes: bytes.len(),
        };
        let port = &mut self.port;
        let mut send = |frame: &[u8]| port.write_all(frame);
        let _ = self.light.start();
        let answered = self
            .caller
            .frame(&mut bytes[..length], &mut device, &mut send);
        let _ = self.light.stop();
        self.port.flush()?;
        Ok(match answered? {
            Answered::GoOn => Next::Wait,
            Answered::Restart => Next::Restart,
        })
    }

    /// The memories.
    pub fn memory(&mut self) -> &mut M {
        &mut self.memory
    }
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
