//! One distillation step: forward, losses, backward, update; the batch is split over the cores.

use rayon::prelude::*;

use crate::adam::{Adam, AdamSettings, RowAdam};
use crate::cosine_loss::cosine_loss;
use crate::embedding::{TokenGradients, gather};
use crate::encoder::{Encoder, Sentences};
use crate::matrix::Matrix;
use crate::similarity_loss::SimilarityLoss;
use crate::unit_rows::UnitRows;

/// Texts that one task encodes. Fixed, so that sums are made in the same order, and a step gives
/// the same bits, whatever the number of threads.
const TEXTS_A_SHARD: usize = 32;

/// Temperature of the similarity rows.
const TEMPERATURE: f32 = 0.05;

/// A batch of texts: T tokens in N texts.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Table row of each token, `[T]`.
    pub tokens: Vec<u32>,
    /// Weight of each token within its text, `[T]`.
    pub weights: Vec<f32>,
    /// Tokens of each text, `[N]`; each at least 1.
    pub lengths: Vec<usize>,
    /// The teacher's vectors, rows of length one, `[N, D]`.
    pub targets: Matrix,
}

impl Batch {
    fn shards(&self) -> Vec<Sentences<'_>> {
        let mut end = 0;
        let groups = self.lengths.chunks(TEXTS_A_SHARD);
        let shard = |lengths: &'_ [usize]| {
            let start = end;
            end += lengths.iter().sum::<usize>();
            start..end
        };
        let ranges: Vec<_> = groups.clone().map(shard).collect();
        let pairs = groups.zip(ranges);
        let sentences = pairs.map(|(lengths, range)| Sentences {
            tokens: &self.tokens[range.clone()],
            weights: &self.weights[range],
            lengths,
        });
        sentences.collect()
    }
}

/// The parts of the loss, each a mean over the batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Losses {
    /// One minus the cosine to the teacher, 0..=2.
    pub cosine: f64,
    /// Divergence of the similarity rows, nats.
    pub similarity: f64,
}

/// An encoder in training.
pub struct Distillation<E: Encoder> {
    /// Rows of words and n-grams, `[V, E]`.
    pub table: Matrix,
    /// Everything else.
    pub body: E,
    adam: Adam,
    row_adam: RowAdam,
    shards: Vec<Shard<E>>,
    similarity: SimilarityLoss,
    pooled: Matrix,
    units: UnitRows,
    grad: Matrix,
}

/// What one part of the batch works in.
struct Shard<E: Encoder> {
    activations: E::Activations,
    gradient: E,
    rows: Matrix,
    grad_rows: Matrix,
    pooled: Matrix,
    grad_pooled: Matrix,
}

impl<E: Encoder> Distillation<E> {
    /// Training of `table` and `body` from moments of zero.
    pub fn new(settings: AdamSettings, table: Matrix, body: E) -> Self {
        Self {
            adam: Adam::new(settings, &body),
            row_adam: RowAdam::new(settings, table.rows(), table.columns()),
            table,
            body,
            shards: Vec::new(),
            similarity: SimilarityLoss::new(TEMPERATURE),
            pooled: Matrix::default(),
            units: UnitRows::default(),
            grad: Matrix::default(),
        }
    }

    /// Takes one step on `batch` and returns the losses before it.
    ///
    /// # Panics
    /// If the parts of `batch` do not fit together or name rows that the table does not have.
    pub fn step(&mut self, batch: &Batch) -> Losses {
        let sentences = batch.shards();
        self.shards
            .resize_with(sentences.len(), || Shard::new(&self.body));
        self.forward(&sentences, batch.lengths.len());
        let losses = self.losses(&batch.targets);
        self.backward(&sentences);
        self.update(&sentences);
        losses
    }

