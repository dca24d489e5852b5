//! Requests and their answers.

use super::{LinkError, Stream};
use memt_core::encoder::Fingerprint;
use memt_core::link::{
    Answer, Call, Counts, Done, MARK, Message, ModelCall, ModelState, Refusal, Request, RequestId,
    Snapshot, VERSION, WireHit, decode, encode,
};
use memt_core::slot::{Facts, Key, Owner, Timestamp};
use memt_core::snapshot::Record;
use memt_core::write::{Verification, WriteReport};
use std::time::Duration;

/// How long the first byte of an answer may take.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How long the answer to a request that concerns every memory may take.
const LONG_PATIENCE: Duration = Duration::from_secs(20);

/// How long the first byte of the answer to a part of a record may take: nothing is encoded for it, and at most
/// a page of flash erased.
const SHORT_PATIENCE: Duration = Duration::from_millis(400);

/// Silence after which an answer that has begun is over. A USB adapter may keep bytes for 16 ms.
const GAP: Duration = Duration::from_millis(60);

/// Attempts when nothing comes at all.
const SILENT_ATTEMPTS: u32 = 5;

/// Attempts while bytes come that are no answer: a line that changes a byte in a hundred lets one frame of
/// 400 bytes in 60 through.
const NOISY_ATTEMPTS: u32 = 2000;

/// Times that a device may start again while one memory is written.
const RESTARTS: u32 = 3;

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

/// A memory of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Key, owner, times, factors.
    pub facts: Facts,
    /// The text.
    pub text: String,
}

/// A memory that a device has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its name.
    pub key: Key,
    /// How it answers to its own text; `None` if the device started again before it could say.
    pub verification: Option<Verification>,
    /// The memory that had to go; not known if the device started again.
    pub evicted: Option<Key>,
}

impl From<WriteReport> for Added {
    fn from(report: WriteReport) -> Self {
        Self {
            key: report.key,
            verification: Some(report.verification),
            evicted: report.evicted,
        }
    }
}

