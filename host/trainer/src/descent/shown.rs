//! The parameters that the forward pass sees.

use super::state::State;
use crate::model::Parameters;
use crate::quantise::{self, QuantisedRows, RowGrid};

/// Either the trained floats, or the integers that would ship, as floats; gradients with respect to
/// these are applied to the trained floats (straight-through: Bengio et al., "Estimating or
/// Propagating Gradients Through Stochastic Neurons", 2013).
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) parameters: Parameters,
    pub(crate) grid: Option<RowGrid>,
}

impl Shown {
    /// What a stage that begins or goes on at `state` shows.
    pub(crate) fn of(state: &State) -> Self {
        let mut parameters = state.parameters.clone();
        let width = parameters.row_width;
        if let Some(grid) = state.grid {
            let rows = QuantisedRows::of(&state.parameters.rows, width, grid);
            let numbers = rows.values.chunks(width).zip(&rows.scales);
            parameters.rows = numbers
                .flat_map(|(values, &scale)| {
                    let step = f32::from(scale) * grid.unit;
                    values.iter().map(move |&value| f32::from(value) * step)
                })
                .collect();
        }
        let mut shown = Self {
            parameters,
            grid: state.grid,
        };
        shown.refresh_projection(&state.parameters);
        shown.refresh_body(&state.parameters);
        shown
    }

    /// Shows the trained projection anew.
    pub(crate) fn refresh_projection(&mut self, trained: &Parameters) {
        self.parameters.projection = match self.grid {
            Some(_) => {
                let width = trained.row_width;
                quantise::quantise_projection(&trained.projection, width).floats(width)
            }
            None => trained.projection.clone(),
        };
    }
}

impl Shown {
    /// Shows the trained body anew.
    pub(crate) fn refresh_body(&mut self, trained: &Parameters) {
        self.parameters.body.clone_from(&trained.body);
    }
}

/// Shows a trained row anew.
pub(super) fn refresh_row(
    trained: &[f32],
    grid: Option<RowGrid>,
    values: &mut [i8],
    shown: &mut [f32],
) {
    let Some(grid) = grid else {
        shown.copy_from_slice(trained);
        return;
    };
    let step = f32::from(quantise::quantise_row(trained, grid, values)) * grid.unit;
    for (shown, &value) in shown.iter_mut().zip(values.iter()) {
        *shown = f32::from(value) * step;
    }
}
