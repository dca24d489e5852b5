//! The parameters that the forward pass sees.

use super::state::State;
use crate::integer::IntegerBody;
use crate::model::{Model, Parameters};
use crate::network::BodyUnits;
use crate::quantise::{self, RowGrid};
use rayon::prelude::*;

/// Either the trained floats, or the integers that would ship, as floats; gradients with respect to
/// these are applied to the trained floats (straight-through: Bengio et al., "Estimating or
/// Propagating Gradients Through Stochastic Neurons", 2013).
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) parameters: Parameters,
    pub(crate) grid: Option<RowGrid>,
    units: Option<BodyUnits>,
    pub(crate) integers: Option<IntegerBody>,
}

impl Shown {
    /// What a stage that begins or goes on at `state` shows.
    pub(crate) fn of(state: &State) -> Self {
        let mut parameters = state.parameters.clone();
        let width = parameters.row_width;
        if let Some(grid) = state.grid {
            let rows = parameters.rows.par_chunks_mut(width);
            let trained = state.parameters.rows.par_chunks(width);
            rows.zip(trained)
                .enumerate()
                .for_each(|(row, (shown, trained))| {
                    let grid = (grid, refined(&state.fine, row));
                    refresh_row(trained, Some(grid), &mut vec![0; width], shown);
                });
        }
        let mut shown = Self {
            parameters,
            grid: state.grid,
            units: state.units.clone(),
            integers: None,
        };
        shown.refresh_dense(&state.parameters);
        shown
    }

    /// What a pass computes with.
    pub(crate) fn model(&self) -> Model<'_> {
        Model {
            parameters: &self.parameters,
            integers: self.integers.as_ref(),
        }
    }

    /// Shows the trained projection and body anew.
    pub(crate) fn refresh_dense(&mut self, trained: &Parameters) {
        match (self.grid, &self.units) {
            (Some(grid), Some(units)) => {
                self.integers = IntegerBody::of(trained, units, grid.unit, &mut self.parameters);
            }
            (Some(_), None) => {
                let width = trained.row_width;
                self.parameters.projection =
                    quantise::quantise_projection(&trained.projection, width).floats(width);
            }
            (None, _) => {
                self.parameters.projection.clone_from(&trained.projection);
                self.parameters.body.clone_from(&trained.body);
            }
        }
    }
}

/// Whether `row` is among the rows with a second row.
pub(super) fn refined(fine: &[u32], row: usize) -> bool {
    fine.binary_search(&(row as u32)).is_ok()
}

/// Shows a trained row anew; on a grid, with a second row for what the first leaves, or without.
pub(super) fn refresh_row(
    trained: &[f32],
    grid: Option<(RowGrid, bool)>,
    values: &mut [i8],
    shown: &mut [f32],
) {
    let Some((grid, refined)) = grid else {
        shown.copy_from_slice(trained);
        return;
    };
    let step = f32::from(quantise::quantise_row(trained, grid, values)) * grid.unit;
    for (shown, &value) in shown.iter_mut().zip(values.iter()) {
        *shown = f32::from(value) * step;
    }
    if refined {
        let left: Vec<f32> = trained.iter().zip(&*shown).map(|(x, y)| x - y).collect();
        let step = f32::from(quantise::quantise_row(&left, grid, values)) * grid.unit;
        for (shown, &value) in shown.iter_mut().zip(values.iter()) {
            *shown += f32::from(value) * step;
        }
    }
}
