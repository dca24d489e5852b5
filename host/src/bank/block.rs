//! Up to [`ROWS`] memories as a structure of arrays.

use super::index::Index;
use super::long_rows::LongRows;
use super::owned_slot::OwnedSlot;
use super::removed_rows::RemovedRows;
use memt_core::embedding::Embedding;
use memt_core::overlap::Terms;
use memt_core::slot::{Factor, Facts, SlotView};
use memt_core::survey::Survey;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Memories of a full block: few enough for 16-bit row numbers and for a processor's inner cache, many
/// enough that what is kept once a block costs little.
pub(super) const ROWS: usize = 4096;

/// Bytes of texts, or of metadata, after which a block counts as full: ends are 32-bit numbers.
const ARENA_BYTES: usize = 256 << 20;

/// Memories from which it is worth keeping what has been summed over them.
const SUMMARY_ROWS: usize = 512;

/// N memories; row i of every column is one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    facts: Vec<Facts>,
    /// `[N, D]`, one memory after the other without gaps.
    embeddings: Vec<Embedding>,
    squared_norms: Vec<u32>,
    texts: String,
    text_ends: Vec<u32>,
    metadata: Vec<u8>,
    /// Only as long as there is metadata.
    metadata_ends: Vec<u32>,
    /// The terms of all memories, one memory's after the other's.
    hashes: Vec<u32>,
    counts: Vec<u8>,
    term_ends: Vec<u32>,
    long_rows: LongRows,
    removed: RemovedRows,
    most: Most,
    survey: OnceLock<Box<Survey>>,
    index: OnceLock<Box<Index>>,
}

/// What no memory that is or was in a block exceeds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// Terms, repetitions included.
    pub(super) length: u32,
    pub(super) strength: Factor,
}

impl Default for Most {
    fn default() -> Self {
        Self {
            length: 0,
            strength: Factor(0),
        }
    }
}

impl Most {
    fn see(&mut self, facts: &Facts) {
        self.strength = self.strength.max(facts.strength);
    }
}

impl Block {
    /// Rows, removed ones included.
    pub(super) fn rows(&self) -> usize {
        self.facts.len()
    }

    /// Whether no more memories go in.
    pub(super) fn is_full(&self) -> bool {
        self.rows() == ROWS || self.texts.len() >= ARENA_BYTES || self.metadata.len() >= ARENA_BYTES
    }

    /// Whether no row was removed.
    pub(super) fn is_whole(&self) -> bool {
        self.removed.rows().is_empty()
    }

    /// Whether a row is still there.
    pub(super) fn is_live(&self, row: usize) -> bool {
        !self.removed.contains(row)
    }

