//! A batch: shards that are computed in parallel, each with a loss of its own.

use super::adam::Rates;
use super::occurrences::Occurrences;
use super::shown::Shown;
use super::state::State;
use crate::corpus::teacher::TeacherVectors;
use crate::loss;
use crate::model::{self, Parameters};
use crate::random::Order;
use crate::recipe::{ContrastiveRecipe, DistillationRecipe, StageRecipe};
use crate::vocabulary::{TextStore, Token};
use ndarray::{Array2, Axis, concatenate};
use rayon::prelude::*;

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
}

/// The shards of one step.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    shards: Vec<Shard>,
}

#[derive(Clone, Debug)]
enum Shard {
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

/// What a shard gives back.
struct ShardGradients {
    loss: f32,
    /// `[T, R]`
    sums: Array2<f32>,
    /// `[D, R]`
    projection: Array2<f32>,
}

impl Batch {
    /// The batch of step `step`, the same whenever it is asked for.
    pub(crate) fn draw(
        stage: &StageRecipe,
        step: u64,
        material: &Material,
        texts: &mut Order,
        pairs: &mut Order,
    ) -> Self {
        let mut shards = Vec::new();
        if let Some(recipe) = &stage.distillation {
            let count = recipe.shards * recipe.texts;
            let drawn = texts.take(step * count as u64, count);
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
        Self { shards }
    }

    /// How many texts a step encodes.
    pub(crate) fn samples(&self) -> usize {
        self.shards.iter().map(|shard| shard.indices().len()).sum()
    }

    /// Makes the step and returns its loss.
    pub(crate) fn descend(
        &self,
        material: &Material,
        state: &mut State,
        shown: &mut Shown,
        rates: Rates,
    ) -> f32 {
        let gradients: Vec<ShardGradients> = self
            .shards
            .par_iter()
            .map(|shard| shard.gradients(material, &shown.parameters))
            .collect();
        let mut projection = Array2::zeros(shown.parameters.projection().raw_dim());
        for shard in &gradients {
            projection += &shard.projection;
        }
        let sums: Vec<_> = gradients.iter().map(|shard| shard.sums.view()).collect();
        let sums = concatenate(Axis(0), &sums)
            .unwrap_or_else(|error| unreachable!("shards have one width: {error}"));
        let rows = state.parameters.rows.len() / state.parameters.row_width;
        let texts = self.shards.iter().flat_map(|shard| shard.tokens(material));
        let occurrences = Occurrences::of(rows, texts);
        state.update_rows(shown, &occurrences, &sums, rates);
        let projection: Vec<f32> = projection.into_iter().collect();
        state.update_projection(shown, &projection, rates);
        gradients.iter().map(|shard| shard.loss).sum()
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
    fn indices(&self) -> &[u32] {
        match self {
            Self::Texts { indices, .. } | Self::Pairs { indices, .. } => indices,
        }
    }

    fn tokens<'m>(
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

    fn gradients(&self, material: &Material, parameters: &Parameters) -> ShardGradients {
        let embedded = model::embed(parameters, self.tokens(material));
        let mut gradient = Array2::zeros(embedded.units.raw_dim());
        let loss = match self {
            Self::Texts { indices, recipe } => {
                let teacher = material
                    .vectors
                    .gather(indices.iter().map(|&index| index as usize));
                distillation(recipe, &embedded.units, &teacher, &mut gradient)
            }
            Self::Pairs { pairs, recipe, .. } => {
                let weight = recipe.weight / recipe.shards as f32;
                loss::contrastive(
                    &embedded.units,
                    *pairs,
                    recipe.temperature,
                    weight,
                    &mut gradient,
                )
            }
        };
        let gradient = model::unit_gradient(&embedded, gradient);
        ShardGradients {
            loss,
            projection: model::projection_gradient(&embedded, &gradient),
            sums: model::sum_gradient(parameters, &gradient),
        }
    }
}

fn distillation(
    recipe: &DistillationRecipe,
    units: &Array2<f32>,
    teacher: &Array2<f32>,
    gradient: &mut Array2<f32>,
) -> f32 {
    let shards = recipe.shards as f32;
    let mut loss = 0.0;
    if recipe.cosine > 0.0 {
        loss += loss::cosine_to_teacher(units, teacher, recipe.cosine / shards, gradient);
    }
    if recipe.similarity > 0.0 {
        let weight = recipe.similarity / shards;
        loss += loss::similarity_rows(units, teacher, recipe.temperature, weight, gradient);
    }
    loss
}
