//! A place in the plane for every memory, alike ones side by side: t-SNE (van der Maaten and Hinton,
//! 2008), begun at the principal components, so that one bank gives one picture.

use super::neighbourhood::affinities;
use super::vectors::principal_components;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Fewest vectors that t-SNE can arrange; fewer are shown along their principal components.
const FEWEST: usize = 6;

/// Steps of the descent.
const STEPS: usize = 400;

/// Steps in which belonging together counts [`EXAGGERATION`] times, so that groups find together.
const EXAGGERATED: usize = 100;
const EXAGGERATION: f32 = 12.0;

/// What is kept of the step before: first and after [`EXAGGERATED`] steps.
const MOMENTUM: [f32; 2] = [0.5, 0.8];

/// Least step size (Belkina and others, 2019, take N / 12 beyond it).
const LEAST_RATE: f32 = 50.0;

/// The first spread, small as in the paper.
const FIRST_SPREAD: f32 = 1e-4;

/// Places `[N, 2]` of unit vectors `[N, D]`.
pub(super) fn lay_out(vectors: &Array2<f32>) -> Vec<[f32; 2]> {
    let components = principal_components(vectors);
    let mut places: Vec<[f32; 2]> = components
        .rows()
        .into_iter()
        .map(|row| [row[0], row[1]])
        .collect();
    if places.len() < FEWEST {
        return places;
    }
    let squares: f32 = places.iter().map(|place| place[0] * place[0]).sum();
    let spread = (squares / places.len() as f32)
        .sqrt()
        .max(f32::MIN_POSITIVE);
    for coordinate in places.iter_mut().flatten() {
        *coordinate *= FIRST_SPREAD / spread;
    }
    descend(&affinities(vectors), &mut places);
    places
}

fn descend(joint: &Array2<f32>, places: &mut [[f32; 2]]) {
    let rate = (places.len() as f32 / EXAGGERATION).max(LEAST_RATE);
    let mut velocity = vec![[0f32; 2]; places.len()];
    let mut gains = vec![[1f32; 2]; places.len()];
    for step in 0..STEPS {
        let early = step < EXAGGERATED;
        let exaggeration = if early { EXAGGERATION } else { 1.0 };
        let momentum = MOMENTUM[usize::from(!early)];
        let gradients = gradients(joint, places, exaggeration);
        for (at, gradient) in gradients.iter().enumerate() {
            for axis in 0..2 {
                // Jacobs' rule, as the authors' code has it: faster while the direction stays.
                let (gain, speed) = (&mut gains[at][axis], &mut velocity[at][axis]);
                let turned = gradient[axis] * *speed > 0.0;
                *gain = if turned {
                    (*gain * 0.8).max(0.01)
                } else {
                    *gain + 0.2
                };
                *speed = momentum * *speed - rate * *gain * gradient[axis];
                places[at][axis] += *speed;
            }
        }
        centre(places);
    }
}

/// Equation 5: `4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)`.
fn gradients(joint: &Array2<f32>, places: &[[f32; 2]], exaggeration: f32) -> Vec<[f32; 2]> {
    let near = |a: [f32; 2], b: [f32; 2]| {
        let (x, y) = (a[0] - b[0], a[1] - b[1]);
        1.0 / (1.0 + x * x + y * y)
    };
    let sums = places.par_iter().map(|&own| {
        let sum: f32 = places.iter().map(|&other| near(own, other)).sum();
        // Its own term is 1.
        sum - 1.0
    });
    let sums: Vec<f32> = sums.collect();
    let scale = 1.0 / sums.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let rows = joint.axis_iter(Axis(0)).into_par_iter();
    let gradients = rows.zip(places).map(|(row, &own)| {
        let mut gradient = [0f32; 2];
        for (&p, &other) in row.iter().zip(places) {
            let q = near(own, other);
            let pull = 4.0 * (exaggeration * p - q * scale) * q;
            gradient[0] += pull * (own[0] - other[0]);
            gradient[1] += pull * (own[1] - other[1]);
        }
        gradient
    });
    gradients.collect()
}

fn centre(places: &mut [[f32; 2]]) {
    for axis in 0..2 {
        let sum: f32 = places.iter().map(|place| place[axis]).sum();
        let mean = sum / places.len() as f32;
        places.iter_mut().for_each(|place| place[axis] -= mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_lie_apart_and_one_input_gives_one_picture() {
        let mut state = 1u32;
        let mut vectors = Array2::from_shape_fn((90, 16), |(row, column)| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(row % 3 == column) + (state >> 16) as f32 / 65_536.0 * 0.3
        });
        for mut row in vectors.rows_mut() {
            let norm = row.dot(&row).sqrt();
            row /= norm;
        }
        let places = lay_out(&vectors);
        assert_eq!(places, lay_out(&vectors));
        let distance = |a: usize, b: usize| {
            let (a, b) = (places[a], places[b]);
            (a[0] - b[0]).hypot(a[1] - b[1])
        };
        let nearest = |own: usize| {
            let others = (0..90).filter(|&other| other != own);
            others.min_by(|&a, &b| distance(own, a).total_cmp(&distance(own, b)))
        };
        let right = (0..90).filter(|&own| nearest(own).unwrap() % 3 == own % 3);
        assert_eq!(right.count(), 90);
    }

    #[test]
    fn few_or_equal_vectors_have_finite_places() {
        for count in [0, 1, 2, 5, 6, 40] {
            let vectors = Array2::from_elem((count, 8), 0.35);
            let places = lay_out(&vectors);
            assert_eq!(places.len(), count);
            assert!(places.iter().flatten().all(|place| place.is_finite()));
        }
    }
}
