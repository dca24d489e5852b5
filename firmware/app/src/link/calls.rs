//! Requests carried out.

use super::model::ModelTransfer;
use super::session::{Session, Turn};
use crate::board::Region;
use crate::memory::{Memory, NewText, with_buffer};
use crate::store::ChosenModel;
use crate::time::Time;
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::Bank;
use memt_core::encoder::Scratch;
use memt_core::link::{
    Answer, Call, Counts, Done, LISTED_HITS, Message, ModelCall, Refusal, Reply, Request,
    RequestId, Snapshot, VERSION, Welcome, WireHit, decode, encode,
};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::snapshot::{MemoryRecord, Record};

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

/// The side of the link that answers.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    session: Session,
    transfer: ModelTransfer,
}

impl Caller {
    /// Answers a frame; one that is no request is not answered.
    pub(crate) fn frame<
        F: NorFlash,
        R: Region,
        E,
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const SCRATCH: usize,
    >(
        &mut self,
        inside: &mut [u8],
        frame_bytes: usize,
        memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
        region: &mut R,
        time: &mut Time,
        mut send: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<Answered, E> {
        let Request { id, call } = match decode(inside) {
            Ok(Message::Request(request)) => request,
            Ok(Message::Reply(_)) => return Ok(Answered::GoOn),
            Err(_) => {
                let answer = Answer::Refused(Refusal::Damaged);
                reply(memory.scratch, RequestId::default(), answer, &mut send)?;
                return Ok(Answered::GoOn);
            }
        };
        let turn = self.session.turn(id, &call);
        let again = turn == Turn::Again;
        let mut answered = Answered::GoOn;
        let answer = match (turn, call) {
            (Turn::Late, _) => return Ok(answered),
            (Turn::Unknown, _) => Answer::Refused(Refusal::Session),
            (Turn::Repeat(done), _) => Answer::Done(done),
            (_, Call::Hello { oldest, newest }) => welcome(memory, frame_bytes, oldest..=newest),
            (_, Call::Get { key, record }) => {
                let now = (record && !again).then(|| time.now());
                return get(memory, id, key, now, &mut send).map(|()| answered);
            }
            (_, Call::Next { owner, after }) => {
                return next(memory, id, owner, after, &mut send).map(|()| answered);
            }
            (_, Call::Pull { state, from, count }) => {
                return pull(memory, id, state, from, count, &mut send).map(|()| answered);
            }
            (_, Call::Part { state, number, .. })
                if state != memory.changes() || number as usize >= records(memory) =>
            {
                Answer::Refused(Refusal::Changed)
            }
            (
                _,
                Call::Part {
                    number,
                    offset,
                    bytes,
                    ..
                },
            ) => return part(memory, id, number, offset, bytes, &mut send).map(|()| answered),
            (_, Call::Query { record, .. }) => {
                let now = (record && !again).then(|| time.now());
                query(memory, &call, now)
            }
            (_, Call::Statistics { owner }) => Answer::Counts(counts(memory, owner)),
            (_, Call::Time(given)) => {
                if let Some(now) = given {
                    time.set(now);
                }
                Answer::Time(time.now(), time.is_set())
            }
            (_, Call::Snapshot) => Answer::Snapshot(Snapshot {
                state: memory.changes(),
                fingerprint: memory.encoder.fingerprint(),
                records: records(memory) as u32,
            }),
            (_, Call::Model(call)) => match self.model(call, memory, region) {
                Ok(answered_so) => {
                    answered = answered_so;
                    let active = memory.store.model().is_some();
                    Answer::Model(self.transfer.state(region, active))
                }
                Err(refusal) => Answer::Refused(refusal),
            },
            (_, call) => match change(memory, &call, time.now()) {
                Ok(done) => {
                    self.session.note(done);
                    Answer::Done(done)
                }
                Err(refusal) => Answer::Refused(refusal),
            },
        };
        reply(memory.scratch, id, answer, &mut send)?;
        Ok(answered)
    }

    fn model<
        F: NorFlash,
        R: Region,
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const SCRATCH: usize,
    >(
        &mut self,
        call: ModelCall<'_>,
        memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
        region: &mut R,
    ) -> Result<Answered, Refusal> {
        let active = memory.store.model().is_some();
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
                self.transfer.verify(region, SCRATCH)?;
                Some(ChosenModel {
                    bytes: self.transfer.bytes(),
                    fingerprint: self.transfer.fingerprint(),
                })
            }
            ModelCall::Revert if active => None,
            _ => return Ok(Answered::GoOn),
        };
        let store = &mut memory.store;
        with_buffer::<TEXT, SCRATCH>(memory.scratch, |buffer| store.choose_model(chosen, buffer))
            .map_err(|_| Refusal::Flash)?;
        Ok(Answered::Restart)
    }
}

/// Sends one reply. An answer that does not fit a frame is refused instead.
fn reply<E, const SCRATCH: usize>(
    scratch: &mut Scratch<SCRATCH>,
    id: RequestId,
    answer: Answer<'_>,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut slice = scratch.as_mut();
    let room = slice.len();
    // All of the scratch is there to be taken, and a refusal fits the smallest one.
    let Ok(buffer) = slice.take_as_left::<u8>(room) else {
        return Ok(());
    };
    let message = Message::Reply(Reply { id, answer });
    if let Ok(frame) = encode(&message, buffer) {
        return send(frame);
    }
    let answer = Answer::Refused(Refusal::TooLong);
    match encode(&Message::Reply(Reply { id, answer }), buffer) {
        Ok(frame) => send(frame),
        Err(_) => Ok(()),
    }
}

