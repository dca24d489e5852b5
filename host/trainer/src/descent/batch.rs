//! What a step learns from: shards, each with a loss of its own.

use super::pair_order::PairOrder;
use super::text_order::TextOrder;
use crate::corpus::teacher::TeacherVectors;
use crate::model::Part;
use crate::recipe::{ContrastiveRecipe, DistillationRecipe, StageRecipe};
use crate::vocabulary::{TextStore, Token};

/// What stages learn from, tokenised.
#[derive(Debug)]
pub(crate) struct Material {
    /// The teacher's texts.
    pub(crate) texts: TextStore,
    /// The teacher's vectors of them.
    pub(crate) vectors: TeacherVectors,
    /// All a, then all b, then the hard negatives.
    pub(crate) pair_texts: TextStore,
    /// For each pair the place of its hard negative among `pair_texts`.
    pub(crate) negatives: Vec<Option<u32>>,
    /// Where each pair comes from.
    pub(crate) origins: Vec<Origin>,
}

/// Where a pair comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) source: String,
    pub(crate) kind: String,
}

/// The shards of one step.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(super) shards: Vec<Shard>,
    /// What the step trains.
    pub(super) part: Part,
    /// Most words of a text that it learns from.
    pub(super) longest: usize,
    /// Weight of the penalty on outliers, the mean over words.
    pub(super) saturation: f32,
}

/// Texts that are compared with each other.
#[derive(Clone, Debug)]
pub(super) enum Shard {
    Texts {
        indices: Vec<u32>,
        recipe: DistillationRecipe,
    },
    Pairs {
        /// B texts a, B texts b, hard negatives.
        indices: Vec<u32>,
        pairs: usize,
        recipe: ContrastiveRecipe,
    },
}

impl Batch {
    /// The batch of step `step` on the first `longest` words of every text, the same whenever it is asked for.
    pub(crate) fn draw(
        stage: &StageRecipe,
        longest: usize,
        step: u64,
        material: &Material,
        texts: &mut TextOrder,
        pairs: &mut PairOrder,
    ) -> Self {
        let mut shards = Vec::new();
        if let Some(recipe) = &stage.distillation {
            let count = recipe.shards * recipe.texts;
            let drawn = texts.take(&material.vectors, step * count as u64, count);
            shards.extend(drawn.chunks(recipe.texts).map(|indices| Shard::Texts {
                indices: indices.to_vec(),
                recipe: recipe.clone(),
            }));
        }
        if let Some(recipe) = &stage.contrastive {
            let count = recipe.shards * recipe.pairs;
            let drawn = pairs.take(step * count as u64, count);
            shards.extend(drawn.chunks(recipe.pairs).map(|chosen| Shard::Pairs {
                indices: material.pair_indices(chosen),
                pairs: chosen.len(),
                recipe: recipe.clone(),
            }));
        }
        Self {
            shards,
            part: stage.train,
            longest,
            saturation: stage.saturation,
        }
    }

    /// The tokens of every text of every shard.
    pub(super) fn texts<'m>(
        &'m self,
        material: &'m Material,
    ) -> impl Iterator<Item = &'m [Token]> + Clone {
        self.shards.iter().flat_map(|shard| shard.tokens(material))
    }

    /// How many texts a step encodes.
    pub(crate) fn samples(&self) -> usize {
        self.shards.iter().map(|shard| shard.indices().len()).sum()
    }
}

impl Material {
    fn pair_indices(&self, chosen: &[u32]) -> Vec<u32> {
        let pairs = self.negatives.len() as u32;
        let a = chosen.iter().copied();
        let b = chosen.iter().map(|index| index + pairs);
        let negatives = chosen
            .iter()
            .filter_map(|&index| self.negatives[index as usize]);
        a.chain(b).chain(negatives).collect()
    }
}

impl Shard {
    pub(super) fn indices(&self) -> &[u32] {
        match self {
            Self::Texts { indices, .. } | Self::Pairs { indices, .. } => indices,
        }
    }

    /// The tokens of every text.
    pub(super) fn tokens<'m>(
        &'m self,
        material: &'m Material,
    ) -> impl ExactSizeIterator<Item = &'m [Token]> + Clone {
        let store = match self {
            Self::Texts { .. } => &material.texts,
            Self::Pairs { .. } => &material.pair_texts,
        };
        self.indices()
            .iter()
            .map(|&index| store.text(index as usize))
    }
}