    /// Rows that are still there.
    pub(super) fn live(&self) -> impl Iterator<Item = usize> + '_ {
        let mut removed = self.removed.rows().iter().peekable();
        (0..self.rows()).filter(move |&row| {
            let gone = removed
                .peek()
                .is_some_and(|&&next| usize::from(next) == row);
            if gone {
                removed.next();
            }
            !gone
        })
    }

    /// Borrows a memory in the form that scoring reads.
    pub(super) fn view(&self, row: usize) -> SlotView<'_> {
        let terms = range(&self.term_ends, row);
        SlotView {
            facts: &self.facts[row],
            text: &self.texts[range(&self.text_ends, row)],
            embedding: &self.embeddings[row],
            squared_norm: self.squared_norms[row],
            terms: Terms {
                hashes: &self.hashes[terms.clone()],
                counts: &self.counts[terms],
                ascending: self.long_rows.ascending(row),
            },
        }
    }

    /// What is kept beside a memory.
    pub(super) fn metadata(&self, row: usize) -> &[u8] {
        match row < self.metadata_ends.len() {
            true => &self.metadata[range(&self.metadata_ends, row)],
            false => &[],
        }
    }

    /// The facts of a memory.
    pub(super) fn facts(&self, row: usize) -> &Facts {
        &self.facts[row]
    }

    /// Changes the facts of a memory, except for key, owner and time of writing.
    pub(super) fn change_facts(&mut self, row: usize, change: impl FnOnce(&mut Facts)) {
        change(&mut self.facts[row]);
        self.most.see(&self.facts[row]);
    }

    /// What no memory exceeds.
    pub(super) fn most(&self) -> Most {
        self.most
    }

    /// `[N, D]`.
    pub(super) fn embeddings(&self) -> &[Embedding] {
        &self.embeddings
    }

    /// `[N]`.
    pub(super) fn squared_norms(&self) -> &[u32] {
        &self.squared_norms
    }

    /// Gives a memory another vector.
    pub(super) fn set_embedding(&mut self, row: usize, embedding: &Embedding) {
        self.embeddings[row] = *embedding;
        self.squared_norms[row] = embedding.squared_norm();
        self.survey = OnceLock::new();
    }

    /// Appends a memory.
    pub(super) fn push(&mut self, slot: SlotView<'_>, metadata: &[u8]) {
        let row = self.rows();
        push(&mut self.facts, *slot.facts);
        self.most.see(slot.facts);
        self.most.length = self.most.length.max(slot.terms.length());
        push(&mut self.embeddings, *slot.embedding);
        push(&mut self.squared_norms, slot.squared_norm);
        if self.texts.capacity() - self.texts.len() < slot.text.len() {
            self.texts
                .reserve_exact(slot.text.len() + self.texts.len() / GROWTH);
        }
        self.texts.push_str(slot.text);
        push(&mut self.text_ends, self.texts.len() as u32);
        if !metadata.is_empty() {
            let end = self.metadata.len() as u32;
            reserve(&mut self.metadata_ends, row + 1);
            self.metadata_ends.resize(row, end);
            append(&mut self.metadata, metadata);
            self.metadata_ends.push(self.metadata.len() as u32);
        }
        append(&mut self.hashes, slot.terms.hashes);
        append(&mut self.counts, slot.terms.counts);
        push(&mut self.term_ends, self.hashes.len() as u32);
        self.long_rows.push(row, slot.terms.hashes);
        self.survey = OnceLock::new();
        self.index = OnceLock::new();
        if self.is_full() {
            self.shrink();
        }
    }

    /// Gives back what growing has reserved.
    fn shrink(&mut self) {
        self.facts.shrink_to_fit();
        self.embeddings.shrink_to_fit();
        self.squared_norms.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.text_ends.shrink_to_fit();
        self.metadata.shrink_to_fit();
        self.metadata_ends.shrink_to_fit();
        self.hashes.shrink_to_fit();
        self.counts.shrink_to_fit();
        self.term_ends.shrink_to_fit();
    }

    /// Bytes of everything that hangs on this.
    pub(super) fn bytes(&self) -> usize {
        room(&self.facts)
            + room(&self.embeddings)
            + room(&self.squared_norms)
            + self.texts.capacity()
            + room(&self.text_ends)
            + room(&self.metadata)
            + room(&self.metadata_ends)
            + room(&self.hashes)
            + room(&self.counts)
            + room(&self.term_ends)
            + self.long_rows.bytes()
            + self.removed.bytes()
            + self.survey.get().map_or(0, |_| size_of::<Survey>())
            + self.index.get().map_or(0, |index| index.bytes())
    }

    /// A copy of a memory.
    pub(super) fn owned(&self, row: usize) -> OwnedSlot {
        OwnedSlot::of_view(self.view(row), self.metadata(row))
    }

    /// Marks a row as removed.
    pub(super) fn remove(&mut self, row: usize) {
        self.removed.insert(row);
        self.survey = OnceLock::new();
    }

    /// What a question learns of these memories, but for its terms.
    pub(super) fn survey(&self) -> Cow<'_, Box<Survey>> {
        match self.rows() < SUMMARY_ROWS {
            true => Cow::Owned(self.surveyed()),
            false => Cow::Borrowed(self.survey.get_or_init(|| self.surveyed())),
        }
    }

    fn surveyed(&self) -> Box<Survey> {
        let mut survey = Box::new(Survey::new());
        self.live()
            .for_each(|row| survey.observe(self.view(row), &mut []));
        survey
    }

    /// The rows that contain a term, ascending, removed ones included.
    pub(super) fn rows_with(&self, hash: u32) -> Cow<'_, [u16]> {
        if self.is_full() {
            self.index_terms();
        }
        match self.index.get() {
            Some(index) => Cow::Borrowed(index.rows(hash)),
            None => Cow::Owned(self.rows_searched(hash)),
        }
    }

    /// Makes looking up many terms faster, until the next memory is appended.
    pub(super) fn index_terms(&self) {
        self.index.get_or_init(|| {
            let rows = (0..self.rows()).map(|row| &self.hashes[range(&self.term_ends, row)]);
            Box::new(Index::of(rows))
        });
    }

    /// As [`rows_with`](Self::rows_with), by looking at every term.
    fn rows_searched(&self, hash: u32) -> Vec<u16> {
        const AT_ONCE: usize = 64;
        let mut rows = Vec::new();
        for (chunk, hashes) in self.hashes.chunks(AT_ONCE).enumerate() {
            // Without branches, so that many are compared at once.
            if !hashes
                .iter()
                .fold(false, |any, &other| any | (other == hash))
            {
                continue;
            }
            for (at, _) in hashes
                .iter()
                .enumerate()
                .filter(|(_, other)| **other == hash)
            {
                let at = (chunk * AT_ONCE + at) as u32;
                rows.push(self.term_ends.partition_point(|&end| end <= at) as u16);
            }
        }
        rows
    }
}

fn range(ends: &[u32], row: usize) -> core::ops::Range<usize> {
    let start = if row == 0 { 0 } else { ends[row - 1] };
    start as usize..ends[row] as usize
}

/// A vector grows by an eighth: less often copied than by less, less room wasted than by more.
const GROWTH: usize = 8;

fn room<T>(column: &Vec<T>) -> usize {
    column.capacity() * size_of::<T>()
}

fn reserve<T>(column: &mut Vec<T>, needed: usize) {
    if column.capacity() < needed {
        let room = needed.max(column.len() + column.len() / GROWTH);
        column.reserve_exact(room - column.len());
    }
}

fn push<T>(column: &mut Vec<T>, value: T) {
    reserve(column, column.len() + 1);
    column.push(value);
}

fn append<T: Copy>(column: &mut Vec<T>, values: &[T]) {
    reserve(column, column.len() + values.len());
    column.extend_from_slice(values);
}
