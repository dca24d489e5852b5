//! Writing a memory: what the caller gives, how the result is verified, what is reported, and how a
//! slot's vector is fitted among similar ones.

pub mod fit;
pub mod learn;
pub mod rivals;

pub use fit::{Ending, Fit, FitReport, FitState, FitWeights};
pub use learn::{Learn, Learned};
pub use rivals::{Emphasis, NamedRivals, Rivals};

use crate::embedding::{Cosine, Embedding, Root};
use crate::slot::{Factor, Facts, Key, Owner, SlotView, Timestamp};
use serde::{Deserialize, Serialize};

/// A memory to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewMemory<'a> {
    /// Whose it is.
    pub owner: Owner,
    /// The text, kept as it is.
    pub text: &'a str,
    /// The text's embedding.
    pub embedding: &'a Embedding,
    /// When it is written.
    pub created: Timestamp,
    /// How much its writer cares; [`Factor::ONE`] is usual.
    pub importance: Factor,
}

impl NewMemory<'_> {
    /// The facts with which the memory begins: never read, of strength 1, with a key that its bank is to set.
    #[inline]
    pub fn facts(&self) -> Facts {
        Facts {
            key: Key::default(),
            owner: self.owner,
            created: self.created,
            accessed: self.created,
            accesses: 0,
            strength: Factor::ONE,
            importance: self.importance,
        }
    }
}

/// What to do when every slot is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// Refuse the write.
    #[default]
    Refuse,
    /// Give up the slot of least retention, and report it.
    Evict,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteReport {
    /// The new memory's name.
    pub key: Key,
    /// How the slot answers to its own text.
    pub verification: Verification,
    /// The memory that had to go.
    pub evicted: Option<Key>,
}

/// A fresh write, read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Likeness of the text's embedding and the slot's vector.
    pub similarity: Cosine,
    /// The greatest likeness of the text's embedding to another slot of the same owner.
    pub rival: Cosine,
    /// Whether the text finds its own slot first, with at least [`MIN_SIMILARITY`].
    pub verified: bool,
}

/// The least similarity of a text to its own slot that counts as verified: 0.8.
pub const MIN_SIMILARITY: f32 = 0.8;

/// Reads a fresh write back: the text's embedding must find `stored` before all `others`.
///
/// An equal text written before ties and is older, so it is found first and the write is not
/// verified.
pub fn verify<'s>(
    embedding: &Embedding,
    stored: &Embedding,
    others: impl Iterator<Item = SlotView<'s>>,
) -> Verification {
    let root = Root::of(embedding.squared_norm());
    let stored_root = Root::of(stored.squared_norm());
    let similarity = Cosine::of(embedding.dot(stored), root, stored_root);
    let rival = others
        .map(|slot| Cosine::of(embedding.dot(slot.embedding), root, slot.root()))
        .max()
        .unwrap_or_default();
    Verification::of(similarity, rival)
}

impl Verification {
    fn of(similarity: Cosine, rival: Cosine) -> Self {
        Self {
            similarity,
            rival,
            verified: similarity > rival && similarity.to_f32() >= MIN_SIMILARITY,
        }
    }
}

/// The longest part of `text` that fits `capacity` bytes without cutting a character: for callers
/// who would rather lose the end than be refused.
pub fn cut_to(text: &str, capacity: usize) -> &str {
    &text[..text.floor_char_boundary(capacity)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut_to("häuser", 2), "h");
        assert_eq!(cut_to("häuser", 3), "hä");
        assert_eq!(cut_to("häuser", 99), "häuser");
    }
}
