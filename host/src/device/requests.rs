//! What a device can be asked.

use super::client::{Client, PATIENCE};
use super::{LinkError, Stream};
use memt_core::link::{Answer, Call, Counts, Done, ModelCall, ModelState, Snapshot, WireHit};
use memt_core::slot::{Facts, Key, Owner, Timestamp};
use memt_core::snapshot::Record;
use memt_core::write::{Verification, WriteReport};
use std::time::Duration;

/// How long the answer to a request that concerns every memory may take.
const LONG_PATIENCE: Duration = Duration::from_secs(20);

/// How long the first byte of the answer to a part of a record may take: nothing is encoded for it, and at most
/// a page of flash erased.
const SHORT_PATIENCE: Duration = Duration::from_millis(400);

/// Times that a device may start again while one memory is written.
const RESTARTS: u32 = 3;

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

impl<S: Stream> Client<S> {
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
