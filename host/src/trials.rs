//! What the memory itself is worth: how well it tells similar memories apart, what it still knows after
//! many later writes, and what it keeps under pressure. Sets are made here, from a seed.

mod families;
mod interval;
mod ways;

pub use families::{Half, families};
pub use interval::{Measured, measured};
pub use ways::{Recalls, Way, Written};

use crate::model::TextEncoder;
use memt_core::embedding::Embedding;
use memt_core::encoder::ScratchTooSmall;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Memories in the order of writing, and questions with the numbers of their answers.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// The texts.
    pub memories: Vec<String>,
    /// The questions.
    pub questions: Vec<(String, Vec<usize>)>,
}

/// Embeddings of the texts that fits have asked for: ways to write ask for the same ones.
#[derive(Debug, Default)]
pub struct Encoded(Mutex<HashMap<String, Embedding>>);

impl Encoded {
    /// The embedding of a text.
    pub fn of(&self, text: &str, encoder: &TextEncoder<'_>) -> Result<Embedding, ScratchTooSmall> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&embedding) = known().get(text) {
            return Ok(embedding);
        }
        let embedding = encoder.encode_one(text)?;
        known().insert(text.to_owned(), embedding);
        Ok(embedding)
    }
}

/// xorshift64*, Vigna 2016.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % bound
    }
}
