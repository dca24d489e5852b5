//! The memories of one owner, as a structure of arrays.

use super::owned_slot::OwnedSlot;
use super::terms::Signature;
use memt_core::embedding::Embedding;
use memt_core::slot::{Facts, Key, SlotView};
use memt_core::write::{Verification, verify};
use rayon::prelude::*;

/// Rows that one thread takes at a time.
pub(super) const BLOCK: usize = 2048;

/// N memories; row i of every column is one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    facts: Vec<Facts>,
    texts: Vec<Box<str>>,
    metadata: Vec<Box<[u8]>>,
    /// `[N, D]`, one memory after the other without gaps.
    embeddings: Vec<Embedding>,
    squared_norms: Vec<u32>,
    signatures: Vec<Signature>,
    /// Rows from old to new.
    order: Vec<usize>,
}

impl Partition {
    /// Memories.
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// Borrows a memory in the form that scoring reads.
    pub(super) fn view(&self, row: usize) -> SlotView<'_> {
        SlotView {
            facts: &self.facts[row],
            text: &self.texts[row],
            embedding: &self.embeddings[row],
            squared_norm: self.squared_norms[row],
            terms: self.signatures[row].as_terms(),
        }
    }

    /// What is kept beside a memory.
    pub(super) fn metadata(&self, row: usize) -> &[u8] {
        &self.metadata[row]
    }

    /// The facts of a memory, to be changed except for key, owner and time of writing.
    pub(super) fn facts_mut(&mut self, row: usize) -> &mut Facts {
        &mut self.facts[row]
    }

    /// Gives a memory another vector.
    pub(super) fn set_embedding(&mut self, row: usize, embedding: &Embedding) {
        self.embeddings[row] = *embedding;
        self.squared_norms[row] = embedding.squared_norm();
    }

    /// The memories, old to new.
    pub(super) fn by_age(&self) -> impl Iterator<Item = SlotView<'_>> {
        self.order.iter().map(|&row| self.view(row))
    }

    /// Rows of the memories, old to new.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Appends a memory and returns its row.
    pub(super) fn insert(&mut self, slot: OwnedSlot) -> usize {
        let row = self.len();
        self.facts.push(slot.facts);
        self.texts.push(slot.text);
        self.metadata.push(slot.metadata);
        self.embeddings.push(slot.embedding);
        self.squared_norms.push(slot.squared_norm);
        self.signatures.push(slot.signature);
        let at = self.age_position(row);
        self.order.insert(at, row);
        row
    }

    /// How many memories in order are older than that of `row`: its position if it is in order.
    fn age_position(&self, row: usize) -> usize {
        let age = self.view(row).age_order();
        self.order
            .partition_point(|&other| self.view(other).age_order() < age)
    }

    /// Takes a memory out. The last row takes its place; returns that row's key if there is one.
    pub(super) fn remove(&mut self, row: usize) -> (OwnedSlot, Option<Key>) {
        let position = self.age_position(row);
        self.order.remove(position);
        let last = self.len() - 1;
        if row != last {
            let position = self.age_position(last);
            self.order[position] = row;
        }
        let slot = OwnedSlot {
            facts: self.facts.swap_remove(row),
            text: self.texts.swap_remove(row),
            metadata: self.metadata.swap_remove(row),
            embedding: self.embeddings.swap_remove(row),
            squared_norm: self.squared_norms.swap_remove(row),
            signature: self.signatures.swap_remove(row),
        };
        (slot, self.facts.get(row).map(|facts| facts.key))
    }

    /// How a memory with this embedding would answer to its own text.
    pub(super) fn verify(&self, embedding: &Embedding) -> Verification {
        let blocks = self.len().div_ceil(BLOCK).max(1);
        let of_block = |block: usize| {
            let end = (block * BLOCK + BLOCK).min(self.len());
            let others = (block * BLOCK..end).map(|row| self.view(row));
            verify(embedding, embedding, others)
        };
        // The block with the greatest rival decides for all: a greater rival never verifies more.
        let closest = (1..blocks)
            .into_par_iter()
            .map(of_block)
            .max_by_key(|verification| verification.rival);
        let first = of_block(0);
        match closest {
            Some(other) if other.rival > first.rival => other,
            _ => first,
        }
    }
}
