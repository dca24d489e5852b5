//! What the memory itself is worth: how well it tells similar memories apart, what it still knows after
//! many later writes, and what it keeps under pressure. Sets are made here, from a seed.

mod capacity;
mod families;
mod feedback;
mod interval;
mod life;
mod policy;
mod pressure;
mod statements;
mod ways;

pub use capacity::{CAPACITY, Later, Stage, capacity};
pub use families::{Half, families, fresh_families};
pub use feedback::{Judge, Outcome, Part, alike_facts, feedback};
pub use interval::{Measured, measured};
pub use life::{Life, Nature};
pub use policy::Policy;
pub use pressure::{Kept, SLOTS, pressure};
pub use statements::{Kind, Statements, Subject};
pub use ways::{Recalls, Way, Written};

use crate::model::TextEncoder;
use memt_core::embedding::Embedding;
use memt_core::encoder::ScratchTooSmall;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Memories in the order of writing, and questions.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// The texts.
    pub memories: Vec<String>,
    /// What is asked about them.
    pub questions: Vec<Question>,
}

/// A question about memories of a task.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// The numbers of the memories that answer it.
    pub answers: Vec<usize>,
    /// Questions of one family are alike, so that one says little beside the others.
    pub family: usize,
}

/// Embeddings of the texts that were asked for: ways to write ask for the same ones.
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
struct Random(u64);

impl Random {
    /// Small seeds are spread, so that the first numbers of neighbours differ.
    fn seeded(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.below(2);
        random
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % bound
    }

    /// A number in (0, 1).
    fn share(&mut self) -> f64 {
        (self.below(1 << 30) as f64 + 0.5) / f64::from(1 << 30)
    }

    /// A time to wait, `mean` in the mean, when what comes has no memory.
    fn wait(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