fn welcome<
    'w,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    frame_bytes: usize,
    offered: core::ops::RangeInclusive<u16>,
) -> Answer<'w> {
    if !offered.contains(&VERSION) {
        return Answer::Refused(Refusal::Version {
            oldest: VERSION,
            newest: VERSION,
        });
    }
    Answer::Welcome(Welcome {
        version: VERSION,
        name: NAME,
        fingerprint: memory.encoder.fingerprint(),
        model_bytes: memory.encoder.image().bytes().len() as u32,
        origin: memory.bank.origin(),
        next_counter: memory.bank.next_counter(),
        memories: memory.bank.len() as u32,
        slots: SLOTS as u32,
        text_bytes: TEXT as u32,
        terms: TERMS as u32,
        frame_bytes: frame_bytes as u32,
    })
}

fn change<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    call: &Call<'_>,
    now: Timestamp,
) -> Result<Done, Refusal> {
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
            let device = memory.encoder.fingerprint();
            if device != *fingerprint {
                return Err(Refusal::OtherModel { device });
            }
            Done::Changed((SLOTS - memory.bank.len()) as u32)
        }
        Call::Push(record) => Done::Taken(memory.take(record)?),
        _ => return Err(Refusal::Unsupported),
    })
}

fn query<
    'a,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    call: &Call<'_>,
    read: Option<Timestamp>,
) -> Answer<'a> {
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

fn counts<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    owner: Option<Owner>,
) -> Counts {
    Counts {
        deletions: memory.bank.deletions().count() as u32,
        lost_deletions: memory.bank.lost_deletions(),
        flash_bytes: memory.store.capacity(),
        ..Counts::of(&memory.bank.statistics(owner))
    }
}

fn get<
    F: NorFlash,
    E,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    id: RequestId,
    key: Key,
    read: Option<Timestamp>,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(now) = read
        && let Err(refusal) = memory.record_access(key, now)
    {
        return reply(memory.scratch, id, Answer::Refused(refusal), send);
    }
    let slot = memory.bank.get(key);
    let answer = slot.map_or(Answer::Nothing, |slot| {
        Answer::Memory(Record::Memory(MemoryRecord::of(slot, &[])))
    });
    reply(memory.scratch, id, answer, send)
}

fn next<
    F: NorFlash,
    E,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    id: RequestId,
    owner: Option<Owner>,
    after: Option<(Timestamp, Key)>,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut slots = memory.bank.owned_by(owner);
    let slot = slots.find(|slot| after.is_none_or(|after| slot.age_order() > after));
    let answer = slot.map_or(Answer::Nothing, |slot| {
        Answer::Memory(Record::Memory(MemoryRecord::of(slot, &[])))
    });
    reply(memory.scratch, id, answer, send)
}

/// Memories from old to new, then deletions.
fn records<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
) -> usize {
    memory.bank.len() + memory.bank.deletions().count()
}

fn pull<
    F: NorFlash,
    E,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    id: RequestId,
    state: u32,
    from: u32,
    count: u16,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    if state != memory.changes() {
        return reply(memory.scratch, id, Answer::Refused(Refusal::Changed), send);
    }
    let end = from.saturating_add(u32::from(count));
    for number in from..end.min(records(memory) as u32) {
        if let Some(record) = record(memory.bank, number as usize) {
            reply(memory.scratch, id, Answer::Record(number, record), send)?;
        }
    }
    Ok(())
}

/// A record of the snapshot.
fn record<const SLOTS: usize, const TEXT: usize, const TERMS: usize>(
    bank: &Bank<SLOTS, TEXT, TERMS>,
    number: usize,
) -> Option<Record<'_>> {
    match bank.at(number) {
        Some(slot) => Some(Record::Memory(MemoryRecord::of(slot, &[]))),
        None => bank
            .deletions()
            .nth(number.checked_sub(bank.len())?)
            .map(Record::Deletion),
    }
}

/// Sends a part of a record; the record is written to the end of the scratch and the frame made before it.
fn part<
    F: NorFlash,
    E,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
>(
    memory: &mut Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH>,
    id: RequestId,
    number: u32,
    offset: u16,
    bytes: u8,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut scratch = memory.scratch.as_mut();
    let room = scratch.len();
    let Some(record) = record(memory.bank, number as usize) else {
        return Ok(());
    };
    let Ok(scratch) = scratch.take_as_left::<u8>(room) else {
        return Ok(());
    };
    let (frame, whole) = scratch.split_at_mut(room / 2);
    let answer = match postcard::to_slice(&record, whole) {
        Ok(whole) => {
            let start = usize::from(offset).min(whole.len());
            let end = (start + usize::from(bytes)).min(whole.len());
            Answer::Part(whole.len() as u16, start as u16, &whole[start..end])
        }
        Err(_) => Answer::Refused(Refusal::TooLong),
    };
    match encode(&Message::Reply(Reply { id, answer }), frame) {
        Ok(frame) => send(frame),
        Err(_) => Ok(()),
    }
}
