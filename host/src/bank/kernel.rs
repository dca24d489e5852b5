//! Inner products with many embeddings, with the widest vectors that the processor has.
//!
//! [`pulp`] chooses when the program runs, and proves to the compiler that the processor has the
//! instructions, so that they are called without `unsafe`.

use memt_core::bound::Bound;
use memt_core::embedding::{DIMENSIONS, Embedding};

/// A vector of 16-bit numbers, `[D]`: 128 products with bytes fit 32 bits.
pub(super) type Weights = [i16; DIMENSIONS];

/// The inner products of `weights` with each row.
struct Dots<'a> {
    weights: &'a Weights,
    rows: &'a [Embedding],
    dots: &'a mut [i32],
}

/// The most evidence that meaning gives each row, see [`evidence`].
struct Evidence<'a> {
    weights: &'a Weights,
    scale: f32,
    shortness: f32,
    rows: &'a [Embedding],
    squared_norms: &'a [u32],
    evidence: &'a mut [f32],
}

/// The inner product of `weights` with each row.
pub(super) fn dots(weights: &Weights, rows: &[Embedding], dots: &mut [i32]) {
    let work = Dots {
        weights,
        rows,
        dots,
    };
    #[cfg(target_arch = "x86_64")]
    let work = match vectors::widest(work) {
        Ok(()) => return,
        Err(work) => work,
    };
    plain(work);
}

/// As [`dots`], in the vectors that the program was compiled for.
fn plain(work: Dots<'_>) {
    for (row, dot) in work.rows.iter().zip(work.dots) {
        let products = row.0.iter().zip(work.weights);
        *dot = products
            .map(|(&component, &weight)| i32::from(component) * i32::from(weight))
            .sum();
    }
}

#[cfg(target_arch = "x86_64")]
mod vectors;

/// The most evidence that meaning gives each row, for weights of the bound's direction that were
/// [`rounded`] with `scale` and rows that lack [`shortness`](Bound::shortness) at least. Returns at least
/// the largest.
pub(super) fn evidence(
    weights: &Weights,
    scale: f32,
    shortness: f32,
    rows: &[Embedding],
    squared_norms: &[u32],
    evidence: &mut [f32],
) -> f32 {
    let work = Evidence {
        weights,
        scale,
        shortness,
        rows,
        squared_norms,
        evidence,
    };
    #[cfg(target_arch = "x86_64")]
    let work = match vectors::widest(work) {
        Ok(most) => return most,
        Err(work) => work,
    };
    plain_evidence(work)
}

/// As [`evidence`], in the vectors that the program was compiled for.
fn plain_evidence(work: Evidence<'_>) -> f32 {
    let mut dots = vec![0; work.rows.len()];
    plain(Dots {
        weights: work.weights,
        rows: work.rows,
        dots: &mut dots,
    });
    let mut largest = 0.0f32;
    let rows = dots.iter().zip(work.squared_norms);
    for ((&dot, &squared_norm), evidence) in rows.zip(work.evidence) {
        *evidence = most(work.scale, work.shortness, dot, squared_norm);
        largest = largest.max(*evidence);
    }
    largest
}

/// The most evidence of a row whose product with weights of this scale is `dot`.
#[inline(always)]
fn most(scale: f32, shortness: f32, dot: i32, squared_norm: u32) -> f32 {
    // Half a unit for each weight: by Cauchy and Schwarz at most |d| sqrt(D) / 2 < 6 |d| units.
    let rounding = 6.0 * scale;
    // The root that scores divide by is up to 1/32 less than the norm.
    let norm = ((squared_norm as f32).sqrt() - 0.0314).max(0.5);
    Bound::meaning(dot as f32 * scale / norm + rounding, shortness)
}

/// An embedding as weights, exact.
pub(super) fn exact(embedding: &Embedding) -> Weights {
    embedding.0.map(i16::from)
}