    fn forward(&mut self, sentences: &[Sentences<'_>], texts: usize) {
        let (table, body) = (&self.table, &self.body);
        let shards = self.shards.par_iter_mut().with_max_len(1);
        shards.zip(sentences).for_each(|(shard, &sentences)| {
            gather(table, sentences.tokens, &mut shard.rows);
            body.forward(
                sentences,
                &shard.rows,
                &mut shard.activations,
                &mut shard.pooled,
            );
        });
        let features = self
            .shards
            .first()
            .map_or(0, |shard| shard.pooled.columns());
        self.pooled.resize(texts, features);
        let blocks = self
            .pooled
            .values_mut()
            .chunks_mut((TEXTS_A_SHARD * features).max(1));
        for (block, shard) in blocks.zip(&self.shards) {
            block.copy_from_slice(shard.pooled.values());
        }
    }

    /// The losses; leaves the gradient by the pooled vectors in `grad`.
    fn losses(&mut self, targets: &Matrix) -> Losses {
        self.units.forward(&self.pooled);
        self.grad.resize(self.pooled.rows(), self.pooled.columns());
        self.grad.values_mut().fill(0.0);
        let (units, grad) = (&self.units.values, &mut self.grad);
        let losses = Losses {
            cosine: cosine_loss(units, targets, grad),
            similarity: self.similarity.add(units, targets, grad),
        };
        self.units.backward(&mut self.grad);
        losses
    }

    fn backward(&mut self, sentences: &[Sentences<'_>]) {
        let (body, grad) = (&self.body, &self.grad);
        let features = grad.columns();
        let grads = grad.values().par_chunks((TEXTS_A_SHARD * features).max(1));
        let shards = self.shards.par_iter_mut().with_max_len(1);
        shards
            .zip(sentences)
            .zip(grads)
            .for_each(|((shard, &sentences), grad)| {
                let Shard {
                    activations,
                    gradient,
                    rows,
                    grad_rows,
                    grad_pooled,
                    ..
                } = shard;
                grad_pooled.resize(sentences.lengths.len(), features);
                grad_pooled.values_mut().copy_from_slice(grad);
                gradient.clear();
                body.backward(
                    sentences,
                    rows,
                    activations,
                    grad_pooled,
                    gradient,
                    grad_rows,
                );
            });
    }

    fn update(&mut self, sentences: &[Sentences<'_>]) {
        sum_gradients(&mut self.shards);
        if let Some(shard) = self.shards.first() {
            self.adam.step(&mut self.body, &shard.gradient);
        }
        let pairs = self.shards.iter().zip(sentences);
        let parts: Vec<_> = pairs
            .map(|(shard, sentences)| TokenGradients {
                tokens: sentences.tokens,
                values: &shard.grad_rows,
            })
            .collect();
        self.row_adam.step(&mut self.table, &parts);
    }
}

impl<E: Encoder> Shard<E> {
    fn new(body: &E) -> Self {
        Self {
            activations: E::Activations::default(),
            gradient: body.clone(),
            rows: Matrix::default(),
            grad_rows: Matrix::default(),
            pooled: Matrix::default(),
            grad_pooled: Matrix::default(),
        }
    }
}

/// Adds all gradients into the first, in a fixed tree of pairs.
fn sum_gradients<E: Encoder>(shards: &mut [Shard<E>]) {
    let mut stride = 1;
    while stride < shards.len() {
        shards.par_chunks_mut(2 * stride).for_each(|pair| {
            if let Some((left, right)) = pair.split_at_mut_checked(stride)
                && let (Some(left), Some(right)) = (left.first_mut(), right.first())
            {
                left.gradient.accumulate(&right.gradient);
            }
        });
        stride *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Problem, transformer};

    const SMALL: Problem = Problem {
        texts: 70,
        tokens: 5,
        table_rows: 90,
    };

    fn train(threads: usize) -> (Vec<Losses>, Matrix) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let batch = SMALL.batch(0);
        let settings = AdamSettings {
            rate: 1e-2,
            ..AdamSettings::default()
        };
        let mut training = Distillation::new(settings, SMALL.table(), transformer());
        let steps = || (0..12).map(|_| training.step(&batch)).collect();
        let losses = pool.expect("a pool of threads").install(steps);
        (losses, training.table)
    }

    #[test]
    fn losses_fall_and_threads_change_no_bit() {
        let (one, table) = train(1);
        assert!(one[11].cosine < one[0].cosine - 0.02, "{one:?}");
        assert!(one[11].similarity < one[0].similarity * 0.5, "{one:?}");
        let (three, same) = train(3);
        assert_eq!(one, three);
        assert_eq!(table, same);
    }
}
