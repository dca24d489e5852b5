//! What a store keeps of a memory.

use crate::bank::{OwnedSlot, StoredTermsError};
use memt_core::embedding::Embedding;
use memt_core::overlap::{Terms, terms};
use memt_core::slot::SlotView;
use memt_core::snapshot::{MemoryRecord, RecordError};
use serde::{Deserialize, Serialize};

/// A memory with all that belongs to it, so that one row alone tells everything about it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct StoredMemory<'s> {
    #[serde(borrow)]
    pub(super) record: MemoryRecord<'s>,
    /// The caller's own name for it.
    pub(super) id: Option<&'s str>,
    /// Its terms' hashes, little-endian, and their counts: finding stems anew would be most of the
    /// work of opening a store.
    hashes: &'s [u8],
    counts: &'s [u8],
}

impl<'s> StoredMemory<'s> {
    /// Puts together what is stored; `buffer` holds the hashes meanwhile.
    pub(super) fn new(
        record: MemoryRecord<'s>,
        id: Option<&'s str>,
        terms: Terms<'s>,
        buffer: &'s mut Vec<u8>,
    ) -> Self {
        buffer.clear();
        buffer.extend(terms.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        Self {
            record,
            id,
            hashes: buffer,
            counts: terms.counts,
        }
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
        let ascending = hashes.is_sorted_by(|a, b| a < b);
        if !rest.is_empty() || hashes.len() != self.counts.len() || !ascending {
            return Err(NotAMemory::Terms(StoredTermsError));
        }
        Ok(SlotView {
            facts: &self.record.facts,
            text: self.record.text,
            embedding,
            squared_norm: embedding.squared_norm(),
            terms: Terms {
                hashes,
                counts: self.counts,
            },
        })
    }

    /// The memory; its terms are taken out of its text if the stored ones are of another [`lexicon`].
    pub(super) fn slot(&self, same_lexicon: bool) -> Result<OwnedSlot, NotAMemory> {
        if !same_lexicon {
            return OwnedSlot::of_record(&self.record).map_err(NotAMemory::Record);
        }
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
    Terms(StoredTermsError),
}

impl core::fmt::Display for NotAMemory {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Record(error) => error.fmt(formatter),
            Self::Terms(error) => error.fmt(formatter),
        }
    }
}

/// A checksum of the terms of a few words of every kind: builds of memt that find other terms in the
/// same text differ in it, and do not believe each other's stored terms.
pub(super) fn lexicon() -> u32 {
    const PROBE: &str = "The boilers' valves were replaced on Tuesday, relational happily hopping \
        agreed conflated sensibilities generously skies dying news proceed don't o'clock \
        caf\u{e9} \u{6f22}\u{5b57} \u{1f600} \u{e17}\u{e35}\u{e48} \u{3b1}\u{3b2} 12.5 x1";
    let mut hasher = crc32fast::Hasher::new();
    for term in terms(PROBE) {
        hasher.update(&term.to_le_bytes());
    }
    hasher.finalize()
}
