//! The memories of one owner.

use super::approximate::{AT_ONCE, Approximate, ApproximateError, WAITING};
use super::block::{Block, ROWS};
use super::kernel;
use super::owned_slot::OwnedSlot;
use memt_core::embedding::{Embedding, Root};
use memt_core::slot::{Facts, Key, SlotView, Timestamp};
use memt_core::write::{Verification, verify};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Removed rows that wait for the next rebuilding, beside an eighth of the memories.
const SPARE: usize = 8;

/// Rows below which looking at each is as fast as anything.
const FEW: usize = 64;

/// Blocks of memories in the order in which they came. Row numbers are block x [`ROWS`] + row.
#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    blocks: Vec<Block>,
    live: usize,
    removed: usize,
    /// The age of the newest memory, as long as all came in order of age.
    newest: Option<(Timestamp, Key)>,
    out_of_order: bool,
    /// Rows from old to new, where they did not come so.
    order: OnceLock<Box<[u32]>>,
    approximate: Approximate,
}

impl Partition {
    /// Memories.
    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// The blocks.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Bytes of everything that hangs on this, but for an approximate index.
    pub(super) fn bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Block::bytes).sum();
        let order = self.order.get().map_or(0, |order| size_of_val(&order[..]));
        blocks + self.blocks.capacity() * size_of::<Block>() + order
    }

    fn at(&self, row: u32) -> (&Block, usize) {
        (&self.blocks[row as usize / ROWS], row as usize % ROWS)
    }

    fn at_mut(&mut self, row: u32) -> (&mut Block, usize) {
        (&mut self.blocks[row as usize / ROWS], row as usize % ROWS)
    }

    /// Borrows a memory in the form that scoring reads.
    pub(super) fn view(&self, row: u32) -> SlotView<'_> {
        let (block, row) = self.at(row);
        block.view(row)
    }

    /// The name of a memory.
    pub(super) fn key(&self, row: u32) -> Key {
        let (block, row) = self.at(row);
        block.facts(row).key
    }

    /// What is kept beside a memory.
    pub(super) fn metadata(&self, row: u32) -> &[u8] {
        let (block, row) = self.at(row);
        block.metadata(row)
    }

    /// Changes the facts of a memory, except for key, owner and time of writing.
    pub(super) fn change_facts(&mut self, row: u32, change: impl FnOnce(&mut Facts)) {
        let (block, row) = self.at_mut(row);
        block.change_facts(row, change);
    }

    /// Gives a memory another vector.
    pub(super) fn set_embedding(&mut self, row: u32, embedding: &Embedding) {
        let (block, at) = self.at_mut(row);
        let key = block.facts(at).key;
        if block.embeddings()[at] != *embedding {
            block.set_embedding(at, embedding);
            self.approximate.replace(row, key, embedding);
        }
    }

    /// The memories with their row numbers, in no order.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        let numbered = (0..).zip(&self.blocks);
        numbered.flat_map(|(number, block): (u32, &Block)| {
            block
                .live()
                .map(move |row| number * ROWS as u32 + row as u32)
        })
    }

    /// Row numbers of the memories, old to new.
    pub(super) fn rows_by_age(&self) -> impl Iterator<Item = u32> + '_ {
        let sorted = self.out_of_order.then(|| self.order());
        let as_they_came = (!self.out_of_order).then(|| self.rows());
        let sorted = sorted.into_iter().flatten().copied();
        sorted.chain(as_they_came.into_iter().flatten())
    }

    fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            let mut rows: Vec<u32> = self.rows().collect();
            rows.sort_by_cached_key(|&row| self.view(row).age_order());
            rows.into()
        })
    }

    /// The memories, old to new.
    pub(super) fn by_age(&self) -> impl Iterator<Item = SlotView<'_>> {
        self.rows_by_age().map(|row| self.view(row))
    }

    /// Appends a memory and returns its row.
    pub(super) fn insert(&mut self, slot: SlotView<'_>, metadata: &[u8]) -> u32 {
        let age = slot.age_order();
        self.out_of_order |= self.newest.is_some_and(|newest| age < newest);
        self.newest = self.newest.max(Some(age));
        self.order = OnceLock::new();
        if self.blocks.last().is_none_or(Block::is_full) {
            self.blocks.reserve_exact(1 + self.blocks.len() / 4);
            self.blocks.push(Block::default());
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        block.push(slot, metadata);
        self.live += 1;
        (number * ROWS + block.rows() - 1) as u32
    }

    /// Takes a memory out.
    pub(super) fn remove(&mut self, row: u32) -> OwnedSlot {
        let (block, at) = self.at_mut(row);
        let slot = block.owned(at);
        block.remove(at);
        self.approximate.remove(row, slot.facts.key);
        self.live -= 1;
        self.removed += 1;
        self.order = OnceLock::new();
        slot
    }

    /// Whether so many rows were removed that the rest should be put together anew, with
    /// [`rebuilt`](Self::rebuilt).
    pub(super) fn is_worn(&self) -> bool {
        self.removed > SPARE + self.live / 8
    }

    /// The same memories in order of age, without removed rows between them; all row numbers change.
    pub(super) fn rebuilt(&self) -> Self {
        let mut rebuilt = Self::default();
        for row in self.rows_by_age() {
            rebuilt.insert(self.view(row), self.metadata(row));
        }
        rebuilt
    }

    /// As [`rebuilt`](Self::rebuilt), with the index if it lacks few memories.
    pub(super) fn renewed(&mut self) -> Self {
        let lacks_few = self.is_indexed() && self.waiting() <= AT_ONCE;
        let has_all = lacks_few && self.index(AT_ONCE).is_ok();
        let mut renewed = self.rebuilt();
        if has_all {
            let index = std::mem::take(&mut self.approximate);
            renewed.approximate = index.renumbered(renewed.end());
        }
        renewed
    }

    /// The first row number beyond all.
    fn end(&self) -> u32 {
        let last = self.blocks.last().map_or(0, Block::rows);
        (self.blocks.len().saturating_sub(1) * ROWS + last) as u32
    }

    /// Rows that the index has not taken in yet.
    fn waiting(&self) -> usize {
        self.end().saturating_sub(self.approximate.indexed()) as usize
    }

    /// Whether questions go through an index.
    pub(super) fn is_indexed(&self) -> bool {
        self.approximate.is_used()
    }

    /// The first row that is not in the index.
    pub(super) fn indexed(&self) -> u32 {
        self.approximate.indexed()
    }

    /// Lets the index take in up to `most` of the memories that wait; returns how many.
    pub(super) fn index(&mut self, most: usize) -> Result<usize, ApproximateError> {
        let coming = self.waiting();
        let indexed = self.approximate.indexed() as usize;
        let numbered = self.blocks.iter().enumerate().skip(indexed / ROWS);
        let waiting = numbered.flat_map(|(number, block)| {
            let rows = block
                .live()
                .map(move |row| (number * ROWS + row, block, row));
            rows.filter(|(place, ..)| *place >= indexed)
        });
        let (mut memories, mut end) = (Vec::new(), self.end());
        for (place, block, row) in waiting {
            if memories.len() == most {
                end = place as u32;
                break;
            }
            memories.push((block.facts(row).key, &block.embeddings()[row]));
        }
        self.approximate.insert(&memories, end, coming)?;
        Ok(memories.len())
    }

    /// Lets the index take in some of what waits, if that is much.
    pub(super) fn index_some(&mut self) {
        if self.waiting() >= WAITING && !self.approximate.is_given_up() {
            // What fails is told where it fails; questions are answered all the same.
            self.index(AT_ONCE).unwrap_or(0);
        }
    }

    /// Memories that the index, if there is one, finds near to a direction.
    pub(super) fn nearest_named(&self, direction: &Embedding, count: usize) -> Option<Vec<Key>> {
        self.approximate.nearest(direction, count)
    }

    /// How many memories have a term.
    pub(super) fn having(&self, term: u32) -> usize {
        let of_block = |block: &Block| {
            let rows = block.rows_with(term);
            let live = rows.iter().filter(|&&row| block.is_live(usize::from(row)));
            live.count()
        };
        self.blocks.iter().map(of_block).sum()
    }

    /// How a memory with this embedding would answer to its own text.
    pub(super) fn verify(&self, embedding: &Embedding) -> Verification {
        let near = self.nearest(embedding, None, f32::INFINITY);
        verify(embedding, embedding, near.into_iter())
    }

    /// The nearest memory and all whose cosine is at least `floor`, old to new; and some that are a
    /// little less near. The memory `except` does not count.
    pub(super) fn nearest(
        &self,
        embedding: &Embedding,
        except: Option<Key>,
        floor: f32,
    ) -> Vec<SlotView<'_>> {
        let counts = |key: Key| Some(key) != except;
        if self.live <= FEW {
            let slots = self.by_age();
            return slots.filter(|slot| counts(slot.facts.key)).collect();
        }
        let weights = kernel::exact(embedding);
        let root = Root::of(embedding.squared_norm()).to_f32();
        let near: Vec<Near> = self
            .blocks
            .par_iter()
            .map(|block| Near::of(block, &weights, root, floor, &counts))
            .collect();
        let highest = near.iter().map(|near| near.highest);
        let least = highest.fold(f32::MIN, f32::max).min(floor);
        let rows = near.iter().zip(&self.blocks).flat_map(|(near, block)| {
            let kept = near.rows.iter().filter(move |kept| kept.1 >= least);
            kept.map(|kept| block.view(usize::from(kept.0)))
        });
        let mut slots: Vec<SlotView<'_>> = rows.collect();
        slots.sort_unstable_by_key(SlotView::age_order);
        slots
    }
}

