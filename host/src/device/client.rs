//! A conversation with a device: requests go again until they are answered.

use super::{LinkError, Stream};
use memt_core::encoder::Fingerprint;
use memt_core::link::{
    Answer, Call, MARK, Message, Refusal, Request, RequestId, VERSION, decode, encode,
};
use memt_core::snapshot::Record;
use std::time::{Duration, Instant};

/// How long the first byte of an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_millis(1500);

/// Silence after which an answer that has begun is over. A USB adapter may keep bytes for 16 ms.
const GAP: Duration = Duration::from_millis(60);

/// How much longer than its first byte an answer may take. A port that never falls silent speaks something else.
const SPEAKING: Duration = Duration::from_secs(4);

/// How often a request goes again.
#[derive(Clone, Copy)]
struct Persistence {
    /// Attempts one after the other to which nothing comes at all.
    silent_attempts: u32,
    /// How long, while bytes come that are no answer.
    longest: Duration,
}

/// Whether anything is there shows soon.
const GREETING: Persistence = Persistence {
    silent_attempts: 5,
    longest: Duration::from_secs(10),
};

/// What has answered before is given up later: of a line that swallows one frame in ten, one attempt in six stays
/// without an answer, and eight of them in a row once in three million requests.
const ASKING: Persistence = Persistence {
    silent_attempts: 8,
    longest: Duration::from_secs(300),
};

/// Attempts while bytes come that are no answer: a line that changes a byte in a hundred lets one frame of
/// 400 bytes in 60 through.
const NOISY_ATTEMPTS: u32 = 2000;

/// Bytes of the longest frame that is kept.
const FRAME_BYTES: usize = 8192;

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The firmware's name and version.
    pub name: String,
    /// The version of the link.
    pub version: u16,
    /// The model that it encodes with.
    pub fingerprint: Fingerprint,
    /// Bytes of that model's image.
    pub model_bytes: u32,
    /// The origin of its keys.
    pub origin: u32,
    /// The counter of the next key.
    pub next_counter: u32,
    /// Memories that it holds.
    pub memories: u32,
    /// Memories that fit.
    pub slots: u32,
    /// Bytes of a text that fit.
    pub text_bytes: u32,
    /// Distinct terms of a text that fit.
    pub terms: u32,
    /// The longest frame that it can receive.
    pub frame_bytes: u32,
}

/// A conversation with a device.
#[derive(Debug)]
pub struct Client<S> {
    stream: S,
    id: RequestId,
    pub(super) device: Device,
    /// The frame that is coming.
    inside: Vec<u8>,
    /// Bytes that came behind it.
    waiting: std::collections::VecDeque<u8>,
    frame: Vec<u8>,
    /// Frames that were sent again.
    repeats: u64,
}

/// What became of waiting.
enum Waited<T> {
    Answered(T),
    /// The device asks to send again.
    Again,
    /// So many bytes came.
    Over(u64),
}

impl<S: Stream> Client<S> {
    /// Begins a conversation.
    pub fn begin(stream: S) -> Result<Self, LinkError> {
        let mut client = Self {
            stream,
            id: RequestId::default(),
            device: Device {
                name: String::new(),
                version: 0,
                fingerprint: Fingerprint::default(),
                model_bytes: 0,
                origin: 0,
                next_counter: 0,
                memories: 0,
                slots: 0,
                text_bytes: 0,
                terms: 0,
                frame_bytes: FRAME_BYTES as u32,
            },
            inside: Vec::new(),
            waiting: Default::default(),
            frame: vec![0; 2 * FRAME_BYTES],
            repeats: 0,
        };
        client.greet()?;
        Ok(client)
    }

    /// Begins a new session over the same stream.
    pub fn greet(&mut self) -> Result<(), LinkError> {
        self.id = RequestId {
            session: getrandom::u32().map_err(LinkError::Random)?.max(1),
            number: 0,
        };
        // Zeros in front turn the port to frames even if some are lost.
        self.stream.send(&[MARK; 8])?;
        let hello = Call::Hello {
            oldest: VERSION,
            newest: VERSION,
        };
        self.device = self.exchange_until(hello, PATIENCE, GREETING, |answer| match answer {
            Answer::Welcome(welcome) => Some(Device {
                name: welcome.name.to_owned(),
                version: welcome.version,
                fingerprint: welcome.fingerprint,
                model_bytes: welcome.model_bytes,
                origin: welcome.origin,
                next_counter: welcome.next_counter,
                memories: welcome.memories,
                slots: welcome.slots,
                text_bytes: welcome.text_bytes,
                terms: welcome.terms,
                frame_bytes: welcome.frame_bytes,
            }),
            _ => None,
        })?;
        Ok(())
    }

