//! Answers to frames.

use crate::memory::{Memories, Wanted};
use memt_core::link::{Answer, Refusal, Reply, RequestId, encode_reply};
use memt_core::snapshot::Record;

/// Sends one answer, made in `room`. One that does not fit a frame is refused instead.
pub(super) fn reply<E>(
    room: &mut [u8],
    id: RequestId,
    answer: Answer<'_>,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    if let Ok(frame) = encode_reply(&Reply { id, answer }, room) {
        return send(frame);
    }
    let answer = Answer::Refused(Refusal::TooLong);
    match encode_reply(&Reply { id, answer }, room) {
        Ok(frame) => send(frame),
        // `State` has room for every refusal.
        Err(_) => Ok(()),
    }
}

/// Sends a memory, or that there is none.
pub(super) fn memory<E>(
    memory: &mut impl Memories,
    id: RequestId,
    wanted: Wanted,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (record, room) = memory.find(wanted);
    reply(
        room,
        id,
        record.map_or(Answer::Nothing, Answer::Memory),
        send,
    )
}

/// Sends records of the snapshot, each in a frame.
pub(super) fn records<E>(
    memory: &mut impl Memories,
    id: RequestId,
    from: u32,
    count: u16,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let end = from.saturating_add(u32::from(count));
    for number in from..end.min(memory.records() as u32) {
        if let (Some(record), room) = memory.find(Wanted::Number(number as usize)) {
            reply(room, id, Answer::Record(number, record), send)?;
        }
    }
    Ok(())
}

/// Sends a part of a record.
pub(super) fn part<E>(
    memory: &mut impl Memories,
    id: RequestId,
    number: usize,
    offset: u16,
    bytes: u8,
    send: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (record, room) = memory.find(Wanted::Number(number));
    let (room, whole) = room.split_at_mut(room.len() / 2);
    let answer = match record.map(|record| postcard::to_slice::<Record<'_>>(&record, whole)) {
        Some(Ok(whole)) => {
            let start = usize::from(offset).min(whole.len());
            let end = (start + usize::from(bytes)).min(whole.len());
            Answer::Part(whole.len() as u16, start as u16, &whole[start..end])
        }
        Some(Err(_)) => Answer::Refused(Refusal::TooLong),
        None => Answer::Refused(Refusal::Changed),
    };
    reply(room, id, answer, send)
}
