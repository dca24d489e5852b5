//! The recipe: everything that decides a model, as TOML.

use crate::TrainError;
use crate::measure::SCRATCH_BYTES;
pub use crate::model::Part;
pub use crate::network::{Activation, Pooling};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A whole training run. The same recipe, data and kind of processor give the same image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the image: `NAME.memt`.
    pub name: String,
    /// Decides every shuffle and every random start.
    pub seed: u64,
    /// Sizes.
    pub model: ModelRecipe,
    /// Rows of known words from the teacher's vectors of single words.
    pub word_vectors: WordVectorsRecipe,
    /// Rows of n-grams fitted to words.
    pub spelling: SpellingRecipe,
    /// Parameters to start from in place of these.
    pub start: Option<StartRecipe>,
    /// Gradient descent, one stage after the other.
    #[serde(rename = "stage")]
    pub stages: Vec<StageRecipe>,
}

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
    /// Bits of a number in a row of the shipped image: 4 or 8.
    pub row_bits: u8,
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
}

fn four() -> u8 {
    4
}

/// A run to go on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRecipe {
    /// Checkpoint of a run with the same sizes; its optimiser and its place are not taken over.
    pub checkpoint: std::path::PathBuf,
}

/// How rows of known words begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordVectorsRecipe {
    /// a in the weight `a / (a + p)` of a word with share p of all words (Arora et al., "A Simple
    /// but Tough-to-Beat Baseline for Sentence Embeddings", 2017).
    pub rarity: f64,
}

/// How rows of n-grams begin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpellingRecipe {
    /// Passes over the words.
    pub epochs: u32,
    /// Learning rate of the first pass, falling to zero.
    pub rate: f32,
    /// Weight of a word that has a row of its own, against 1 for others.
    pub known_weight: f32,
}

/// A stage of gradient descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRecipe {
    /// Name in logs.
    pub name: String,
    /// Steps.
    pub steps: u64,
    /// Steps over which learning rates rise from zero; then they fall along a cosine.
    pub warm_up: u64,
    /// Highest learning rate of the rows.
    pub row_rate: f32,
    /// Highest learning rate of the projection.
    pub projection_rate: f32,
    /// Highest learning rate of the body.
    #[serde(default)]
    pub body_rate: f32,
    /// What is trained.
    #[serde(default)]
    pub train: Part,
    /// Weight of the penalty on normalised activations of the body that 8 bits hardly hold: the mean
    /// over words of the sums of `max(0, |value| - 7)^2`. Not part of the reported loss.
    #[serde(default)]
    pub saturation: f32,
    /// Longest gradient of projection and body together; a longer one shrinks the whole step.
    pub longest_gradient: Option<f32>,
    /// Share of each number of projection and body that a step takes away, times the learning rate.
    #[serde(default)]
    pub weight_decay: f32,
    /// Learning rates at the end, as a share of the highest.
    pub final_rate: f32,
    /// Whether the forward pass sees the integers that will ship (straight-through gradients).
    pub quantise: bool,
    /// Steps between measurements on the development sets; one is made at the end anyway.
    pub measure_every: u64,
    /// Steps between checkpoints; one is made at the end anyway.
    pub checkpoint_every: u64,
    /// Learning from the teacher's vectors of texts.
    pub distillation: Option<DistillationRecipe>,
    /// Learning from pairs of texts.
    pub contrastive: Option<ContrastiveRecipe>,
}

/// Learning from the teacher's vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistillationRecipe {
    /// Shards a step.
    pub shards: usize,
    /// Texts a shard; similarities are compared within a shard.
    pub texts: usize,
    /// Weight of `1 - cosine` to the teacher's vector.
    pub cosine: f32,
    /// Weight of the divergence between rows of similarities.
    pub similarity: f32,
    /// Temperature of those rows.
    pub temperature: f32,
}

/// Learning from pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastiveRecipe {
    /// Shards a step.
    pub shards: usize,
    /// Pairs a shard; every other text of the shard is a negative.
    pub pairs: usize,
    /// Weight of the loss.
    pub weight: f32,
    /// Temperature of the softmax.
    pub temperature: f32,
}

