//! The memories that a new one could be mistaken for, and the words that tell it from them.

use crate::embedding::{Cosine, Embedding, Root};
use crate::overlap::{Terms, term};
use crate::slot::{Key, SlotView};
use crate::text::Words;
use heapless::{String, Vec};

/// Likeness to a text's embedding from which a memory that has all but one of its terms counts as its
/// rival: 0.75. Texts that are alike without sharing words are told apart by their words already, and of
/// texts that differ in several words nobody knows which are asked about.
pub const RIVAL_COSINE: f32 = 0.75;

/// Most rivals that are looked at.
pub const MAX_RIVALS: usize = 4;

/// Most memories that may have a word which tells one from its rivals. Turned towards a word that many
/// have, a memory answers for all of them: where a bank grew tenfold, old memories were found less often
/// than without the loop.
pub const TELLING: usize = 3;

/// Bytes of the words that tell a memory from its rivals; a word that does not fit is left out.
pub const EMPHASIS_BYTES: usize = 128;

/// The words that tell a memory from its rivals, with spaces between: a text to be encoded.
pub type Emphasis = String<EMPHASIS_BYTES>;

/// The nearest rivals of a text, nearest first; equally near ones, in the order they came in.
#[derive(Clone, Debug, Default)]
pub struct Rivals<'s> {
    nearest: Vec<(Cosine, SlotView<'s>), MAX_RIVALS>,
    /// The greatest likeness to any other memory, rival or not.
    pub closest: Cosine,
}

/// Rivals by name: what is kept of [`Rivals`] while a text is encoded, so that nobody looks through the
/// bank twice.
#[derive(Clone, Debug, Default)]
pub struct NamedRivals {
    names: Vec<Key, MAX_RIVALS>,
    closest: Cosine,
}

impl NamedRivals {
    /// The nearest one.
    pub fn nearest(&self) -> Option<Key> {
        self.names.first().copied()
    }

    /// The rivals again, from a bank that has not changed; `memory` gives each.
    pub fn recall<'s>(
        &self,
        embedding: &Embedding,
        memory: impl Fn(Key) -> Option<SlotView<'s>>,
    ) -> Rivals<'s> {
        let slots = self.names.iter().filter_map(|&name| memory(name));
        let root = Root::of(embedding.squared_norm());
        let nearest = slots.map(|slot| {
            let cosine = Cosine::of(embedding.dot(slot.embedding), root, slot.root());
            (cosine, slot)
        });
        Rivals {
            nearest: nearest.collect(),
            closest: self.closest,
        }
    }
}

impl<'s> Rivals<'s> {
    /// Looks through `others` from old to new for rivals of a text with this embedding and terms.
    pub fn of(
        embedding: &Embedding,
        terms: Terms<'_>,
        others: impl Iterator<Item = SlotView<'s>>,
    ) -> Self {
        let root = Root::of(embedding.squared_norm());
        let mut rivals = Self::default();
        for slot in others {
            let cosine = Cosine::of(embedding.dot(slot.embedding), root, slot.root());
            rivals.closest = rivals.closest.max(cosine);
            if cosine.to_f32() >= RIVAL_COSINE && has_all_but_one(terms, slot.terms) {
                rivals.offer(cosine, slot);
            }
        }
        rivals
    }

    fn offer(&mut self, cosine: Cosine, slot: SlotView<'s>) {
        let at = self.nearest.partition_point(|kept| kept.0 >= cosine);
        if self.nearest.is_full() && at < MAX_RIVALS {
            self.nearest.pop();
        }
        // A rival behind as many nearer ones finds no room, which is meant.
        let _ = self.nearest.insert(at, (cosine, slot));
    }

    /// The rivals, nearest first.
    pub fn iter(&self) -> impl Iterator<Item = SlotView<'s>> + '_ {
        self.nearest.iter().map(|&(_, slot)| slot)
    }

    /// The rivals by name, nearest first.
    pub fn named(&self) -> NamedRivals {
        NamedRivals {
            names: self.iter().map(|slot| slot.facts.key).collect(),
            closest: self.closest,
        }
    }

    /// Whether nothing is near.
    pub fn is_empty(&self) -> bool {
        self.nearest.is_empty()
    }

    /// The words of `text` that at most half of the rivals and at most [`TELLING`] memories contain,
    /// without stop words, in their order; empty without rivals. `having` counts the memories of the owner,
    /// the text's own among them, that have a term.
    pub fn emphasis(&self, text: &str, having: impl Fn(u32) -> usize) -> Emphasis {
        let mut emphasis = Emphasis::new();
        if self.is_empty() {
            return emphasis;
        }
        for word in Words::of(text) {
            let written = word.as_written();
            let fits = emphasis.len() + written.len() < EMPHASIS_BYTES;
            let tells =
                |hash| 2 * self.sharing(hash) <= self.nearest.len() && having(hash) <= TELLING;
            if fits && term(word).is_some_and(tells) {
                // There is room for a word and a space.
                let _ = emphasis.push_str(written);
                let _ = emphasis.push(' ');
            }
        }
        emphasis
    }

    fn sharing(&self, hash: u32) -> usize {
        self.iter()
            .filter(|slot| slot.terms.count(hash) > 0)
            .count()
    }
}

/// Whether `other` has all distinct terms of `own` but at most one, and at least one of them.
fn has_all_but_one(own: Terms<'_>, other: Terms<'_>) -> bool {
    let distinct = own.hashes.len();
    let lacking = own.hashes.iter().filter(|&&hash| other.count(hash) == 0);
    lacking.take(2).count() < distinct.min(2)
}
