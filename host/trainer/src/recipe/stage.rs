//! What a stage of gradient descent does.

use crate::TrainError;
pub use crate::model::Part;
use serde::{Deserialize, Serialize};

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
    /// Highest learning rate of the body's matrices under Muon; without it they move as the rest of it does, by Adam.
    pub matrix_rate: Option<f32>,
    /// What is trained.
    #[serde(default)]
    pub train: Part,
    /// Weight of the penalty on normalised activations of the body that are far out: the mean
    /// over words of the sums of `max(0, |value| - 4)^2`. Not part of the reported loss.
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
    /// Weight of half the mean squared difference between similarities of two texts of a shard.
    #[serde(default)]
    pub squares: f32,
    /// Texts that come together because the teacher finds them alike; 1 for a random order.
    #[serde(default = "single")]
    pub neighbours: usize,
}

const fn single() -> usize {
    1
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
    /// Whether all pairs of a shard come from one source, so that they are harder to tell apart; those
    /// of small sources are put together by kind.
    #[serde(default)]
    pub one_source: bool,
    /// A source gives a share of the pairs that goes with the number of its pairs to this power: 1
    /// for all pairs alike, 0 for all sources alike.
    #[serde(default = "one")]
    pub balance: f32,
}

const fn one() -> f32 {
    1.0
}

impl StageRecipe {
    pub(super) fn check(&self, with_body: bool) -> Result<(), TrainError> {
        let name = &self.name;
        let refuse = |problem: String| Err(TrainError::Recipe(problem));
        if with_body && self.quantise && self.train == Part::Bag {
            return refuse(format!(
                "stage {name} quantises a body that it does not train"
            ));
        }
        if self.distillation.is_none() && self.contrastive.is_none() {
            return refuse(format!("stage {name} has nothing to learn from"));
        }
        if let Some(recipe) = &self.distillation
            && recipe.neighbours == 0
        {
            return refuse(format!("stage {name} groups 0 texts, at least 1"));
        }
        if self.measure_every == 0 || self.checkpoint_every == 0 {
            return refuse(format!("stage {name} measures or saves every 0 steps"));
        }
        Ok(())
    }
}
