//! Requests and replies.

use super::refusal::Refusal;
use crate::bank::{BankStatistics, Deletion, Judged};
use crate::encoder::Fingerprint;
use crate::feedback::{Verdict, Weight};
use crate::query::Hit;
use crate::score::{Mode, Score};
use crate::slot::{Factor, Key, Owner, Timestamp};
use crate::snapshot::Record;
use crate::write::{Verification, WriteReport};
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// Most hits in an answer.
pub const LISTED_HITS: usize = 10;

/// What a frame holds. Requests and replies differ in their first byte, so that an echo is no reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "borrowed and short-lived, without a heap"
)]
pub enum Message<'m> {
    /// From host to device.
    #[serde(borrow)]
    Request(Request<'m>),
    /// From device to host.
    #[serde(borrow)]
    Reply(Reply<'m>),
}

/// Names a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId {
    /// The session: a random number.
    pub session: u32,
    /// The request within the session, from 0, which is [`Call::Hello`].
    pub number: u32,
}

/// What a host asks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request<'m> {
    /// Its name.
    pub id: RequestId,
    /// What is asked.
    #[serde(borrow)]
    pub call: Call<'m>,
}

/// What a device answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply<'m> {
    /// The request's name.
    pub id: RequestId,
    /// The answer.
    #[serde(borrow)]
    pub answer: Answer<'m>,
}

/// Which memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// This one.
    Key(Key),
    /// All of an owner's.
    Owner(Owner),
    /// All.
    All,
}

/// What can be asked of a device.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Call<'m> {
    /// Begins a session, with the oldest and the newest version that the host speaks. Answer:
    /// [`Answer::Welcome`].
    Hello {
        /// The oldest.
        oldest: u16,
        /// The newest.
        newest: u16,
    },
    /// Writes a memory. Answer: [`Done::Added`].
    Add {
        /// Whose.
        owner: Owner,
        /// The text.
        text: &'m str,
        /// When it was written; the device's time without it.
        created: Option<Timestamp>,
        /// How much its writer cares.
        importance: Factor,
        /// Whether the least retained memory may go when the bank is full.
        evict: bool,
    },
    /// Asks a question. Answer: [`Answer::Hits`].
    Query {
        /// The question.
        text: &'m str,
        /// Whose memories; everybody's without it.
        owner: Option<Owner>,
        /// Which evidence counts.
        mode: Mode,
        /// Hits below are left out.
        min_score: f32,
        /// The present, if recent memories are preferred.
        recency: Option<Timestamp>,
        /// Whether neighbours in time of good memories are preferred.
        neighbours: bool,
        /// Most hits, at most [`LISTED_HITS`].
        most: u8,
        /// Whether the hits count as read.
        record: bool,
    },
    /// Reads a memory. Answer: [`Answer::Memory`] or [`Answer::Nothing`].
    Get {
        /// Which.
        key: Key,
        /// Whether it counts as read.
        record: bool,
    },
    /// Reads the oldest memory that is younger than another. Answer: [`Answer::Memory`], or
    /// [`Answer::Nothing`] after the youngest.
    Next {
        /// Whose memories; everybody's without it.
        owner: Option<Owner>,
        /// Time and key of the other; the oldest of all without it.
        after: Option<(Timestamp, Key)>,
    },
    /// Forgets memories. Answer: [`Done::Changed`] with their number.
    Forget(Which),
    /// Rehearses memories. Answer: [`Done::Changed`] with their number.
    Replay(Which),
    /// Forgets the least retained memories until this many are left. Answer: [`Done::Changed`] with the
    /// number of those that went.
    Compact {
        /// Memories to keep.
        keep: u32,
    },
    /// Counts. Answer: [`Answer::Counts`].
    Statistics {
        /// Whose memories; everybody's without it.
        owner: Option<Owner>,
    },
    /// Asks for the device's time, or sets it. Answer: [`Answer::Time`].
    Time(Option<Timestamp>),
    /// Asks how a snapshot would be. Answer: [`Answer::Snapshot`].
    Snapshot,
    /// Asks for records of the snapshot. Answers: [`Answer::Record`] for each, in order. When the bank
    /// has changed since: [`Refusal::Changed`].
    Pull {
        /// The state of the bank, from [`Call::Snapshot`].
        state: u32,
        /// The first record.
        from: u32,
        /// Most records.
        count: u16,
    },
    /// Asks for a part of a record, for lines on which long frames seldom arrive whole. Answer:
    /// [`Answer::Part`].
    Part {
        /// The state of the bank, from [`Call::Snapshot`].
        state: u32,
        /// The record.
        number: u32,
        /// Where the part begins in the record's postcard bytes.
        offset: u16,
        /// Most bytes.
        bytes: u8,
    },
    /// Asks whether records of this model may come. Answer: [`Done::Changed`] with the number of free
    /// slots.
    Offer {
        /// The model of their embeddings.
        fingerprint: Fingerprint,
    },
    /// Takes in a record; one that is there already changes nothing. Answer: [`Done::Taken`].
    Push(#[serde(borrow)] Record<'m>),
    /// Takes in a part of a record's postcard bytes, for lines on which long frames seldom arrive whole; the parts
    /// of one record follow each other without any other request between them. Answer: [`Done::Changed`] with
    /// the bytes that are there, and [`Done::Taken`] to the last part.
    PushPart {
        /// Bytes of the record.
        whole: u16,
        /// Where the part begins: 0, or where the last one ended.
        offset: u16,
        /// The part.
        bytes: &'m [u8],
    },
    /// Learns that a memory answers a question, or does not; without a verdict what was said of both is taken back.
    /// Answer: [`Done::Judged`], or [`Done::Changed`] with the number of judgements that went.
    Judge {
        /// The memory.
        key: Key,
        /// The question.
        text: &'m str,
        /// What is said.
        verdict: Option<Verdict>,
    },
    /// About the model in the second region of flash. Answer: [`Answer::Model`].
    Model(#[serde(borrow)] ModelCall<'m>),
}

/// What can be done about the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ModelCall<'m> {
    /// How it stands.
    State,
    /// An image of this many bytes and this fingerprint will come; what was there goes, unless it is
    /// a part of the same image.
    Begin {
        /// Bytes of the image.
        bytes: u32,
        /// Its fingerprint.
        fingerprint: Fingerprint,
    },
    /// The next piece of the image.
    Write {
        /// Where it belongs: where the last one ended, or before.
        offset: u32,
        /// The piece.
        bytes: &'m [u8],
    },
    /// Checks the image that came, and encodes with it from the next start on; the memories are then
    /// encoded anew. The device starts again after its answer.
    Activate,
    /// Encodes with the model in the program again. The device starts again after its answer.
    Revert,
}

