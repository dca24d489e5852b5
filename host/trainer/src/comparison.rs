//! Training steps on a made-up problem, which other frameworks can be timed on too.
//!
//! The transformer of the default recipe over a table of random rows learns random vectors:
//! [`TEXTS`] texts of [`WORDS`] known words a step. [`Steps::write`] leaves every number that another
//! implementation needs; `comparison/pytorch.py` beside this package is one.

use crate::TrainError;
use crate::corpus::teacher::TeacherVectors;
use crate::descent::{Batch, Material, PairOrder, Rates, Shown, State, TextOrder, Workspace};
use crate::model::{Parameters, Passages};
use crate::network::Tensors;
use crate::quantise::{Levels, RowGrid, calibrate, smallest_unit};
use crate::random::Random;
use crate::recipe::{Recipe, StageRecipe};
use crate::run::write_whole;
use crate::stages;
use crate::vocabulary::{TextStore, Token};
use memt_core::embedding::DIMENSIONS;
use std::path::Path;

/// Texts a step, in two shards.
pub const TEXTS: usize = 512;

/// Words a text.
pub const WORDS: usize = 14;

/// Steps until the texts come again.
const BATCHES: usize = 4;

/// What a recipe that says nothing has.
const NORM_BITS: u8 = 4;

/// Learning rate of everything.
const RATE: f32 = 1e-3;

const RECIPE: &str = include_str!("../comparison/recipe.toml");

/// A model in training.
#[derive(Debug)]
pub struct Steps {
    stage: StageRecipe,
    material: Material,
    state: State,
    shown: Shown,
    work: Workspace,
    order: TextOrder,
}

impl Steps {
    /// The problem before its first step; with `quantise`, steps of a stage whose forward pass
    /// computes with the integers that would ship.
    ///
    /// # Errors
    /// None; the recipe is part of the package.
    pub fn new(quantise: bool) -> Result<Self, TrainError> {
        let recipe = Recipe::parse(RECIPE)?;
        let width = usize::from(recipe.model.row_width);
        let rows = (recipe.model.words + recipe.model.ngrams) as usize;
        let mut random = Random::keyed([recipe.seed, 0, 0]);
        let mut parameters = Parameters {
            row_width: width,
            rows: (0..rows * width).map(|_| random.normal()).collect(),
            projection: (0..DIMENSIONS * width).map(|_| random.normal()).collect(),
            body: None,
        };
        parameters.body = stages::initial_body(&recipe, &parameters);
        if let Some(body) = &mut parameters.body {
            let pooled = body.pooled.weight.values_mut();
            pooled.fill_with(|| random.normal());
        }
        let texts = TEXTS * BATCHES;
        // Few rows are frequent, as few words are.
        let tokens = (0..texts * WORDS).map(|_| {
            let row = (0..3).fold(rows, |range, _| 1 + random.below(range));
            Token {
                row: row as u32 - 1,
                share: 1.0,
            }
        });
        let tokens = tokens.collect();
        let material = Material {
            texts: TextStore::of_tokens(tokens, WORDS),
            vectors: TeacherVectors::random(texts, &mut random),
            pair_texts: TextStore::default(),
            negatives: Vec::new(),
            origins: Vec::new(),
        };
        let mut state = State::new(parameters);
        if quantise {
            let chosen = (0..TEXTS).map(|text| material.texts.text(text));
            let passages = Passages::groups(chosen, WORDS, usize::MAX);
            let levels = Levels::Bits4;
            let units = calibrate(&state.parameters, &passages, levels, NORM_BITS);
            let unit = smallest_unit(&state.parameters.rows, levels);
            state.enter(0, Some(RowGrid { levels, unit }), units);
        }
        Ok(Self {
            stage: recipe.stages[0].clone(),
            material,
            shown: Shown::of(&state),
            state,
            work: Workspace::default(),
            order: TextOrder::as_stored(),
        })
    }

    /// Makes a step and returns the loss before it.
    pub fn step(&mut self) -> f32 {
        let (material, step) = (&self.material, self.state.step);
        let mut pairs = PairOrder::default();
        let batch = Batch::draw(
            &self.stage,
            WORDS,
            step,
            material,
            &mut self.order,
            &mut pairs,
        );
        self.state.step += 1;
        let rates = Rates {
            rows: RATE,
            projection: RATE,
            body: RATE,
            matrices: None,
            decay: 0.0,
            longest: f32::INFINITY,
        };
        batch.descend(
            material,
            &mut self.state,
            &mut self.shown,
            rates,
            &mut self.work,
        )
    }

    /// Writes the numbers of the problem, little-endian: `tokens.u32` `[4 x 512, 14]`, `targets.f32`
    /// `[4 x 512, 128]`, `rows.f32`, `projection.f32`, and the body's tensors one after another in
    /// `body.f32`: input map and bias, positions, for each layer the joint map and its bias, the same
    /// of context, expand and contract, then the map of pooled tokens and its bias.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(folder).map_err(TrainError::file(folder))?;
        let texts = &self.material.texts;
        let tokens = (0..texts.len()).flat_map(|text| texts.text(text));
        let tokens: Vec<u8> = tokens.flat_map(|token| token.row.to_le_bytes()).collect();
        write_whole(&folder.join("tokens.u32"), &tokens)?;
        let targets = self.material.vectors.gather(0..texts.len());
        let parameters = &self.state.parameters;
        let body: Vec<f32> = parameters
            .body
            .iter()
            .flat_map(Tensors::tensors)
            .flatten()
            .copied()
            .collect();
        for (name, numbers) in [
            ("targets.f32", &targets.into_iter().collect()),
            ("rows.f32", &parameters.rows),
            ("projection.f32", &parameters.projection),
            ("body.f32", &body),
        ] {
            let numbers: &Vec<f32> = numbers;
            let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
            write_whole(&folder.join(name), &bytes.collect::<Vec<u8>>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `comparison/pytorch.py` computes from the same numbers. Step 0 checks the forward pass,
    /// steps 1 to 3, whose texts are new, the gradients of projection and body; the bound of step 4,
    /// which sees the texts of step 0 again, is wider because `SparseAdam` corrects the moments of a
    /// row by the number of steps, not of its updates.
    #[test]
    fn losses_are_those_of_pytorch() {
        let mut steps = Steps::new(false).unwrap();
        for (expected, bound) in [
            (2.619_468_7, 1e-5),
            (2.627_103, 1e-4),
            (2.580_664_2, 1e-4),
            (2.562_121_9, 1e-4),
            (2.530_874_3, 1e-3),
        ] {
            let loss = steps.step();
            assert!((loss - expected).abs() < bound, "{loss}, not {expected}");
        }
    }
}
