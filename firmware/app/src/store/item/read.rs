//! Items out of bytes.

use super::{
    DELETION, DELETION_BYTES, HEAD_BYTES, Item, JUDGEMENT, JUDGEMENT_HEAD_BYTES, KIND, MEMORY,
    ONCE, READ, START_BYTES, Stamp, StoredDeletion, StoredJudgement, StoredMemory, TERMS_SHIFT,
    WIDE, at,
};
use memt_core::bank::Deletion;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::feedback::{Judgement, Weight};
use memt_core::slot::{Factor, Facts, Key, Owner, Timestamp};

impl<'i> Item<'i> {
    /// Reads an item; `None` if it is none that this build writes.
    pub(in crate::store) fn read(bytes: &'i [u8]) -> Option<Self> {
        match bytes.first_chunk().map(|kind| u16::from_le_bytes(*kind)) {
            Some(DELETION) => StoredDeletion::read(bytes).map(Self::Deletion),
            Some(kind) if kind & KIND == MEMORY => {
                StoredMemory::read(kind, bytes).map(Self::Memory)
            }
            _ => None,
        }
    }
}

impl<'i> StoredMemory<'i> {
    fn read(kind: u16, bytes: &'i [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let terms = usize::from(kind >> TERMS_SHIFT);
        let (embedding, mut rest) = rest.split_at_checked(DIMENSIONS)?;
        let mut owner = u64::from(word(head, at::OWNER));
        if kind & WIDE != 0 {
            let (upper, others) = rest.split_first_chunk::<4>()?;
            owner |= u64::from(word(upper, 0)) << 32;
            rest = others;
        }
        let created = Timestamp(word(head, at::CREATED));
        let (mut accessed, mut accesses) = (created, 0);
        if kind & READ != 0 {
            let (times, others) = rest.split_first_chunk::<8>()?;
            (accessed, accesses) = (Timestamp(word(times, 0)), word(times, 4));
            rest = others;
        }
        let (hashes, mut text) = rest.split_at_checked(4 * terms)?;
        let mut counts = None;
        if kind & ONCE == 0 {
            let (given, others) = text.split_at_checked(terms)?;
            counts = Some(given);
            text = others;
        }
        Some(Self {
            stamp: stamp(head),
            model: word(head, at::MODEL),
            facts: Facts {
                key: key(head, at::KEY),
                owner: Owner(owner),
                created,
                accessed,
                accesses,
                strength: Factor(short(head, at::STRENGTH)),
                importance: Factor(short(head, at::IMPORTANCE)),
            },
            squared_norm: word(head, at::SQUARED_NORM),
            embedding,
            hashes,
            counts,
            text: core::str::from_utf8(text).ok()?,
        })
    }
}

impl StoredDeletion {
    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; DELETION_BYTES] = bytes.try_into().ok()?;
        Some(Self {
            stamp: stamp(bytes),
            deletion: Deletion {
                key: key(bytes, at::DELETED_KEY),
                time: Timestamp(word(bytes, at::DELETED)),
            },
            lost: word(bytes, at::LOST),
        })
    }
}

impl StoredJudgement {
    /// Reads an item; `None` if it is none that this build writes.
    pub(in crate::store) fn read(bytes: &[u8]) -> Option<Self> {
        let start: &[u8; START_BYTES] = bytes.first_chunk()?;
        let mut item = Self {
            stamp: stamp(start),
            model: 0,
            judgement: None,
        };
        if short(start, at::KIND) != JUDGEMENT {
            return None;
        }
        if bytes.len() == START_BYTES {
            return Some(item);
        }
        let (head, question) = bytes.split_first_chunk::<JUDGEMENT_HEAD_BYTES>()?;
        item.model = word(head, at::MODEL);
        item.judgement = Some(Judgement {
            key: key(head, at::KEY),
            question: Embedding::of_bytes(question)?,
            weight: Weight(short(head, at::WEIGHT) as i16).held(),
            time: Timestamp(word(head, at::JUDGED)),
        });
        Some(item)
    }
}

#[inline(always)]
fn short<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
pub(super) fn word<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline(always)]
fn key<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> Key {
    Key {
        origin: word(bytes, at),
        counter: word(bytes, at + 4),
    }
}

#[inline(always)]
fn stamp<const BYTES: usize>(bytes: &[u8; BYTES]) -> Stamp {
    Stamp {
        sequence: word(bytes, at::SEQUENCE),
        next_counter: word(bytes, at::NEXT_COUNTER),
    }
}
