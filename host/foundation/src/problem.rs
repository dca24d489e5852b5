//! The step that all candidates are measured on: sizes, starting weights and batches, made from a
//! counter so that every candidate, in any language, computes the same numbers.

use crate::activation::Activation;
use crate::bag::Bag;
use crate::distillation::Batch;
use crate::linear::Linear;
use crate::matrix::Matrix;
use crate::reduction::dot;
use crate::tensors::Tensors;
use crate::transformer::{Transformer, TransformerShape};

/// Features of a table row, E.
pub const ROW_FEATURES: usize = 64;
/// Features of an embedding, D.
pub const FEATURES: usize = 128;
/// Features between the two maps of a feed-forward part, F.
pub const HIDDEN: usize = 256;
/// Heads of the transformer.
pub const HEADS: usize = 4;
/// Layers of the transformer.
pub const LAYERS: usize = 2;

/// Seed of the table; tensor i of a body has seed `BODY_SEED + i`, batch b has
/// `BATCH_SEED * (b + 1)` for tokens, and one and two more for weights and targets.
const TABLE_SEED: u64 = 1;
const BODY_SEED: u64 = 100;
const BATCH_SEED: u64 = 1000;

/// Reproducible noise: value i of a seed is SplitMix64 of `seed * 2^32 + i`.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    base: u64,
}

impl Noise {
    /// The noise of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { base: seed << 32 }
    }

    /// Value `index`, in 0..1, a multiple of 2^-24.
    pub fn uniform(self, index: usize) -> f32 {
        let counter = self.base.wrapping_add(index as u64).wrapping_add(1);
        let mut bits = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / 16_777_216.0
    }

    /// Value `index`, in -1..1.
    pub fn signed(self, index: usize) -> f32 {
        2.0 * self.uniform(index) - 1.0
    }
}

/// Sizes of a batch and of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Texts in a batch, N.
    pub texts: usize,
    /// Tokens of each text.
    pub tokens: usize,
    /// Rows of the table, V.
    pub table_rows: usize,
}

/// The sizes that are measured.
pub const MEASURED: Problem = Problem {
    texts: 512,
    tokens: 24,
    table_rows: 20_480,
};

impl Problem {
    /// The table at the start, `[V, E]`, in -1..1.
    pub fn table(self) -> Matrix {
        let noise = Noise::new(TABLE_SEED);
        let values = (0..self.table_rows * ROW_FEATURES).map(|index| noise.signed(index));
        Matrix::from_values(self.table_rows, ROW_FEATURES, values.collect())
    }

    /// Batch number `number`. Tokens are the table's size times the cube of a uniform number, so
    /// that few rows are common and many are rare, as in language; weights are in 0..1.
    pub fn batch(self, number: u64) -> Batch {
        let seed = BATCH_SEED * (number + 1);
        let count = self.texts * self.tokens;
        let (tokens, weights) = (Noise::new(seed), Noise::new(seed + 1));
        let row = |index| {
            let uniform = tokens.uniform(index);
            (self.table_rows as f32 * (uniform * uniform * uniform)) as u32
        };
        Batch {
            tokens: (0..count).map(row).collect(),
            weights: (0..count).map(|index| weights.uniform(index)).collect(),
            lengths: vec![self.tokens; self.texts],
            targets: unit_noise(seed + 2, self.texts),
        }
    }
}

fn unit_noise(seed: u64, rows: usize) -> Matrix {
    let noise = Noise::new(seed);
    let values = (0..rows * FEATURES)
        .map(|index| noise.signed(index))
        .collect();
    let mut matrix = Matrix::from_values(rows, FEATURES, values);
    for row in matrix.values_mut().chunks_exact_mut(FEATURES) {
        let inverse = 1.0 / dot(row, row).sqrt();
        row.iter_mut().for_each(|value| *value *= inverse);
    }
    matrix
}

/// The bag at the start.
pub fn bag() -> Bag {
    let mut bag = Bag {
        projection: Linear::zeros(ROW_FEATURES, FEATURES),
    };
    initialize(&mut bag);
    bag
}

/// The transformer at the start.
pub fn transformer() -> Transformer {
    let mut transformer = Transformer::identity(TransformerShape {
        row_features: ROW_FEATURES,
        features: FEATURES,
        hidden: HIDDEN,
        heads: HEADS,
        layers: LAYERS,
        activation: Activation::Gelu,
    });
    initialize(&mut transformer);
    transformer
}

/// Adds noise in -0.1..0.1 to every value: linear maps become random, gains stay near one.
fn initialize(body: &mut impl Tensors) {
    for (seed, tensor) in (BODY_SEED..).zip(body.tensors_mut()) {
        let noise = Noise::new(seed);
        for (index, value) in tensor.iter_mut().enumerate() {
            *value += 0.1 * noise.signed(index);
        }
    }
}
