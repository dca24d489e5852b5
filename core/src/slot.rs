//! One memory and the small types that describe it.

use crate::embedding::{Embedding, Root};
use crate::overlap::{Signature, Terms};
use heapless::String;
use heapless::string::StringView;
use serde::{Deserialize, Serialize};

/// Names a memory for ever: the bank that made it and a number that bank never gives again.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Key {
    /// The bank.
    pub origin: u32,
    /// The number.
    pub counter: u32,
}

impl core::fmt::Display for Key {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}-{}", self.origin, self.counter)
    }
}

/// Whose memory it is. Small numbers are for devices to give; hosts derive larger ones from names.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Owner(pub u64);

/// Seconds since 1970, as the caller's clock tells them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub u32);

/// A factor with 12 bits after the binary point: strength or importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Factor(pub u16);

impl Factor {
    /// 1.0, where every memory begins.
    pub const ONE: Self = Self(1 << 12);

    /// 2.0, where replay stops adding.
    pub const MAX: Self = Self(2 << 12);

    /// The number, exact.
    pub fn to_f32(self) -> f32 {
        f32::from(self.0) * (1.0 / 4096.0)
    }

    /// The nearest factor, held to 0 to [`Factor::MAX`]; 0 for what is not a number.
    pub fn from_f32(value: f32) -> Self {
        let bits = libm::rintf(value * 4096.0);
        Self((bits as u16).min(Self::MAX.0))
    }
}

/// What is kept of a memory besides text, embedding and terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its name.
    pub key: Key,
    /// Whose it is.
    pub owner: Owner,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last read or replayed.
    pub accessed: Timestamp,
    /// How often it was read.
    pub accesses: u32,
    /// How well it is rehearsed: the published design's synaptic strength.
    pub strength: Factor,
    /// How much its writer cares.
    pub importance: Factor,
}

impl Facts {
    /// Of no memory: all zero.
    const NONE: Self = Self {
        key: Key {
            origin: 0,
            counter: 0,
        },
        owner: Owner(0),
        created: Timestamp(0),
        accessed: Timestamp(0),
        accesses: 0,
        strength: Factor(0),
        importance: Factor(0),
    };

    /// Orders memories from old to new; no two are equal.
    pub fn age_order(&self) -> (Timestamp, Key) {
        (self.created, self.key)
    }
}

/// A memory in a static bank: up to `TEXT` bytes, at most 65,535, and `TERMS` distinct terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<const TEXT: usize, const TERMS: usize> {
    /// Key, owner, times, factors.
    pub facts: Facts,
    /// The text as given.
    pub text: String<TEXT, u16>,
    /// Its embedding.
    pub embedding: Embedding,
    /// The embedding's squared norm.
    pub squared_norm: u32,
    /// Its terms.
    pub signature: Signature<TERMS>,
}

impl<const TEXT: usize, const TERMS: usize> Slot<TEXT, TERMS> {
    /// A slot to be filled: all zero, without text or terms.
    pub const fn empty() -> Self {
        Self {
            facts: Facts::NONE,
            text: String::new(),
            embedding: Embedding::ZERO,
            squared_norm: 0,
            signature: Signature::new(),
        }
    }

    /// Replaces the text, if it fits.
    pub fn set_text(&mut self, text: &str) -> Result<(), TextTooLong> {
        replace(&mut self.text, text)
    }

    /// Borrows the slot in the form that scoring reads.
    pub fn view(&self) -> SlotView<'_> {
        SlotView {
            facts: &self.facts,
            text: &self.text,
            embedding: &self.embedding,
            squared_norm: self.squared_norm,
            terms: self.signature.as_terms(),
        }
    }
}

/// More bytes of text than a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextTooLong {
    /// Bytes of the text.
    pub bytes: usize,
    /// Bytes that fit.
    pub capacity: usize,
}

impl core::fmt::Display for TextTooLong {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { bytes, capacity } = self;
        write!(formatter, "text has {bytes} bytes, a slot holds {capacity}")
    }
}

impl core::error::Error for TextTooLong {}

/// Compiled once, here, whatever the size of the slot and the caller's optimisation.
fn replace(place: &mut StringView<u16>, text: &str) -> Result<(), TextTooLong> {
    let too_long = TextTooLong {
        bytes: text.len(),
        capacity: place.capacity(),
    };
    place.clear();
    place.push_str(text).map_err(|_| too_long)
}

/// A borrowed memory of any bank.
#[derive(Clone, Copy, Debug)]
pub struct SlotView<'s> {
    /// Key, owner, times, factors.
    pub facts: &'s Facts,
    /// The text.
    pub text: &'s str,
    /// Its embedding.
    pub embedding: &'s Embedding,
    /// The embedding's squared norm.
    pub squared_norm: u32,
    /// Its terms.
    pub terms: Terms<'s>,
}

impl SlotView<'_> {
    /// The norm of the embedding.
    pub fn root(&self) -> Root {
        Root::of(self.squared_norm)
    }

    /// See [`Facts::age_order`].
    pub fn age_order(&self) -> (Timestamp, Key) {
        self.facts.age_order()
    }
}
