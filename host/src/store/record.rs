//! What a store keeps of a memory.

use super::tables::Row;
use crate::bank::{OwnedSlot, Signature, are_distinct};
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::feedback::Judgement;
use memt_core::overlap::{NotASignature, Terms};
use memt_core::slot::{Key, Owner, SlotView};
use memt_core::snapshot::{JudgementRecord, MemoryRecord, RecordError};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A memory with all that belongs to it, so that one row alone tells everything about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredMemory<'s> {
    #[serde(borrow)]
    pub(super) record: MemoryRecord<'s>,
    /// The caller's own name for it.
    pub(super) id: Option<&'s str>,
    /// How words became terms: see [`lexicon`].
    lexicon: u32,
    /// Its terms' hashes, little-endian, and their counts: finding stems anew would be most of the
    /// work of opening a store.
    hashes: &'s [u8],
    counts: &'s [u8],
    /// The model of the embedding. While a store changes to another model, the embedding by that one lies
    /// in [`Table::Encodings`](super::tables::Table).
    pub(super) fingerprint: u64,
    /// What was judged of it, by the same model.
    #[serde(borrow)]
    judged: Vec<JudgementRecord<'s>>,
}

/// The embedding of a memory by a model that the store changes to, or has changed to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Encoding<'e> {
    /// Whose memory.
    pub(super) owner: Owner,
    /// Which memory.
    pub(super) key: Key,
    /// The model.
    pub(super) fingerprint: u64,
    /// One byte a dimension.
    embedding: &'e [u8],
}

impl<'e> Encoding<'e> {
    pub(super) fn new(
        (owner, key): (Owner, Key),
        fingerprint: Fingerprint,
        embedding: &'e Embedding,
    ) -> Self {
        Self {
            owner,
            key,
            fingerprint: fingerprint.0,
            embedding: embedding.as_bytes(),
        }
    }

    /// The embedding; `None` if it has another length.
    pub(super) fn embedding(&self) -> Option<Embedding> {
        Embedding::of_bytes(self.embedding)
    }
}

/// That a memory was forgotten.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct StoredDeletion {
    /// Whose memory it was.
    pub(super) owner: Owner,
    pub(super) deletion: Deletion,
}

impl<'s> StoredMemory<'s> {
    /// Puts together what is stored; `buffer` holds the hashes meanwhile.
    pub(super) fn new(
        record: MemoryRecord<'s>,
        id: Option<&'s str>,
        terms: Terms<'s>,
        fingerprint: u64,
        judged: &'s [Judgement],
        buffer: &'s mut Vec<u8>,
    ) -> Self {
        buffer.clear();
        buffer.extend(terms.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        Self {
            record,
            id,
            lexicon: lexicon(),
            hashes: buffer,
            counts: terms.counts,
            fingerprint,
            judged: judged.iter().map(JudgementRecord::of).collect(),
        }
    }

    /// What was judged of the memory, if questions are those of this model.
    pub(super) fn judged(&self, fingerprint: u64) -> Result<Vec<Judgement>, NotAMemory> {
        let judged = self
            .judged
            .iter()
            .filter(|_| self.fingerprint == fingerprint);
        let judged: Result<_, RecordError> = judged.map(JudgementRecord::judgement).collect();
        judged.map_err(NotAMemory::Record)
    }

    /// The memory's embedding by a model: of its record, or what lies beside it. A row that is at
    /// another place than it says is none.
    pub(super) fn embedding(
        &self,
        row: Row,
        fingerprint: u64,
        beside: Option<&Embedding>,
    ) -> Result<Embedding, NotAMemory> {
        let facts = self.record.facts;
        if Row::of(facts.owner, facts.key) != row {
            return Err(NotAMemory::Misplaced(Row::of(facts.owner, facts.key)));
        }
        match self.fingerprint == fingerprint {
            true => self.record.embedding().map_err(NotAMemory::Record),
            false => beside.copied().ok_or(NotAMemory::NotEncoded),
        }
    }

    /// Whether the stored terms are those that this build would find.
    pub(super) fn has_our_terms(&self) -> bool {
        self.lexicon == lexicon()
    }

    /// The memory, whose terms are believed; `hashes` holds theirs meanwhile.
    pub(super) fn view<'v>(
        &'v self,
        embedding: &'v Embedding,
        hashes: &'v mut Vec<u32>,
    ) -> Result<SlotView<'v>, NotAMemory> {
        hashes.clear();
        let (chunks, rest) = self.hashes.as_chunks::<4>();
        hashes.extend(chunks.iter().map(|hash| u32::from_le_bytes(*hash)));
        if !rest.is_empty() || hashes.len() != self.counts.len() || !are_distinct(hashes) {
            return Err(NotAMemory::Terms(NotASignature));
        }
        Ok(SlotView {
            facts: &self.record.facts,
            text: self.record.text,
            embedding,
            squared_norm: embedding.squared_norm(),
            terms: Terms::new(hashes, self.counts),
        })
    }

    /// The memory, with terms taken out of its text.
    pub(super) fn slot(&self) -> Result<OwnedSlot, NotAMemory> {
        OwnedSlot::of_record(&self.record).map_err(NotAMemory::Record)
    }

    /// The memory, with the terms that are stored.
    pub(super) fn slot_as_stored(&self) -> Result<OwnedSlot, NotAMemory> {
        OwnedSlot::of_stored(&self.record, self.hashes, self.counts)
            .map_err(NotAMemory::Record)?
            .map_err(NotAMemory::Terms)
    }
}

/// A note of a service, which knows its own number, so that it can be found in a damaged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note<'n> {
    pub(super) number: u64,
    pub(super) bytes: &'n [u8],
}

/// Why a stored memory is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAMemory {
    Record(RecordError),
    Terms(NotASignature),
    Misplaced(Row),
    NotEncoded,
}

impl core::fmt::Display for NotAMemory {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Record(error) => error.fmt(formatter),
            Self::Terms(error) => error.fmt(formatter),
            Self::Misplaced(row) => write!(formatter, "it calls itself {row}"),
            Self::NotEncoded => formatter
                .write_str("there is no embedding by the bank's model; `memt reencode` makes one"),
        }
    }
}

/// A checksum of what is stored as the terms of a few words of every kind: builds of memt that find other terms in the
/// same text, or store them in another order, differ in it, and do not believe each other's stored terms.
fn lexicon() -> u32 {
    const PROBE: &str = "The boilers' valves were replaced on Tuesday, relational happily hopping \
        agreed conflated sensibilities generously skies dying news proceed don't o'clock \
        caf\u{e9} \u{6f22}\u{5b57} \u{1f600} \u{e17}\u{e35}\u{e48} \u{3b1}\u{3b2} 12.5 x1 valve";
    static LEXICON: OnceLock<u32> = OnceLock::new();
    *LEXICON.get_or_init(|| {
        let mut hasher = crc32fast::Hasher::new();
        let signature = Signature::of(PROBE);
        let terms = signature.as_terms();
        for (hash, &count) in terms.hashes.iter().zip(terms.counts) {
            hasher.update(&hash.to_le_bytes());
            hasher.update(&[count]);
        }
        hasher.finalize()
    })
}
