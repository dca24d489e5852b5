//! Requests carried out.

use super::answer::{memory, part, records, reply};
use super::model::ModelTransfer;
use super::parts::Parts;
use super::session::{Session, Turn};
use crate::board::Region;
use crate::memory::{Memories, NewText, Wanted};
use crate::store::ChosenModel;
use crate::time::Time;
use core::ops::RangeInclusive;
use memt_core::link::{
    Answer, Call, Done, LISTED_HITS, ModelCall, Refusal, Request, RequestId, Snapshot, VERSION,
    Welcome, WireHit, decode_request,
};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::Timestamp;

/// What the firmware calls itself.
const NAME: &str = concat!("memt ", env!("CARGO_PKG_VERSION"));

/// What is to be done after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Nothing.
    GoOn,
    /// Another model was chosen.
    Restart,
}

/// What requests are about.
pub(crate) struct Device<'d, M, R> {
    pub(crate) memory: &'d mut M,
    pub(crate) region: &'d mut R,
    pub(crate) time: &'d mut Time,
    /// The longest frame that can be received.
    pub(crate) frame_bytes: usize,
}

/// The side of the link that answers.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    session: Session,
    transfer: ModelTransfer,
    parts: Parts,
}

impl Caller {
    /// Answers a frame; one that is no request is not answered.
    pub(crate) fn frame<M: Memories, R: Region, E>(
        &mut self,
        inside: &mut [u8],
        device: &mut Device<'_, M, R>,
        send: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Answered, E> {
        let Request { id, call } = match decode_request(inside) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(Answered::GoOn),
            Err(_) => {
                let answer = Answer::Refused(Refusal::Damaged);
                let room = device.memory.answer_room();
                reply(room, RequestId::default(), answer, send)?;
                return Ok(Answered::GoOn);
            }
        };
        let turn = self.session.turn(id, &call);
        let mut answered = Answered::GoOn;
        let answer = match (turn, call) {
            (Turn::Late, _) => return Ok(answered),
            (Turn::Unknown, _) => Answer::Refused(Refusal::Session),
            (Turn::Repeat(done), _) => Answer::Done(done),
            (_, Call::Model(call)) => {
                self.interrupt();
                match self.model(call, device) {
                    Ok(next) => {
                        answered = next;
                        let active = device.memory.about().chosen_model.is_some();
                        Answer::Model(self.transfer.state(device.region, active))
                    }
                    Err(refusal) => Answer::Refused(refusal),
                }
            }
            (_, call) if reads(&call) => {
                self.interrupt();
                return read(device, id, &call, turn == Turn::Again, send).map(|()| answered);
            }
            (_, call) => match self.change(device, &call) {
                Ok(done) => {
                    self.session.note(done);
                    Answer::Done(done)
                }
                Err(refusal) => Answer::Refused(refusal),
            },
        };
        reply(device.memory.answer_room(), id, answer, send)?;
        Ok(answered)
    }

    /// Something else than frames uses the memory.
    pub(crate) fn interrupt(&mut self) {
        self.parts = Parts::default();
    }

    fn model<M: Memories, R: Region>(
        &mut self,
        call: ModelCall<'_>,
        device: &mut Device<'_, M, R>,
    ) -> Result<Answered, Refusal> {
        let about = device.memory.about();
        let active = about.chosen_model.is_some();
        let region = &mut *device.region;
        let chosen = match call {
            ModelCall::Begin { .. } | ModelCall::Write { .. } if active => {
                return Err(Refusal::ModelActive);
            }
            ModelCall::Begin { bytes, fingerprint } => {
                self.transfer.begin(region, bytes, fingerprint)?;
                return Ok(Answered::GoOn);
            }
            ModelCall::Write { offset, bytes } => {
                self.transfer.write(region, offset, bytes)?;
                return Ok(Answered::GoOn);
            }
            ModelCall::Activate => {
                self.transfer.verify(region, about.scratch_bytes)?;
                Some(ChosenModel {
                    bytes: self.transfer.bytes(),
                    fingerprint: self.transfer.fingerprint(),
                })
            }
            ModelCall::Revert if active => None,
            _ => return Ok(Answered::GoOn),
        };
        device.memory.choose_model(chosen)?;
        Ok(Answered::Restart)
    }

    /// Carries out what is to be done once.
    fn change<M: Memories, R>(
        &mut self,
        device: &mut Device<'_, M, R>,
        call: &Call<'_>,
    ) -> Result<Done, Refusal> {
        let (memory, now) = (&mut *device.memory, device.time.now());
        if let Call::PushPart {
            whole,
            offset,
            bytes,
        } = *call
        {
            let (whole, offset) = (usize::from(whole), usize::from(offset));
            return self.parts.put(memory, whole, offset, bytes);
        }
        self.interrupt();
        change(memory, call, now)
    }
}

