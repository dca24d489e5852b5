//! What a model is.

use crate::TrainError;
use crate::measure::SCRATCH_BYTES;
pub use crate::network::{Activation, Pooling};
use serde::{Deserialize, Serialize};

/// Sizes of the model and of its image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecipe {
    /// W: known words, the most frequent of `words.tsv`.
    pub words: u32,
    /// G: rows shared by hashed n-grams.
    pub ngrams: u32,
    /// R: numbers a row.
    pub row_width: u16,
    /// Bits of a bucket number in the vocabulary table.
    pub bucket_bits: u8,
    /// Most words that a device encodes together; a transformer learns from the first of a text.
    pub window: u16,
    /// Bits of a number in a row of the shipped image: 2, 4 or 8.
    pub row_bits: u8,
    /// Whether rows, and the maps that read them, are rotated before rows are rounded, so that
    /// rounding takes less; embeddings of the floats do not change.
    #[serde(default)]
    pub rotated: bool,
    /// F: rows with a second row of the same bits, for what rounding leaves of the first; those for
    /// which texts need it most.
    #[serde(default)]
    pub fine: u32,
    /// Most bytes of the image; a larger one is an error.
    pub budget_bytes: usize,
    /// What reads the words.
    #[serde(default)]
    pub body: BodyRecipe,
}

/// What reads the words of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BodyRecipe {
    /// The sum of their rows, projected.
    #[default]
    Bag,
    /// A transformer, on top of the bag.
    Transformer(TransformerRecipe),
}

/// Sizes of a transformer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerRecipe {
    /// D: features of a word.
    pub width: u16,
    /// Layers.
    pub layers: u8,
    /// Heads; divide the width.
    pub heads: u8,
    /// F: features between the two maps of a feed-forward part.
    pub hidden: u16,
    /// Between those maps.
    pub activation: Activation,
    /// Whether words know their place.
    pub positions: bool,
    /// From words to a text.
    pub pooling: Pooling,
    /// Bits of a weight of the layers in the shipped image: 4 or 8. Maps to the embedding have 8.
    #[serde(default = "four")]
    pub weight_bits: u8,
    /// Bits after the binary point of what the layers read of a norm in the shipped image, at most 6: with 4 it ends at
    /// 7.9 deviations, with 5, for models trained with `saturation`, at 4.
    #[serde(default = "four")]
    pub norm_bits: u8,
}

const fn four() -> u8 {
    4
}

impl ModelRecipe {
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let refuse = |problem: String| Err(TrainError::Recipe(problem));
        if ![2, 4, 8].contains(&self.row_bits) {
            return refuse(format!("row_bits is {}, must be 2, 4 or 8", self.row_bits));
        }
        if self.words > u32::from(u16::MAX) {
            return refuse(format!(
                "words is {}, at most 65535 fit the vocabulary",
                self.words
            ));
        }
        if self.fine > 0 && self.row_bits != 2 {
            return refuse(format!(
                "fine is {} and row_bits {}, only rows of 2 bits can have a second row",
                self.fine, self.row_bits
            ));
        }
        let rows = self.words.saturating_add(self.ngrams);
        if self.fine > rows || (self.fine > 0 && rows > 1 << 16) {
            return refuse(format!(
                "fine is {} of {rows} rows, at most all of 65536",
                self.fine
            ));
        }
        if usize::from(self.row_width) > memt_core::embedding::DIMENSIONS {
            return refuse(format!("row_width is {}, at most 128", self.row_width));
        }
        if let BodyRecipe::Transformer(TransformerRecipe { weight_bits, .. }) = self.body
            && ![4, 8].contains(&weight_bits)
        {
            return refuse(format!("weight_bits is {weight_bits}, must be 4 or 8"));
        }
        let config = crate::ship::config(self);
        config
            .check()
            .map_err(|error| TrainError::Recipe(error.to_string()))?;
        if config.scratch_bytes() > SCRATCH_BYTES {
            return refuse(format!(
                "encoding needs {} bytes of scratch, the trainer has {SCRATCH_BYTES}",
                config.scratch_bytes()
            ));
        }
        Ok(())
    }

    /// Most words of a text that training sees: a sum of rows has no end, a transformer has a window.
    pub(crate) fn longest(&self) -> usize {
        match self.body {
            BodyRecipe::Bag => usize::MAX,
            BodyRecipe::Transformer(_) => usize::from(self.window),
        }
    }
}