/// What a device answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "borrowed and short-lived, without a heap"
)]
#[non_exhaustive]
pub enum Answer<'m> {
    /// To [`Call::Hello`].
    Welcome(#[serde(borrow)] Welcome<'m>),
    /// The request was not carried out, and nothing changed.
    Refused(Refusal),
    /// A change was made and is durable.
    Done(Done),
    /// To [`Call::Query`], best first.
    Hits(Vec<WireHit, LISTED_HITS>),
    /// A memory.
    Memory(#[serde(borrow)] Record<'m>),
    /// There is no such memory.
    Nothing,
    /// To [`Call::Statistics`].
    Counts(Counts),
    /// To [`Call::Time`]: the device's time, and whether it was ever set since the start.
    Time(Timestamp, bool),
    /// To [`Call::Snapshot`].
    Snapshot(Snapshot),
    /// One record of the answer to [`Call::Pull`], with its number.
    Record(u32, #[serde(borrow)] Record<'m>),
    /// To [`Call::Model`].
    Model(ModelState),
    /// To [`Call::Part`]: bytes of the whole record, where the part begins, and the part.
    Part(u16, u16, &'m [u8]),
}

/// Changes; a device remembers the last one to answer a repeated request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Done {
    /// A memory was written.
    Added {
        /// Its name.
        key: Key,
        /// How it answers to its own text.
        verification: Verification,
        /// The memory that had to go.
        evicted: Option<Key>,
    },
    /// So many memories were concerned.
    Changed(u32),
    /// A record was taken in; whether it was new.
    Taken(bool),
    /// An answer was judged.
    Judged {
        /// What the memory gains for the very same question; 0 if the answers were in order already.
        weight: Weight,
        /// The memory of the oldest judgement, if that had to go.
        replaced: Option<Key>,
    },
}

impl From<WriteReport> for Done {
    fn from(report: WriteReport) -> Self {
        Self::Added {
            key: report.key,
            verification: report.verification,
            evicted: report.evicted,
        }
    }
}

impl From<Judged> for Done {
    fn from(judged: Judged) -> Self {
        Self::Judged {
            weight: judged.weight,
            replaced: judged.replaced,
        }
    }
}

/// How a device introduces itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome<'m> {
    /// The version that both speak.
    pub version: u16,
    /// The firmware's name and version.
    pub name: &'m str,
    /// The model that it encodes with.
    pub fingerprint: Fingerprint,
    /// Bytes of that model's image.
    pub model_bytes: u32,
    /// The origin of the keys that it gives.
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
    /// The longest frame that it can receive, in bytes.
    pub frame_bytes: u32,
}

/// A hit with the parts of its score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WireHit {
    /// Which memory.
    pub key: Key,
    /// When it was written.
    pub created: Timestamp,
    /// How well it answers.
    pub score: Score,
}

impl From<Hit> for WireHit {
    fn from(hit: Hit) -> Self {
        Self {
            key: hit.key,
            created: hit.created,
            score: hit.score,
        }
    }
}

/// Counts over a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Memories counted.
    pub memories: u32,
    /// Bytes of their texts.
    pub text_bytes: u32,
    /// Sum of their access counts.
    pub accesses: u64,
    /// The oldest memory's time.
    pub oldest: Option<Timestamp>,
    /// The newest memory's time.
    pub newest: Option<Timestamp>,
    /// Deletions that the device remembers.
    pub deletions: u32,
    /// Deletions that it made and no longer remembers.
    pub lost_deletions: u32,
    /// Bytes of flash for memories.
    pub flash_bytes: u32,
}

impl Counts {
    /// The counts of a bank's statistics, without what only a device knows.
    pub fn of(statistics: &BankStatistics) -> Self {
        Self {
            memories: statistics.memories as u32,
            text_bytes: statistics.text_bytes as u32,
            accesses: statistics.accesses,
            oldest: statistics.oldest,
            newest: statistics.newest,
            ..Self::default()
        }
    }
}

/// How a snapshot would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Changes with every change of the bank.
    pub state: u32,
    /// The model of its embeddings.
    pub fingerprint: Fingerprint,
    /// Memories, deletions and judged questions.
    pub records: u32,
}

/// How the second region of flash stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelState {
    /// Bytes of the region; 0 when there is none.
    pub capacity: u32,
    /// Bytes of the image that is coming or has come; 0 when there is none.
    pub bytes: u32,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Bytes that have come: where to go on.
    pub received: u32,
    /// Whether the device encodes with it.
    pub active: bool,
}

/// The record of a deletion.
impl From<Deletion> for Record<'_> {
    fn from(deletion: Deletion) -> Self {
        Self::Deletion(deletion)
    }
}
