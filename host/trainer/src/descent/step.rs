//! A step of gradient descent.
//!
//! Texts of all shards are encoded in groups of about equally many words, in parallel; then every
//! shard makes its loss and the gradient by its embeddings; then the groups go back. Groups and the
//! order of sums depend on the batch alone, so a step gives the same bits for any number of threads.

use super::adam::Rates;
use super::batch::{Batch, Material, Shard};
use super::occurrences::Occurrences;
use super::shown::Shown;
use super::state::State;
use crate::loss;
use crate::model::{Gradient, Model, Part, Pass, Passages, Units};
use crate::network::{Matrix, dot, view};
use crate::recipe::DistillationRecipe;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Words that a group has at least: few enough for its matrices to stay in a core's cache, enough
/// for products at full speed.
const GROUP_WORDS: usize = 512;

/// Memory of a step that the next one uses again.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    groups: Vec<Group>,
    /// `[N, D]`: embeddings of the batch, then the gradient by them.
    embeddings: Matrix,
    /// `[T, R]` or `[N, R]`: gradient by sums of rows.
    sums: Matrix,
}

#[derive(Debug, Default)]
struct Group {
    pass: Pass,
    grad_embeddings: Matrix,
}

impl Batch {
    /// Makes the step and returns its loss.
    pub(crate) fn descend(
        &self,
        material: &Material,
        state: &mut State,
        shown: &mut Shown,
        rates: Rates,
        work: &mut Workspace,
    ) -> f32 {
        let part = self.part;
        let passages = Passages::groups(self.texts(material), self.longest, GROUP_WORDS);
        work.forward(shown.model(), &passages, part);
        let loss = self.losses(material, &mut work.embeddings);
        work.backward(shown.model(), &passages, self);
        work.update(&passages, part, state, shown, rates);
        loss
    }

    /// The sum of all losses; replaces `embeddings` by the gradient by them.
    fn losses(&self, material: &Material, embeddings: &mut Matrix) -> f32 {
        let columns = embeddings.columns();
        let mut rest = embeddings.values_mut();
        let mut parts = Vec::with_capacity(self.shards.len());
        for shard in &self.shards {
            let (part, after) = rest.split_at_mut(shard.indices().len() * columns);
            parts.push((shard, part));
            rest = after;
        }
        let losses: Vec<f32> = parts
            .into_par_iter()
            .map(|(shard, part)| {
                let (loss, gradient) =
                    shard.loss(material, view(part.len() / columns, columns, part));
                for (value, gradient) in part.iter_mut().zip(gradient) {
                    *value = gradient;
                }
                loss
            })
            .collect();
        losses.iter().sum()
    }
}

impl Workspace {
    fn forward(&mut self, model: Model<'_>, passages: &[Passages<'_>], part: Part) {
        if self.groups.len() < passages.len() {
            self.groups.resize_with(passages.len(), Group::default);
        }
        let groups = self.groups.par_iter_mut().with_max_len(1);
        groups.zip(passages).for_each(|(group, passages)| {
            group.pass.forward(model, passages, part);
        });
        let texts = passages.iter().map(|passages| passages.lengths.len()).sum();
        self.embeddings
            .resize(texts, model.parameters.projection().nrows());
        let mut rest = self.embeddings.values_mut();
        for (group, _) in self.groups.iter().zip(passages) {
            let values = group.pass.embeddings.values();
            let (part, after) = rest.split_at_mut(values.len());
            part.copy_from_slice(values);
            rest = after;
        }
    }

    fn backward(&mut self, model: Model<'_>, passages: &[Passages<'_>], batch: &Batch) {
        let words: usize = passages.iter().map(|passages| passages.words.len()).sum();
        let pull = 2.0 * batch.saturation / words.max(1) as f32;
        let columns = self.embeddings.columns();
        let mut rest = self.embeddings.values();
        for (group, passages) in self.groups.iter_mut().zip(passages) {
            let texts = passages.lengths.len();
            let (gradient, after) = rest.split_at(texts * columns);
            group.grad_embeddings.resize(texts, columns);
            group.grad_embeddings.values_mut().copy_from_slice(gradient);
            rest = after;
        }
        let groups = self.groups.par_iter_mut().with_max_len(1);
        groups.zip(passages).for_each(|(group, passages)| {
            let gradient = &group.grad_embeddings;
            group
                .pass
                .backward(model, passages, batch.part, pull, gradient);
        });
    }

    fn update(
        &mut self,
        passages: &[Passages<'_>],
        part: Part,
        state: &mut State,
        shown: &mut Shown,
        rates: Rates,
    ) {
        let groups = &mut self.groups[..passages.len()];
        gather_sums(groups, &mut self.sums);
        let with_body = part == Part::All && state.parameters.body.is_some();
        let Some(gradient) = add_up(groups, with_body) else {
            return;
        };
        shorten(gradient, with_body, &mut self.sums, rates.longest);
        let rows = state.row_moments.updates.len();
        let occurrences = if with_body {
            let words = passages
                .iter()
                .flat_map(|passages| passages.words.iter().copied());
            Occurrences::of(rows, words)
        } else {
            let texts = passages
                .iter()
                .flat_map(|passages| passages.texts.iter().copied());
            Occurrences::of(rows, texts)
        };
        state.update_rows(shown, &occurrences, self.sums.view(), rates);
        state.update_projection(gradient.projection.values(), rates);
        if let Some(body) = gradient.body.as_ref().filter(|_| with_body) {
            state.update_body(body, rates);
        }
        shown.refresh_dense(&state.parameters);
    }
}