impl ModelRecipe {
    /// Most words of a text that training sees: a sum of rows has no end, a transformer has a window.
    pub(crate) fn longest(&self) -> usize {
        match self.body {
            BodyRecipe::Bag => usize::MAX,
            BodyRecipe::Transformer(_) => usize::from(self.window),
        }
    }
}

impl Recipe {
    /// Reads a recipe file and checks it.
    ///
    /// # Errors
    /// The file cannot be read, is not a recipe, or asks for something impossible.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
        Self::parse(&text)
    }

    /// Reads the text of a recipe and checks it.
    ///
    /// # Errors
    /// As [`Recipe::read`].
    pub fn parse(text: &str) -> Result<Self, TrainError> {
        let recipe: Self = toml::from_str(text).map_err(TrainError::Syntax)?;
        recipe.check()?;
        Ok(recipe)
    }

    /// Whether a run of `other` would have come to the same state of stage `stage` as one of `self`:
    /// only later stages may differ.
    pub(crate) fn agrees_until(&self, other: &Self, stage: usize) -> bool {
        let begun = |recipe: &Self| {
            let mut recipe = recipe.clone();
            recipe.stages.truncate(stage + 1);
            recipe
        };
        begun(self) == begun(other)
    }

    fn check(&self) -> Result<(), TrainError> {
        let refuse = |problem: String| Err(TrainError::Recipe(problem));
        if ![4, 8].contains(&self.model.row_bits) {
            return refuse(format!(
                "row_bits is {}, must be 4 or 8",
                self.model.row_bits
            ));
        }
        if self.model.words > u32::from(u16::MAX) {
            return refuse(format!(
                "words is {}, at most 65535 fit the vocabulary",
                self.model.words
            ));
        }
        if usize::from(self.model.row_width) > memt_core::embedding::DIMENSIONS {
            return refuse(format!(
                "row_width is {}, at most 128",
                self.model.row_width
            ));
        }
        if let BodyRecipe::Transformer(body) = &self.model.body
            && ![4, 8].contains(&body.weight_bits)
        {
            return refuse(format!(
                "weight_bits is {}, must be 4 or 8",
                body.weight_bits
            ));
        }
        let config = crate::ship::config(&self.model);
        config
            .check()
            .map_err(|error| TrainError::Recipe(error.to_string()))?;
        if config.scratch_bytes() > SCRATCH_BYTES {
            return refuse(format!(
                "encoding needs {} bytes of scratch, the trainer has {SCRATCH_BYTES}",
                config.scratch_bytes()
            ));
        }
        for stage in &self.stages {
            let with_body = matches!(self.model.body, BodyRecipe::Transformer(_));
            if with_body && stage.quantise && stage.train == Part::Bag {
                return refuse(format!(
                    "stage {} quantises a body that it does not train",
                    stage.name
                ));
            }
            if stage.distillation.is_none() && stage.contrastive.is_none() {
                return refuse(format!("stage {} has nothing to learn from", stage.name));
            }
            if stage.measure_every == 0 || stage.checkpoint_every == 0 {
                return refuse(format!(
                    "stage {} measures or saves every 0 steps",
                    stage.name
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: [&str; 3] = [
        include_str!("../../training/bag.toml"),
        include_str!("../../training/default.toml"),
        include_str!("../../training/small.toml"),
    ];

    #[test]
    fn shipped_recipes_end_with_integers() {
        for text in SHIPPED {
            let recipe = Recipe::parse(text).unwrap();
            assert!(recipe.stages.last().unwrap().quantise, "{}", recipe.name);
        }
    }

    #[test]
    fn impossible_recipes_are_refused_with_their_numbers() {
        for (from, to, said) in [
            ("row_bits = 4", "row_bits = 5", "row_bits is 5"),
            ("row_width = 64", "row_width = 129", "row_width is 129"),
            ("words = 15", "words = 99", "words is 99552"),
            ("measure_every = 400", "measure_every = 0", "every 0 steps"),
            ("seed = 1", "sed = 1", "sed"),
        ] {
            let text = SHIPPED[0].replacen(from, to, 1);
            let error = Recipe::parse(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
