//! What console and link ask of a memory, whatever its sizes.

use crate::store::ChosenModel;
use memt_core::encoder::Fingerprint;
use memt_core::feedback::Verdict;
use memt_core::link::{Counts, Done, Refusal, Which};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::Record;
use memt_core::write::WriteReport;

/// A memory to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewText<'t> {
    /// Whose it is.
    pub owner: Owner,
    /// The text.
    pub text: &'t str,
    /// When it is written.
    pub created: Timestamp,
    /// How much its writer cares.
    pub importance: Factor,
    /// Whether the least retained memory may go when the bank is full.
    pub evict: bool,
}

/// Which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The memory of this name.
    Key(Key),
    /// The oldest memory that is younger than another.
    Next {
        /// Whose memories; everybody's without it.
        owner: Option<Owner>,
        /// Time and key of the other; the oldest of all without it.
        after: Option<(Timestamp, Key)>,
    },
    /// The record of this number: memories from old to new, then deletions, then judged questions.
    Number(usize),
}

/// What a memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The model that it encodes with.
    pub fingerprint: Fingerprint,
    /// Bytes of that model's image.
    pub model_bytes: usize,
    /// The image in the second region, if that is the model.
    pub chosen_model: Option<ChosenModel>,
    /// The origin of its keys.
    pub origin: u32,
    /// The counter of the next key.
    pub next_counter: u32,
    /// Memories that it holds.
    pub memories: usize,
    /// Memories that fit.
    pub slots: usize,
    /// Bytes of a text that fit.
    pub text_bytes: usize,
    /// Distinct terms of a text that fit.
    pub terms: usize,
    /// Bytes of working memory for a model.
    pub scratch_bytes: usize,
    /// Bytes of flash for memories.
    pub flash_bytes: u32,
}

/// A memory whose every change is durable before it is reported.
pub trait Memories {
    /// What it is.
    fn about(&self) -> About;

    /// Changes with every change of a memory or a deletion.
    fn changes(&self) -> u32;

    /// Counts over an owner's memories, or all.
    fn counts(&self, owner: Option<Owner>) -> Counts;

    /// The memories of an owner, or of all, old to new.
    fn owned_by(&self, owner: Option<Owner>) -> impl Iterator<Item = SlotView<'_>>;

    /// The memory of this name.
    fn get(&self, key: Key) -> Option<SlotView<'_>>;

    /// Memories, deletions and judged questions.
    fn records(&self) -> usize;

    /// A record, and working memory to make an answer of it.
    fn find(&mut self, wanted: Wanted) -> (Option<Record<'_>>, &mut [u8]);

    /// Working memory to make an answer in.
    fn answer_room(&mut self) -> &mut [u8];

    /// Writes a memory, tells it from similar ones and its nearest rival from it.
    ///
    /// # Errors
    /// [`Refusal`]; nothing has changed unless it is [`Refusal::Flash`].
    fn add(&mut self, new: &NewText<'_>) -> Result<WriteReport, Refusal>;

    /// The best memories for a question, best first, in `hits`; returns how many. The best of them
    /// are counted as read at `read`.
    ///
    /// # Errors
    /// [`Refusal`].
    fn query(
        &mut self,
        text: &str,
        options: &QueryOptions,
        read: Option<Timestamp>,
        hits: &mut [Hit],
    ) -> Result<usize, Refusal>;

    /// Learns that a memory answers a question, or does not; without a verdict what was said of both is taken back. Gives
    /// [`Done::Judged`] or the number of judgements that went.
    ///
    /// # Errors
    /// [`Refusal`]; nothing has changed unless it is [`Refusal::Flash`].
    fn judge(
        &mut self,
        key: Key,
        question: &str,
        verdict: Option<Verdict>,
        now: Timestamp,
    ) -> Result<Done, Refusal>;

    /// Counts a memory as read. The count goes to flash whenever it has doubled, so that asking wears
    /// flash little, and with every other change of the memory.
    ///
    /// # Errors
    /// [`Refusal::Flash`].
    fn record_access(&mut self, key: Key, now: Timestamp) -> Result<(), Refusal>;

    /// Forgets memories; returns how many. Each is forgotten durably before the next.
    ///
    /// # Errors
    /// [`Refusal::Flash`].
    fn forget(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal>;

    /// Rehearses memories and fits each anew among the others; returns how many. Each is durable before the next.
    ///
    /// # Errors
    /// [`Refusal`].
    fn replay(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal>;

    /// Forgets the least retained memories until `keep` are left; returns how many went.
    ///
    /// # Errors
    /// [`Refusal::Flash`].
    fn compact(&mut self, keep: usize, now: Timestamp) -> Result<u32, Refusal>;

    /// Takes in a record from elsewhere; says whether it was new.
    ///
    /// # Errors
    /// [`Refusal`]; nothing has changed unless it is [`Refusal::Flash`].
    fn take(&mut self, record: &Record<'_>) -> Result<bool, Refusal>;

    /// Keeps a part of a record's postcard bytes, until something is encoded.
    ///
    /// # Errors
    /// [`Refusal::RecordTooLong`].
    fn put_part(&mut self, offset: usize, part: &[u8]) -> Result<(), Refusal>;

    /// Takes in the record that came in parts, of so many bytes; says whether it was new.
    ///
    /// # Errors
    /// As [`take`](Self::take), and [`Refusal::Unsupported`] if the bytes are no record.
    fn take_parts(&mut self, bytes: usize) -> Result<bool, Refusal>;

    /// Chooses the image to encode with from the next start on; `None` is the one in the program.
    ///
    /// # Errors
    /// [`Refusal::Flash`].
    fn choose_model(&mut self, model: Option<ChosenModel>) -> Result<(), Refusal>;
}