/// The gradients by sums of rows of all groups, one below the other.
fn gather_sums(groups: &[Group], sums: &mut Matrix) {
    let parts = || groups.iter().map(|group| &group.pass.gradient.sums);
    let columns = parts().next().map_or(0, Matrix::columns);
    sums.resize(parts().map(Matrix::rows).sum(), columns);
    let mut rest = sums.values_mut();
    for part in parts() {
        let (values, after) = rest.split_at_mut(part.values().len());
        values.copy_from_slice(part.values());
        rest = after;
    }
}

/// Adds the gradients by projection and body of all groups to those of the first, which it returns.
fn add_up(groups: &mut [Group], with_body: bool) -> Option<&mut Gradient> {
    let (first, others) = groups.split_first_mut()?;
    let others: Vec<Vec<&[f32]>> = others
        .iter()
        .map(|group| group.pass.gradient.tensors(with_body))
        .collect();
    let sums = first.pass.gradient.tensors_mut(with_body);
    sums.into_par_iter().enumerate().for_each(|(index, sum)| {
        for other in &others {
            for (sum, value) in sum.iter_mut().zip(other[index]) {
                *sum += value;
            }
        }
    });
    Some(&mut first.pass.gradient)
}

/// Shrinks all gradients if those by projection and body are longer than `longest` together.
fn shorten(gradient: &mut Gradient, with_body: bool, sums: &mut Matrix, longest: f32) {
    let squares = gradient.tensors(with_body).into_iter();
    let length = squares
        .map(|tensor| dot(tensor, tensor))
        .sum::<f32>()
        .sqrt();
    if length <= longest {
        return;
    }
    let share = longest / length;
    let tensors = gradient.tensors_mut(with_body).into_iter();
    for value in tensors.chain([sums.values_mut()]).flatten() {
        *value *= share;
    }
}

impl Shard {
    /// The loss and its gradient by `embeddings` `[n, D]`.
    fn loss(&self, material: &Material, embeddings: ArrayView2<'_, f32>) -> (f32, Array2<f32>) {
        let units = Units::of(embeddings);
        let mut gradient = Array2::zeros(units.values.raw_dim());
        let loss = match self {
            Self::Texts { indices, recipe } => {
                let teacher = material
                    .vectors
                    .gather(indices.iter().map(|&index| index as usize));
                distillation(recipe, &units.values, &teacher, &mut gradient)
            }
            Self::Pairs { pairs, recipe, .. } => {
                let weight = recipe.weight / recipe.shards as f32;
                loss::contrastive(
                    &units.values,
                    *pairs,
                    recipe.temperature,
                    weight,
                    &mut gradient,
                )
            }
        };
        units.backward(&mut gradient);
        (loss, gradient)
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
    if recipe.squares > 0.0 {
        loss += loss::similarity_squares(units, teacher, recipe.squares / shards, gradient);
    }
    loss
}