fn change(memory: &mut impl Memories, call: &Call<'_>, now: Timestamp) -> Result<Done, Refusal> {
    Ok(match call {
        Call::Add {
            owner,
            text,
            created,
            importance,
            evict,
        } => Done::from(memory.add(&NewText {
            owner: *owner,
            text,
            created: created.unwrap_or(now),
            importance: *importance,
            evict: *evict,
        })?),
        Call::Forget(which) => Done::Changed(memory.forget(*which, now)?),
        Call::Replay(which) => Done::Changed(memory.replay(*which, now)?),
        Call::Compact { keep } => Done::Changed(memory.compact(*keep as usize, now)?),
        Call::Offer { fingerprint } => {
            let about = memory.about();
            let device = about.fingerprint;
            if device != *fingerprint {
                return Err(Refusal::OtherModel { device });
            }
            Done::Changed((about.slots - about.memories) as u32)
        }
        Call::Push(record) => Done::Taken(memory.take(record)?),
        Call::Judge { key, text, verdict } => memory.judge(*key, text, *verdict, now)?,
        _ => return Err(Refusal::Unsupported),
    })
}

/// Whether a request changes nothing but the time and counts of reading.
fn reads(call: &Call<'_>) -> bool {
    matches!(
        call,
        Call::Hello { .. }
            | Call::Query { .. }
            | Call::Get { .. }
            | Call::Next { .. }
            | Call::Statistics { .. }
            | Call::Time(_)
            | Call::Snapshot
            | Call::Pull { .. }
            | Call::Part { .. }
    )
}

/// Answers a request that [`reads`]; what was read `again` is not counted again.
fn read<M: Memories, R, E>(
    device: &mut Device<'_, M, R>,
    id: RequestId,
    call: &Call<'_>,
    again: bool,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let now = device.time.now();
    let read_at = |record: bool| (record && !again).then_some(now);
    let bank = &mut *device.memory;
    let answer = match *call {
        Call::Hello { oldest, newest } => welcome(bank, device.frame_bytes, oldest..=newest),
        Call::Get { key, record } => {
            let counted = read_at(record).map(|now| bank.record_access(key, now));
            match counted {
                Some(Err(refusal)) => Answer::Refused(refusal),
                _ => return memory(bank, id, Wanted::Key(key), send),
            }
        }
        Call::Next { owner, after } => {
            return memory(bank, id, Wanted::Next { owner, after }, send);
        }
        Call::Pull { state, .. } | Call::Part { state, .. } if state != bank.changes() => {
            Answer::Refused(Refusal::Changed)
        }
        Call::Pull { from, count, .. } => return records(bank, id, from, count, send),
        Call::Part {
            number,
            offset,
            bytes,
            ..
        } => return part(bank, id, number as usize, offset, bytes, send),
        Call::Query { record, .. } => query(bank, call, read_at(record)),
        Call::Statistics { owner } => Answer::Counts(bank.counts(owner)),
        Call::Time(given) => {
            if let Some(now) = given {
                device.time.set(now);
            }
            Answer::Time(device.time.now(), device.time.is_set())
        }
        Call::Snapshot => Answer::Snapshot(Snapshot {
            state: bank.changes(),
            fingerprint: bank.about().fingerprint,
            records: bank.records() as u32,
        }),
        _ => Answer::Refused(Refusal::Unsupported),
    };
    reply(bank.answer_room(), id, answer, send)
}

fn welcome<'w>(
    memory: &impl Memories,
    frame_bytes: usize,
    offered: RangeInclusive<u16>,
) -> Answer<'w> {
    if !offered.contains(&VERSION) {
        return Answer::Refused(Refusal::Version {
            oldest: VERSION,
            newest: VERSION,
        });
    }
    let about = memory.about();
    Answer::Welcome(Welcome {
        version: VERSION,
        name: NAME,
        fingerprint: about.fingerprint,
        model_bytes: about.model_bytes as u32,
        origin: about.origin,
        next_counter: about.next_counter,
        memories: about.memories as u32,
        slots: about.slots as u32,
        text_bytes: about.text_bytes as u32,
        terms: about.terms as u32,
        frame_bytes: frame_bytes as u32,
    })
}

fn query<'a>(memory: &mut impl Memories, call: &Call<'_>, read: Option<Timestamp>) -> Answer<'a> {
    let Call::Query {
        text,
        owner,
        mode,
        min_score,
        recency,
        neighbours,
        most,
        ..
    } = *call
    else {
        return Answer::Refused(Refusal::Unsupported);
    };
    let options = QueryOptions {
        owner,
        mode,
        min_score,
        recency,
        times: None,
        neighbours,
    };
    let mut hits = [Hit::default(); LISTED_HITS];
    let Some(room) = hits.get_mut(..usize::from(most)) else {
        return Answer::Refused(Refusal::TooManyHits {
            asked: u32::from(most),
            most: LISTED_HITS as u32,
        });
    };
    match memory.query(text, &options, read, room) {
        Ok(found) => Answer::Hits(hits[..found].iter().copied().map(WireHit::from).collect()),
        Err(refusal) => Answer::Refused(refusal),
    }
}