/// The near rows of one block.
struct Near {
    /// What the nearest row's cosine is at least.
    highest: f32,
    /// Rows, each with what its cosine is at most.
    rows: Vec<(u16, f32)>,
}

impl Near {
    /// What [`Root`] rounds off, and what the fixed-point cosine rounds.
    const ROOT: f32 = 0.0314;
    const COSINE: f32 = 1e-4;

    fn of(
        block: &Block,
        weights: &kernel::Weights,
        root: f32,
        floor: f32,
        counts: &impl Fn(Key) -> bool,
    ) -> Self {
        let mut dots = vec![0; block.rows()];
        kernel::dots(weights, block.embeddings(), &mut dots);
        let inverse = if root > 0.0 { 1.0 / root } else { 0.0 };
        let bounds = |row: usize| {
            let cosine = dots[row] as f32 * inverse;
            let norm = (block.squared_norms()[row] as f32).sqrt();
            let (exact, raised) = (
                cosine / norm.max(1.0),
                cosine / (norm - Self::ROOT).max(0.5),
            );
            (
                exact.min(raised) - Self::COSINE,
                exact.max(raised) + Self::COSINE,
            )
        };
        let live = || block.live().filter(|&row| counts(block.facts(row).key));
        let highest = live().map(|row| bounds(row).0).fold(f32::MIN, f32::max);
        let least = highest.min(floor);
        let rows = live().map(|row| (row as u16, bounds(row).1));
        Self {
            highest,
            rows: rows.filter(|row| row.1 >= least).collect(),
        }
    }
}
