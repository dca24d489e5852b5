//! A model in integers.

use super::linear::{Grid, IntegerLinear, multiplier};
use crate::model::Parameters;
use crate::network::{BodyUnits, Layer, Linear, Matrix, WIDE_UNIT};
use crate::quantise::{Levels, fitted_scale};
use memt_core::encoder::ops::requantise;
use rayon::prelude::*;

/// The integers of a transformer and of its bag, as they ship.
#[derive(Clone, Debug)]
pub(crate) struct IntegerBody {
    pub(crate) units: BodyUnits,
    /// What one step of a row times its scale is worth.
    pub(crate) row_unit: f32,
    pub(crate) input: IntegerLinear,
    pub(crate) positions: Option<IntegerPositions>,
    pub(crate) layers: Vec<IntegerLayer>,
    pub(crate) pooled: IntegerLinear,
    /// The projection of the bag.
    pub(crate) bag: IntegerLinear,
}

/// What is added to the stream at each place of a window.
#[derive(Clone, Debug)]
pub(crate) struct IntegerPositions {
    /// `[W, D]`, flat.
    pub(crate) numbers: Vec<i8>,
    /// `[W]`: from numbers to steps of the stream, times 2^24.
    pub(crate) multipliers: Vec<u32>,
    /// `[W, D]`, flat: in steps of the stream.
    pub(crate) steps: Vec<i32>,
}

/// The integers of a layer.
#[derive(Clone, Debug)]
pub(crate) struct IntegerLayer {
    pub(crate) joint: IntegerLinear,
    pub(crate) context: IntegerLinear,
    pub(crate) expand: IntegerLinear,
    pub(crate) contract: IntegerLinear,
}

impl IntegerBody {
    /// Rounds projection and body of `trained`, and writes the numbers that the integers stand for to
    /// `shown`. None for a bag.
    pub(crate) fn of(
        trained: &Parameters,
        units: &BodyUnits,
        row_unit: f32,
        shown: &mut Parameters,
    ) -> Option<Self> {
        let (width, levels) = (trained.row_width, units.weights);
        let body = trained.body.as_ref()?;
        let shown_body = shown.body.get_or_insert_with(|| body.clone());
        let stream = [units.stream];
        let embedding = [units.embedding];
        let from_norm = |outputs| Grid {
            levels,
            input: units.norm(),
            outputs,
        };
        let to_embedding = Grid {
            levels: Levels::Bits8,
            input: WIDE_UNIT,
            outputs: &embedding,
        };
        let layers = body.layers.par_iter().zip(&mut shown_body.layers);
        let layers = layers
            .enumerate()
            .map(|(index, (trained, shown))| IntegerLayer::of(trained, units, index, shown))
            .collect();
        let mut positions = None;
        if let (Some(trained), Some(shown)) = (&body.positions, &mut shown_body.positions) {
            positions = Some(IntegerPositions::of(trained, units.stream, shown));
        }
        let outputs = trained.projection.len() / width;
        let bag = Linear::of_rows(width, &trained.projection);
        let mut shown_bag = Linear::zeros(width, outputs);
        let made = Self {
            units: units.clone(),
            row_unit,
            input: IntegerLinear::of(&body.input, from_norm(&stream), &mut shown_body.input),
            positions,
            layers,
            pooled: IntegerLinear::of(&body.pooled, to_embedding, &mut shown_body.pooled),
            bag: IntegerLinear::of(&bag, to_embedding, &mut shown_bag),
        };
        shown.projection.copy_from_slice(shown_bag.weight.values());
        Some(made)
    }
}

impl IntegerLayer {
    fn of(trained: &Layer, body: &BodyUnits, index: usize, shown: &mut Layer) -> Self {
        let (units, stream) = (&body.layers[index], &[body.stream]);
        let grid = |input, outputs| Grid {
            levels: body.weights,
            input,
            outputs,
        };
        let values = units.value();
        let hidden = [units.hidden];
        Self {
            joint: IntegerLinear::of(
                &trained.joint,
                grid(body.norm(), &units.joint),
                &mut shown.joint,
            ),
            context: IntegerLinear::of(&trained.context, grid(values, stream), &mut shown.context),
            expand: IntegerLinear::of(
                &trained.expand,
                grid(body.norm(), &hidden),
                &mut shown.expand,
            ),
            contract: IntegerLinear::of(
                &trained.contract,
                grid(units.hidden, stream),
                &mut shown.contract,
            ),
        }
    }
}

impl IntegerPositions {
    fn of(trained: &Matrix, stream: f32, shown: &mut Matrix) -> Self {
        let mut made = Self {
            numbers: Vec::with_capacity(trained.values().len()),
            multipliers: Vec::with_capacity(trained.rows()),
            steps: Vec::with_capacity(trained.values().len()),
        };
        for place in 0..trained.rows() {
            let row = trained.row(place);
            let scale = fitted_scale(row, Levels::Bits8);
            let multiplier = multiplier(f64::from(scale) / f64::from(stream));
            made.multipliers.push(multiplier);
            for (number, shown) in row.iter().zip(shown.row_mut(place)) {
                let number = Levels::Bits8.round(number / scale);
                let steps = requantise(number as i32, multiplier);
                made.numbers.push(number as i8);
                made.steps.push(steps);
                *shown = steps as f32 * stream;
            }
        }
        made
    }
}