/// A conversation with a device.
#[derive(Debug)]
pub struct Client<S> {
    stream: S,
    id: RequestId,
    device: Device,
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
        self.device = self.exchange(hello, PATIENCE, |answer| match answer {
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

    /// A part of a record: bytes of the whole, and those from `offset` on.
    pub(super) fn pull_part(
        &mut self,
        state: u32,
        number: u32,
        offset: u16,
        bytes: u8,
    ) -> Result<(usize, Vec<u8>), LinkError> {
        let part = Call::Part {
            state,
            number,
            offset,
            bytes,
        };
        self.next_number();
        self.exchange(part, SHORT_PATIENCE, |answer| match answer {
            Answer::Part(all, _, part) => Some((usize::from(all), part.to_vec())),
            _ => None,
        })
    }

    fn next_number(&mut self) {
        self.id.number = self.id.number.wrapping_add(1);
    }

    fn exchange<T>(
        &mut self,
        call: Call<'_>,
        patience: Duration,
        mut read: impl FnMut(Answer<'_>) -> Option<T>,
    ) -> Result<T, LinkError> {
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
            if silent >= SILENT_ATTEMPTS {
                return Err(LinkError::Silent { attempts });
            }
            if attempts >= NOISY_ATTEMPTS {
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
        let mut bytes = 0;
        loop {
            let patience = if bytes == 0 { patience } else { GAP };
            let Some(count) = self.frame_inside(patience)? else {
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

    /// Reads to the next mark, whose bytes before are then in `inside`; gives their number, or `None` after
    /// silence.
    fn frame_inside(&mut self, patience: Duration) -> Result<Option<u64>, LinkError> {
        self.inside.clear();
        loop {
            while let Some(byte) = self.waiting.pop_front() {
                if byte != MARK {
                    self.inside.push(byte);
                } else if !self.inside.is_empty() {
                    return Ok(Some(self.inside.len() as u64));
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
            let count = self.stream.receive(&mut bytes, patience)?;
            if count == 0 {
                let came = self.inside.len() as u64;
                self.inside.clear();
                return Ok((came > 0).then_some(came));
            }
            self.waiting.extend(&bytes[..count]);
        }
    }

    fn change(&mut self, call: Call<'_>, patience: Duration) -> Result<Done, LinkError> {
        self.next_number();
        self.exchange(call, patience, |answer| match answer {
            Answer::Done(done) => Some(done),
            _ => None,
        })
    }

    /// Writes a memory, once: a device that starts again before it answers is asked whether the memory is there.
    pub fn add(&mut self, add: Call<'_>) -> Result<Added, LinkError> {
        for _ in 0..RESTARTS {
            match self.change(add, PATIENCE) {
                Ok(Done::Added {
                    key,
                    verification,
                    evicted,
                }) => {
                    self.device.next_counter = key.counter.wrapping_add(1);
                    return Ok(Added {
                        key,
                        verification: Some(verification),
                        evicted,
                    });
                }
                Ok(_) => return Err(LinkError::Unexpected),
                Err(LinkError::Restarted) => {}
                Err(error) => return Err(error),
            }
            let first = self.device.next_counter;
            self.greet()?;
            if let Some(key) = self.written_since(first, add)? {
                return Ok(Added {
                    key,
                    verification: None,
                    evicted: None,
                });
            }
        }
        Err(LinkError::Restarted)
    }

    /// The memory that a request has written, among those whose keys count from `first` on.
    fn written_since(&mut self, first: u32, add: Call<'_>) -> Result<Option<Key>, LinkError> {
        let Call::Add {
            owner,
            text,
            created,
            ..
        } = add
        else {
            return Ok(None);
        };
        let origin = self.device.origin;
        for counter in first..self.device.next_counter {
            let key = Key { origin, counter };
            let found = self.get(key, false)?.filter(|found| {
                let time = created.is_none_or(|created| created == found.facts.created);
                time && found.text == text && found.facts.owner == owner
            });
            if found.is_some() {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// Changes memories; gives their number.
    pub fn change_many(&mut self, call: Call<'_>) -> Result<u32, LinkError> {
        match self.change(call, LONG_PATIENCE)? {
            Done::Changed(count) => Ok(count),
            _ => Err(LinkError::Unexpected),
        }
    }

    /// Says whether a memory answers a question, or takes back what was said.
    pub fn judge(&mut self, judge: Call<'_>) -> Result<Done, LinkError> {
        self.change(judge, PATIENCE)
    }

    /// Asks a question.
    pub fn query(&mut self, query: Call<'_>) -> Result<Vec<WireHit>, LinkError> {
        self.ask(query, |answer| match answer {
            Answer::Hits(hits) => Some(hits.to_vec()),
            _ => None,
        })
    }

    /// Reads a memory.
    pub fn get(&mut self, key: Key, record: bool) -> Result<Option<Found>, LinkError> {
        self.ask(Call::Get { key, record }, found)
    }

    /// Reads the oldest memory that is younger than another.
    pub fn next(
        &mut self,
        owner: Option<Owner>,
        after: Option<(Timestamp, Key)>,
    ) -> Result<Option<Found>, LinkError> {
        self.ask(Call::Next { owner, after }, found)
    }

    /// Counts.
    pub fn statistics(&mut self, owner: Option<Owner>) -> Result<Counts, LinkError> {
        self.ask(Call::Statistics { owner }, |answer| match answer {
            Answer::Counts(counts) => Some(counts),
            _ => None,
        })
    }

    /// The device's time, and whether it was set since the device started.
    pub fn time(&mut self, set: Option<Timestamp>) -> Result<(Timestamp, bool), LinkError> {
        self.ask(Call::Time(set), |answer| match answer {
            Answer::Time(now, set) => Some((now, set)),
            _ => None,
        })
    }

    /// How a snapshot would be.
    pub fn snapshot(&mut self) -> Result<Snapshot, LinkError> {
        self.ask(Call::Snapshot, |answer| match answer {
            Answer::Snapshot(snapshot) => Some(snapshot),
            _ => None,
        })
    }

    /// Sends a record; says whether it was new.
    pub fn push(&mut self, record: Record<'_>) -> Result<bool, LinkError> {
        match self.change(Call::Push(record), PATIENCE)? {
            Done::Taken(new) => Ok(new),
            _ => Err(LinkError::Unexpected),
        }
    }

    /// Sends a part of a record's `whole` postcard bytes; gives what became of it.
    pub(super) fn push_part(
        &mut self,
        whole: u16,
        offset: u16,
        bytes: &[u8],
    ) -> Result<Done, LinkError> {
        let part = Call::PushPart {
            whole,
            offset,
            bytes,
        };
        self.change(part, SHORT_PATIENCE)
    }

    /// About the model in the second region.
    pub fn model(&mut self, call: ModelCall<'_>) -> Result<ModelState, LinkError> {
        self.next_number();
        self.exchange(Call::Model(call), LONG_PATIENCE, |answer| match answer {
            Answer::Model(state) => Some(state),
            _ => None,
        })
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
        let mut next = from;
        while next < from + u32::from(count) {
            let patience = if next == from { PATIENCE } else { GAP };
            if self.frame_inside(patience)?.is_none() {
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

fn found(answer: Answer<'_>) -> Option<Option<Found>> {
    match answer {
        Answer::Memory(Record::Memory(memory)) => Some(Some(Found {
            facts: memory.facts,
            text: memory.text.to_owned(),
        })),
        Answer::Nothing => Some(None),
        _ => None,
    }
}