    /// What the device said of itself when the session began.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Frames that were sent again because no answer came.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// The stream.
    pub fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Sends a request until it is answered. `read` gives `None` for an answer of the wrong kind.
    pub(super) fn ask<T>(
        &mut self,
        call: Call<'_>,
        read: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, LinkError> {
        self.next_number();
        self.exchange(call, PATIENCE, read)
    }

    pub(super) fn next_number(&mut self) {
        self.id.number = self.id.number.wrapping_add(1);
    }

    pub(super) fn exchange<T>(
        &mut self,
        call: Call<'_>,
        patience: Duration,
        read: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, LinkError> {
        self.exchange_until(call, patience, ASKING, read)
    }

    /// As [`exchange`](Self::exchange), so persistently.
    fn exchange_until<T>(
        &mut self,
        call: Call<'_>,
        patience: Duration,
        persistence: Persistence,
        mut read: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, LinkError> {
        let end = Instant::now() + persistence.longest;
        let (mut attempts, mut silent, mut bytes) = (0, 0, 0);
        loop {
            self.send(call)?;
            attempts += 1;
            match self.wait(patience, &mut read)? {
                Waited::Answered(answer) => return Ok(answer),
                Waited::Again => silent = 0,
                Waited::Over(0) => silent += 1,
                Waited::Over(more) => (silent, bytes) = (0, bytes + more),
            }
            self.repeats += 1;
            if silent >= persistence.silent_attempts {
                return Err(LinkError::Silent { attempts });
            }
            if attempts >= NOISY_ATTEMPTS || (bytes > 0 && Instant::now() >= end) {
                return Err(LinkError::Noise { attempts, bytes });
            }
        }
    }

    fn send(&mut self, call: Call<'_>) -> Result<(), LinkError> {
        let most = self.device.frame_bytes as usize;
        let request = Message::Request(Request { id: self.id, call });
        let too_long = |bytes| LinkError::TooLong { bytes, most };
        let frame = encode(&request, &mut self.frame).map_err(|_| too_long(FRAME_BYTES))?;
        // The marks are not kept by the receiver.
        if frame.len() - 2 > most {
            return Err(too_long(frame.len()));
        }
        Ok(self.stream.send(frame)?)
    }

    /// Waits for the answer to the current request.
    fn wait<T>(
        &mut self,
        patience: Duration,
        read: &mut impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<Waited<T>, LinkError> {
        let end = Instant::now() + patience + SPEAKING;
        let mut bytes = 0;
        loop {
            let patience = if bytes == 0 { patience } else { GAP };
            let Some(count) = self.frame_inside(patience, end)? else {
                return Ok(Waited::Over(bytes));
            };
            bytes += count;
            let Ok(Message::Reply(reply)) = decode(&mut self.inside) else {
                continue;
            };
            match reply.answer {
                Answer::Refused(Refusal::Damaged) => return Ok(Waited::Again),
                _ if reply.id != self.id => {}
                Answer::Refused(Refusal::Session) => return Err(LinkError::Restarted),
                Answer::Refused(refusal) => return Err(LinkError::Refused(refusal)),
                answer => {
                    return read(answer)
                        .map(Waited::Answered)
                        .ok_or(LinkError::Unexpected);
                }
            }
        }
    }

    /// Reads to the next mark, whose bytes before are then in `inside`; gives the number of all that came, or `None`
    /// after silence or when it is too late.
    fn frame_inside(&mut self, patience: Duration, end: Instant) -> Result<Option<u64>, LinkError> {
        self.inside.clear();
        let mut came = 0;
        loop {
            while let Some(byte) = self.waiting.pop_front() {
                if byte != MARK {
                    came += 1;
                    self.inside.push(byte);
                } else if !self.inside.is_empty() {
                    return Ok(Some(came));
                }
                if self.inside.len() > FRAME_BYTES {
                    self.inside.clear();
                }
            }
            let mut bytes = [0; 1024];
            let patience = if self.inside.is_empty() {
                patience
            } else {
                GAP
            };
            let count = match Instant::now() < end {
                true => self.stream.receive(&mut bytes, patience)?,
                false => 0,
            };
            if count == 0 {
                self.inside.clear();
                return Ok((came > 0).then_some(came));
            }
            self.waiting.extend(&bytes[..count]);
        }
    }

    /// Receives the answers to one request for records, as far as they come whole and in order.
    pub(super) fn records(
        &mut self,
        state: u32,
        from: u32,
        count: u16,
        mut take: impl FnMut(u32, Record<'_>) -> bool,
    ) -> Result<u32, LinkError> {
        self.next_number();
        self.send(Call::Pull { state, from, count })?;
        let end = Instant::now() + PATIENCE + SPEAKING * u32::from(count);
        let mut next = from;
        while next < from + u32::from(count) {
            let patience = if next == from { PATIENCE } else { GAP };
            if self.frame_inside(patience, end)?.is_none() {
                break;
            }
            let Ok(Message::Reply(reply)) = decode(&mut self.inside) else {
                continue;
            };
            match reply.answer {
                Answer::Refused(Refusal::Damaged) => break,
                _ if reply.id != self.id => {}
                Answer::Refused(Refusal::Session) => return Err(LinkError::Restarted),
                Answer::Refused(refusal) => return Err(LinkError::Refused(refusal)),
                Answer::Record(number, record) => {
                    if !take(number, record) {
                        continue;
                    }
                    next = next.max(number + 1);
                }
                _ => return Err(LinkError::Unexpected),
            }
        }
        Ok(next)
    }
}
