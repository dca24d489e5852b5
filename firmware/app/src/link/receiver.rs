//! Tells frames from typing.
//!
//! A zero, which nobody types, turns the port to frames, and then nothing is typing any more: bytes
//! outside whole frames are dropped. Only a second of silence ends that, and after it only Enter, as the
//! first byte, wakes the console; any other first byte is the rest of a frame whose zeros were lost, and it
//! is dropped up to the next silence. So it is where bytes follow Enter faster than anybody types: the zero
//! before a frame may have become Enter on the way. So bytes that are changed or lost never become commands.

use memt_core::link::MARK;

/// Milliseconds without a byte after which the port is free again.
pub(crate) const SILENCE: u64 = 1000;

/// Milliseconds that pass between Enter, which wakes, and the first byte of a line. The bytes of a frame come within one.
const WAKING: u64 = 50;

/// Milliseconds after which nobody is sitting at the console any more.
const LEFT_ALONE: u64 = 10 * 60 * 1000;

/// Who is speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Talk {
    Nobody,
    /// Enter came, from a person or as the changed zero before a frame.
    Waking,
    Person,
    Host,
    /// Bytes of no known origin.
    Noise,
}

/// What a byte has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Nothing yet.
    Nothing,
    /// The console was woken.
    Woken,
    /// A byte was typed.
    Typed(u8),
    /// So many bytes of the buffer are the inside of a frame.
    Frame(usize),
}

/// The state of the port.
#[derive(Debug)]
pub(crate) struct Receiver {
    talk: Talk,
    /// Bytes of the frame so far, more than the buffer holds if it is too long.
    length: usize,
    last: u64,
}

impl Receiver {
    pub(crate) const fn new() -> Self {
        Self {
            talk: Talk::Nobody,
            length: 0,
            last: 0,
        }
    }

    /// Takes a byte that came now.
    pub(crate) fn byte(&mut self, byte: u8, now: u64, buffer: &mut [u8]) -> Event {
        let silence = now.saturating_sub(self.last);
        self.last = now;
        if self.talk == Talk::Waking && silence >= WAKING {
            self.talk = Talk::Person;
        }
        let patience = if self.talk == Talk::Person {
            LEFT_ALONE
        } else {
            SILENCE
        };
        if silence >= patience {
            self.talk = Talk::Nobody;
        }
        if byte == MARK {
            return self.mark(buffer);
        }
        let enter = matches!(byte, b'\r' | b'\n');
        match self.talk {
            Talk::Person => return Event::Typed(byte),
            Talk::Nobody if enter => {
                self.talk = Talk::Waking;
                return Event::Woken;
            }
            Talk::Waking if enter => {}
            Talk::Nobody | Talk::Waking => self.talk = Talk::Noise,
            Talk::Noise => {}
            Talk::Host => {
                if let Some(place) = buffer.get_mut(self.length) {
                    *place = byte;
                }
                self.length = self.length.saturating_add(1);
            }
        }
        Event::Nothing
    }

    fn mark(&mut self, buffer: &[u8]) -> Event {
        let length = core::mem::take(&mut self.length);
        let whole = self.talk == Talk::Host && (1..=buffer.len()).contains(&length);
        self.talk = Talk::Host;
        match whole {
            true => Event::Frame(length),
            false => Event::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, LEFT_ALONE, Receiver, SILENCE, WAKING};
    extern crate std;
    use std::vec::Vec;

    fn events(receiver: &mut Receiver, bytes: &[u8], now: u64) -> Vec<Event> {
        let mut buffer = [0; 8];
        let events = bytes
            .iter()
            .map(|&byte| receiver.byte(byte, now, &mut buffer));
        events.filter(|event| *event != Event::Nothing).collect()
    }

    #[test]
    fn enter_wakes_and_then_bytes_are_typed() {
        let mut receiver = Receiver::new();
        assert_eq!(events(&mut receiver, b"help\r", 0), []);
        assert_eq!(events(&mut receiver, b"\r", SILENCE), [Event::Woken]);
        assert_eq!(events(&mut receiver, b"\n", SILENCE), []);
        let typed = events(&mut receiver, b"a\r", SILENCE + WAKING);
        assert_eq!(typed, [Event::Typed(b'a'), Event::Typed(b'\r')]);
        let typed = events(&mut receiver, b"a\r", LEFT_ALONE);
        assert_eq!(typed, [Event::Typed(b'a'), Event::Typed(b'\r')]);
        assert_eq!(events(&mut receiver, b"a\r", 3 * LEFT_ALONE), []);
    }

    #[test]
    fn frames_are_found_between_zeros() {
        let mut receiver = Receiver::new();
        assert_eq!(
            events(&mut receiver, b"xx\0\0ab\0cd\0\0", 0),
            [Event::Frame(2), Event::Frame(2)]
        );
        assert_eq!(
            events(&mut receiver, b"12345678\x00123456789\x001\0", 0),
            [Event::Frame(8), Event::Frame(1)]
        );
    }

    #[test]
    fn after_a_frame_nothing_is_typing_until_silence_and_enter() {
        let mut receiver = Receiver::new();
        events(&mut receiver, b"\r\0ab\0", 0);
        assert_eq!(events(&mut receiver, b"\rforget all\r", SILENCE - 1), []);
        // The rest of a frame without its zeros.
        assert_eq!(events(&mut receiver, b"b\rforget all\r", 3 * SILENCE), []);
        assert_eq!(events(&mut receiver, b"\r", 5 * SILENCE), [Event::Woken]);
    }

    #[test]
    fn a_frame_whose_first_zero_became_enter_is_not_typed() {
        for enter in [b"\r", b"\n"] {
            let mut receiver = Receiver::new();
            events(&mut receiver, b"\0ab\0", 0);
            assert_eq!(events(&mut receiver, enter, SILENCE), [Event::Woken]);
            let frame = b"\rb\rforget all\ryes\r\r";
            assert_eq!(events(&mut receiver, frame, SILENCE + WAKING - 1), []);
            assert_eq!(events(&mut receiver, b"forget all\r", 2 * SILENCE), []);
            // Its last zero and the next frame are understood.
            assert_eq!(
                events(&mut receiver, b"\0\0ab\0", 2 * SILENCE),
                [Event::Frame(2)]
            );
        }
    }
}