/// A direction as weights, and what to multiply their products with; each weight is rounded by at most
/// half of that.
pub(super) fn rounded(direction: &[f32; DIMENSIONS]) -> (Weights, f32) {
    let largest = direction
        .iter()
        .fold(0.0f32, |largest, weight| largest.max(weight.abs()));
    if largest == 0.0 {
        return ([0; DIMENSIONS], 0.0);
    }
    let scale = f32::from(i16::MAX) / largest;
    (
        direction.map(|weight| (weight * scale).round() as i16),
        1.0 / scale,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`Dots`] and [`Evidence`] make of some rows: products, evidence, and the largest of it.
    type Found = (Vec<i32>, Vec<f32>, f32);

    /// By the vectors that the program was compiled for, by the widest, and by those between.
    fn by_all_vectors(weights: &Weights, rows: &[Embedding], squared_norms: &[u32]) -> Vec<Found> {
        let run = |run: &dyn Fn(Dots<'_>, Evidence<'_>) -> f32| {
            let (mut products, mut all) = (vec![0; rows.len()], vec![0.0; rows.len()]);
            let dots = Dots {
                weights,
                rows,
                dots: &mut products,
            };
            let evidence = Evidence {
                weights,
                scale: 1e-5,
                shortness: 0.1,
                rows,
                squared_norms,
                evidence: &mut all,
            };
            let most = run(dots, evidence);
            (products, all, most)
        };
        #[allow(unused_mut, reason = "other processors have one kind")]
        let mut found = vec![run(&|dots, evidence| {
            plain(dots);
            plain_evidence(evidence)
        })];
        #[cfg(target_arch = "x86_64")]
        {
            use pulp::x86::{V3, V4};
            use vectors::With;
            if let Some(v3) = V3::try_new() {
                found.push(run(&|dots, evidence| {
                    v3.vectorize(With(v3, dots));
                    v3.vectorize(With(v3, evidence))
                }));
            }
            if let Some(v4) = V4::try_new() {
                found.push(run(&|dots, evidence| {
                    v4.vectorize(With(v4, dots));
                    v4.vectorize(With(v4, evidence))
                }));
            }
        }
        found
    }

    #[test]
    fn products_are_exact_at_the_bounds() {
        let rows = [Embedding([-128; DIMENSIONS]), Embedding([127; DIMENSIONS])];
        for (found, ..) in by_all_vectors(&[i16::MIN; DIMENSIONS], &rows, &[1, 1]) {
            assert_eq!(found, [128 * 128 * 32768, -128 * 127 * 32768]);
        }
        let mut found = [0; 2];
        dots(&exact(&rows[1]), &rows, &mut found);
        assert_eq!(found, [rows[0].dot(&rows[1]), rows[1].dot(&rows[1])]);
    }

    #[test]
    fn every_number_of_rows_gives_the_plain_products_and_evidence() {
        let number = |row: usize, at: usize| ((row * 151 + at * 37) % 251) as i8;
        let weights = core::array::from_fn(|at| (at as i16 - 60) * 300);
        for count in 0..20 {
            let rows = (0..count).map(|row| Embedding(core::array::from_fn(|at| number(row, at))));
            let rows: Vec<Embedding> = rows.collect();
            let norms: Vec<u32> = rows.iter().map(Embedding::squared_norm).collect();
            let found = by_all_vectors(&weights, &rows, &norms);
            let (products, all, largest) = &found[0];
            assert!(all.iter().all(|one| one <= largest));
            for (also_products, also_all, most) in &found {
                assert_eq!(also_products, products);
                assert_eq!(also_all, all);
                assert!((*largest..largest + 1e-2).contains(most), "{most}");
            }
        }
    }

    #[test]
    fn rounding_is_within_its_bound() {
        let direction = core::array::from_fn(|at| (at as f32 * 0.7).sin() / 3.0);
        let (weights, scale) = rounded(&direction);
        for (weight, exact) in weights.iter().zip(direction) {
            assert!((f32::from(*weight) * scale - exact).abs() <= 0.51 * scale);
        }
        assert_eq!(rounded(&[0.0; DIMENSIONS]).1, 0.0);
    }
}
