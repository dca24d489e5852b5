//! The structs of the header.

use core::ffi::{c_char, c_void};
use memt_core::bank::BankStatistics;
use memt_core::embedding::DIMENSIONS;
use memt_core::query;
use memt_core::score::Mode;
use memt_core::slot::{self, Owner, SlotView, Timestamp};
use memt_core::snapshot;
use memt_core::write;

/// Numbers in an embedding.
pub const MEMT_DIMENSIONS: usize = 128;
const _: () = assert!(MEMT_DIMENSIONS == DIMENSIONS);

/// 1.0 as an importance or strength: where every memory begins.
pub const MEMT_FACTOR_ONE: u16 = 4096;

/// 2.0: the most that counts.
pub const MEMT_FACTOR_MAX: u16 = 8192;

/// Meaning and words count.
pub const MEMT_MODE_FUSED: u32 = 0;

/// Only meaning counts.
pub const MEMT_MODE_DENSE: u32 = 1;

/// Only words count.
pub const MEMT_MODE_LEXICAL: u32 = 2;

/// The score above which an answer is worth showing.
pub const MEMT_DEFAULT_MIN_SCORE: f32 = 0.5;
const _: () = assert!(MEMT_DEFAULT_MIN_SCORE == query::DEFAULT_MIN_SCORE);

/// Names a memory for ever.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// The device that made it.
    pub origin: u32,
    /// A number that the device never gives again.
    pub counter: u32,
}

impl From<slot::Key> for Key {
    fn from(slot::Key { origin, counter }: slot::Key) -> Self {
        Self { origin, counter }
    }
}

impl From<Key> for slot::Key {
    fn from(Key { origin, counter }: Key) -> Self {
        Self { origin, counter }
    }
}

/// A memory to be written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NewMemory {
    /// Whose it is: any number.
    pub owner: u64,
    /// UTF-8; a final zero byte is not needed.
    pub text: *const c_char,
    /// Bytes of the text, at most MEMT_TEXT_BYTES.
    pub text_bytes: usize,
    /// The present, in seconds since 1970.
    pub created: u32,
    /// How much its writer cares, 0 to MEMT_FACTOR_MAX; MEMT_FACTOR_ONE is usual.
    pub importance: u16,
    /// When every slot is taken: give up the memory of least retention (and report it) instead of refusing.
    pub evict_when_full: bool,
}

/// What a write did.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteReport {
    /// The new memory's name.
    pub key: Key,
    /// The memory that had to go, if `has_evicted`.
    pub evicted: Key,
    /// Likeness of the text and its own slot, -1 to 1.
    pub similarity: f32,
    /// The greatest likeness of the text to another memory of the same owner.
    pub rival: f32,
    /// Whether the text finds its own slot first.
    pub verified: bool,
    /// Whether a memory had to go.
    pub has_evicted: bool,
}

impl From<write::WriteReport> for WriteReport {
    fn from(report: write::WriteReport) -> Self {
        Self {
            key: report.key.into(),
            evicted: report.evicted.unwrap_or_default().into(),
            similarity: report.verification.similarity.to_f32(),
            rival: report.verification.rival.to_f32(),
            verified: report.verification.verified,
            has_evicted: report.evicted.is_some(),
        }
    }
}

/// What to look for and where. `memt_query_options_of_owner` fills in what is usual.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct QueryOptions {
    /// Whose memories, unless `every_owner`.
    pub owner: u64,
    /// MEMT_MODE_FUSED, MEMT_MODE_DENSE or MEMT_MODE_LEXICAL.
    pub mode: u32,
    /// Hits below this score are left out, 0 to 1.
    pub min_score: f32,
    /// The present, in seconds since 1970; only read if `prefer_recent`.
    pub now: u32,
    /// Whether to search all memories.
    pub every_owner: bool,
    /// Whether recent memories are to be preferred.
    pub prefer_recent: bool,
    /// Whether memories written just before and after a good one are to be preferred.
    pub prefer_neighbours: bool,
}

impl QueryOptions {
    /// Every memory of `owner`, meaning and words, scores of at least [`MEMT_DEFAULT_MIN_SCORE`].
    pub const fn of_owner(owner: u64) -> Self {
        Self {
            owner,
            mode: MEMT_MODE_FUSED,
            min_score: MEMT_DEFAULT_MIN_SCORE,
            now: 0,
            every_owner: false,
            prefer_recent: false,
            prefer_neighbours: false,
        }
    }

