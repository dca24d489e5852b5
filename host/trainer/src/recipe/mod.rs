//! The recipe: everything that decides a model, as TOML.

mod model;
mod stage;

use crate::TrainError;
pub use model::{Activation, BodyRecipe, ModelRecipe, Pooling, TransformerRecipe};
use serde::{Deserialize, Serialize};
pub use stage::{ContrastiveRecipe, DistillationRecipe, Part, StageRecipe};
use std::path::Path;

/// A whole training run. The same recipe, data and kind of processor give the same image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name of the image: `NAME.memt`.
    pub name: String,
    /// Decides every shuffle and every random start.
    pub seed: u64,
    /// Folders of further texts with the teacher's vectors, beside those of the data folder: `texts.txt.zst`,
    /// `vectors.npy` and `scale.npy`, as the example `vectors` of `memt-teacher` writes them.
    #[serde(default)]
    pub texts: Vec<std::path::PathBuf>,
    /// Sizes.
    pub model: ModelRecipe,
    /// Rows of known words from the teacher's vectors of single words.
    pub word_vectors: WordVectorsRecipe,
    /// Rows of n-grams fitted to words.
    pub spelling: SpellingRecipe,
    /// Parameters to start from in place of those.
    pub start: Option<StartRecipe>,
    /// Gradient descent, one stage after the other.
    #[serde(rename = "stage")]
    pub stages: Vec<StageRecipe>,
}

/// Runs to go on from: the mean of their parameters (Wortsman et al., "Model soups", 2022).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRecipe {
    /// Checkpoints of runs with the same sizes; their optimisers and places are not taken over.
    pub checkpoints: Vec<std::path::PathBuf>,
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
        self.model.check()?;
        if let Some(start) = &self.start
            && start.checkpoints.is_empty()
        {
            let problem = "start has 0 checkpoints, at least 1".to_owned();
            return Err(TrainError::Recipe(problem));
        }
        let with_body = self.model.body != BodyRecipe::Bag;
        self.stages
            .iter()
            .try_for_each(|stage| stage.check(with_body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: [&str; 3] = [
        include_str!("../../../training/bag.toml"),
        include_str!("../../../training/default.toml"),
        include_str!("../../../training/small.toml"),
    ];

    /// Those from which `default` and `small` begin.
    const STARTS: [&str; 3] = [
        include_str!("../../../training/small-floats.toml"),
        include_str!("../../../training/default-floats.toml"),
        include_str!("../../../training/default-long.toml"),
    ];

    #[test]
    fn recipes_that_others_start_from_are_recipes() {
        for text in STARTS {
            Recipe::parse(text).unwrap();
        }
    }

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
            ("row_bits = 2", "row_bits = 5", "row_bits is 5"),
            ("row_bits = 2", "row_bits = 4", "fine is 1024"),
            ("fine = 1024", "fine = 99999", "fine is 99999"),
            ("row_width = 128", "row_width = 129", "row_width is 129"),
            ("words = 15", "words = 99", "words is 99200"),
            ("measure_every = 400", "measure_every = 0", "every 0 steps"),
            ("seed = 1", "sed = 1", "sed"),
        ] {
            assert!(SHIPPED[0].contains(from), "the recipe has no {from}");
            let text = SHIPPED[0].replacen(from, to, 1);
            let error = Recipe::parse(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
