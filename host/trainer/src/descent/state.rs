//! Everything that a run carries from one step to the next.

use super::adam::{Rates, RowMoments, RowUpdate};
use super::muon;
use super::occurrences::Occurrences;
use super::shown::{Shown, refined, refresh_row};
use crate::model::Parameters;
use crate::network::{BodyUnits, Tensors, Transformer};
use crate::quantise::RowGrid;
use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Parameters, optimiser and place in the recipe: what a checkpoint holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// First, so that another run can start from them whatever else this one carried; the next three follow them
    /// for its card.
    pub(crate) parameters: Parameters,
    /// Stage of the recipe, from 0.
    pub(crate) stage: usize,
    /// Steps made in the stage.
    pub(crate) step: u64,
    /// Seconds of training so far, for the card.
    pub(crate) seconds: f64,
    pub(crate) row_moments: RowMoments,
    pub(crate) projection_moments: RowMoments,
    /// One a tensor of the body.
    pub(crate) body_moments: Vec<RowMoments>,
    /// The grid of a quantised stage.
    pub(crate) grid: Option<RowGrid>,
    /// The rows with a second row in a quantised stage, ascending.
    pub(crate) fine: Vec<u32>,
    /// The units of a body in a quantised stage.
    pub(crate) units: Option<BodyUnits>,
}

/// Rows that one piece of parallel work updates.
const PIECE_ROWS: usize = 256;

impl State {
    pub(crate) fn new(parameters: Parameters) -> Self {
        let width = parameters.row_width;
        let rows = parameters.rows.len() / width;
        Self {
            stage: 0,
            step: 0,
            seconds: 0.0,
            row_moments: RowMoments::new(rows, width),
            projection_moments: RowMoments::new(1, parameters.projection.len()),
            body_moments: body_moments(&parameters),
            parameters,
            grid: None,
            fine: Vec::new(),
            units: None,
        }
    }

    /// Goes to the beginning of a stage with a fresh optimiser.
    pub(crate) fn enter(&mut self, stage: usize, grid: Option<RowGrid>, units: Option<BodyUnits>) {
        let width = self.parameters.row_width;
        self.stage = stage;
        self.step = 0;
        self.grid = grid;
        self.units = units;
        self.row_moments = RowMoments::new(self.parameters.rows.len() / width, width);
        self.projection_moments = RowMoments::new(1, self.parameters.projection.len());
        self.body_moments = body_moments(&self.parameters);
    }

    /// Moves the rows that occur in a batch against the gradients by its sums of rows (`[T, R]`).
    pub(crate) fn update_rows(
        &mut self,
        shown: &mut Shown,
        occurrences: &Occurrences,
        gradients: ArrayView2<'_, f32>,
        rates: Rates,
    ) {
        let width = self.parameters.row_width;
        let piece = PIECE_ROWS * width;
        let (grid, fine) = (shown.grid, &self.fine);
        let rows = self.parameters.rows.par_chunks_mut(piece);
        let first = self.row_moments.first.par_chunks_mut(piece);
        let second = self.row_moments.second.par_chunks_mut(piece);
        let updates = self.row_moments.updates.par_chunks_mut(PIECE_ROWS);
        let shown = shown.parameters.rows.par_chunks_mut(piece);
        let pieces = rows
            .zip(first)
            .zip(second)
            .zip(updates)
            .zip(shown)
            .enumerate();
        pieces.for_each(|(piece, ((((rows, first), second), updates), shown))| {
            let mut gradient = vec![0.0; width];
            let mut values = vec![0; width];
            for (local, updates) in updates.iter_mut().enumerate() {
                let row = piece * PIECE_ROWS + local;
                let places = occurrences.row(row);
                if places.is_empty() {
                    continue;
                }
                sum_gradients(places, &gradients, &mut gradient);
                let range = local * width..(local + 1) * width;
                let update = RowUpdate {
                    row: &mut rows[range.clone()],
                    first: &mut first[range.clone()],
                    second: &mut second[range.clone()],
                    updates,
                };
                update.apply(&gradient, rates.rows, 0.0);
                let grid = grid.map(|grid| (grid, refined(fine, row)));
                refresh_row(&rows[range.clone()], grid, &mut values, &mut shown[range]);
            }
        });
    }

    /// Moves the projection against its gradient (`[D, R]`).
    pub(crate) fn update_projection(&mut self, gradient: &[f32], rates: Rates) {
        let projection = &mut self.parameters.projection;
        self.projection_moments
            .move_whole(projection, gradient, rates.projection, rates.decay);
    }

    /// Moves the body against its gradient.
    pub(crate) fn update_body(&mut self, gradient: &Transformer, rates: Rates) {
        let Some(body) = &mut self.parameters.body else {
            return;
        };
        let shapes = body.shapes();
        let tensors = body.tensors_mut().into_par_iter().zip(gradient.tensors());
        tensors.zip(&mut self.body_moments).zip(shapes).for_each(
            |(((values, gradient), moments), shape)| match rates.matrices.zip(shape) {
                Some((rate, shape)) => {
                    muon::apply(
                        values,
                        gradient,
                        &mut moments.first,
                        shape,
                        rate,
                        rates.decay,
                    );
                }
                None => moments.move_whole(values, gradient, rates.body, rates.decay),
            },
        );
    }
}

fn body_moments(parameters: &Parameters) -> Vec<RowMoments> {
    let tensors = parameters.body.iter().flat_map(Tensors::tensors);
    tensors
        .map(|tensor| RowMoments::new(1, tensor.len()))
        .collect()
}

fn sum_gradients(places: &[(u32, f32)], gradients: &ArrayView2<'_, f32>, sum: &mut [f32]) {
    sum.fill(0.0);
    for &(text, share) in places {
        let row = gradients.row(text as usize);
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += share * value;
        }
    }
}
