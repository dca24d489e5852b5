//! A fixed rotation of the teacher's space.
//!
//! The teacher's vectors come along principal axes, so a few components are far larger than the
//! rest, and an embedding's bytes, which are steps of the largest component, would be coarse for
//! all others. Cosines do not change under a rotation; this one makes components alike.

use crate::random::Random;

/// Signs from a fixed key, then a Walsh-Hadamard transform of unit scale.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    signs: Vec<f32>,
}

/// Decides the signs; part of every model's space.
const KEY: [u64; 3] = [0x6d65_6d74, 0, 0];

impl Rotation {
    /// The rotation of vectors with `dimensions` components, a power of two.
    pub(super) fn new(dimensions: usize) -> Self {
        let mut random = Random::keyed(KEY);
        let scale = 1.0 / (dimensions as f32).sqrt();
        let mut sign = || {
            if random.next() & 1 == 0 {
                scale
            } else {
                -scale
            }
        };
        Self {
            signs: (0..dimensions).map(|_| sign()).collect(),
        }
    }

    /// Rotates `vector` in place.
    pub(super) fn apply(&self, vector: &mut [f32]) {
        for (value, sign) in vector.iter_mut().zip(&self.signs) {
            *value *= sign;
        }
        let mut half = 1;
        while half < vector.len() {
            for block in vector.chunks_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for (low, high) in low.iter_mut().zip(high) {
                    (*low, *high) = (*low + *high, *low - *high);
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn cosines_stay_and_a_single_component_spreads() {
        let rotation = Rotation::new(128);
        let (a, b) = (
            gradient_check::matrix(1, 128, 1),
            gradient_check::matrix(1, 128, 2),
        );
        let dot = (&a * &b).sum();
        let (mut a, mut b): (Vec<f32>, Vec<f32>) =
            (a.into_iter().collect(), b.into_iter().collect());
        rotation.apply(&mut a);
        rotation.apply(&mut b);
        let rotated: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        assert!((dot - rotated).abs() < 1e-4);
        let mut axis = vec![0.0; 128];
        axis[3] = 1.0;
        rotation.apply(&mut axis);
        assert!(
            axis.iter()
                .all(|value| (value.abs() - 128f32.sqrt().recip()).abs() < 1e-6)
        );
    }
}