    /// The same for the core; `None` if there is no such mode.
    pub fn to_core(&self) -> Option<query::QueryOptions> {
        let mode = match self.mode {
            MEMT_MODE_FUSED => Mode::Fused,
            MEMT_MODE_DENSE => Mode::Dense,
            MEMT_MODE_LEXICAL => Mode::Lexical,
            _ => return None,
        };
        Some(query::QueryOptions {
            owner: (!self.every_owner).then_some(Owner(self.owner)),
            mode,
            min_score: self.min_score,
            recency: self.prefer_recent.then_some(Timestamp(self.now)),
            times: None,
            neighbours: self.prefer_neighbours,
        })
    }
}

/// A memory that answers a question.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Hit {
    /// Which memory; `memt_get` gives its text.
    pub key: Key,
    /// When it was written.
    pub created: u32,
    /// The score, 0 to 1; what hits are ordered by.
    pub score: f32,
    /// Likeness of the embeddings, -1 to 1.
    pub cosine: f32,
    /// BM25, 0 and up.
    pub lexical: f32,
    /// What strength and recency multiplied the score by, up to 1.
    pub factor: f32,
    /// What neighbours in time added to the score.
    pub neighbours: f32,
}

impl From<&query::Hit> for Hit {
    fn from(hit: &query::Hit) -> Self {
        Self {
            key: hit.key.into(),
            created: hit.created.0,
            score: hit.score.total,
            cosine: hit.score.cosine,
            lexical: hit.score.lexical,
            factor: hit.score.factor,
            neighbours: hit.score.neighbours,
        }
    }
}

/// A memory in the bank. The pointers are good until the bank changes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Its name.
    pub key: Key,
    /// Whose it is.
    pub owner: u64,
    /// UTF-8, without a final zero byte.
    pub text: *const c_char,
    /// Bytes of the text.
    pub text_bytes: usize,
    /// MEMT_DIMENSIONS numbers.
    pub embedding: *const i8,
    /// When it was written, in seconds since 1970.
    pub created: u32,
    /// When it was last read or replayed.
    pub accessed: u32,
    /// How often it was read.
    pub accesses: u32,
    /// How well it is rehearsed: 4096 is 1.0.
    pub strength: u16,
    /// How much its writer cares: 4096 is 1.0.
    pub importance: u16,
}

impl From<SlotView<'_>> for View {
    fn from(slot: SlotView<'_>) -> Self {
        Self {
            key: slot.facts.key.into(),
            owner: slot.facts.owner.0,
            text: slot.text.as_ptr().cast(),
            text_bytes: slot.text.len(),
            embedding: slot.embedding.0.as_ptr(),
            created: slot.facts.created.0,
            accessed: slot.facts.accessed.0,
            accesses: slot.facts.accesses,
            strength: slot.facts.strength.0,
            importance: slot.facts.importance.0,
        }
    }
}

/// Counts over a bank or one owner's part of it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Statistics {
    /// Memories.
    pub memories: usize,
    /// Memories that the bank can hold.
    pub capacity: usize,
    /// Bytes of the memories' texts.
    pub text_bytes: usize,
    /// Sum of their access counts.
    pub accesses: u64,
    /// The oldest memory's time; 0 if there is none.
    pub oldest: u32,
    /// The newest memory's time; 0 if there is none.
    pub newest: u32,
    /// Deletions that the bank no longer remembers: a merge may bring those memories back.
    pub lost_deletions: u32,
}

impl Statistics {
    /// The counts of a bank.
    pub fn new(counts: &BankStatistics, capacity: usize, lost_deletions: u32) -> Self {
        Self {
            memories: counts.memories,
            capacity,
            text_bytes: counts.text_bytes,
            accesses: counts.accesses,
            oldest: counts.oldest.unwrap_or_default().0,
            newest: counts.newest.unwrap_or_default().0,
            lost_deletions,
        }
    }
}

/// What an import did.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportReport {
    /// Records read: where to resume.
    pub records: u32,
    /// Memories that were new.
    pub added: u32,
    /// Memories that were there already, or had been forgotten.
    pub known: u32,
    /// Deletions taken in.
    pub deletions: u32,
    /// Bytes of metadata that a device does not keep.
    pub metadata_bytes: u32,
}

impl From<snapshot::ImportReport> for ImportReport {
    fn from(report: snapshot::ImportReport) -> Self {
        Self {
            records: report.records,
            added: report.added,
            known: report.known,
            deletions: report.deletions,
            metadata_bytes: report.metadata_bytes,
        }
    }
}

/// Takes the next bytes of a snapshot; false stops the export. It must not call functions of this library.
pub type Sink =
    Option<unsafe extern "C" fn(context: *mut c_void, bytes: *const u8, count: usize) -> bool>;
