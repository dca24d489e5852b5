//! From the residual stream and the bag to the sums of an embedding.

use super::buffers::{Buffers, Work, numbers16};
use super::weights::TransformerWeights;
use crate::embedding::DIMENSIONS;
use crate::encoder::config::Pooling;
use crate::encoder::kernel;
use crate::encoder::ops::{mean, norm12};

/// Writes the sums of a window of `tokens`, at least one.
pub(super) fn leave(
    weights: &TransformerWeights<'_>,
    tokens: usize,
    buffers: &mut Buffers<'_>,
    out: &mut [i32; DIMENSIONS],
) {
    let Buffers {
        bag,
        stream,
        keys,
        work,
        ..
    } = buffers;
    // Nothing attends any more.
    let wide = numbers16(keys);
    let pooled = pool(
        weights,
        &stream[..tokens * weights.width()],
        tokens,
        work,
        wide,
    );
    weights
        .pooled
        .map_one(&wide[..pooled], work.words, |first, outputs| {
            out[first..][..outputs.len()].copy_from_slice(outputs);
        });
    if let Some(map) = &weights.bag {
        let width = weights.front.row_width;
        // The pooled numbers have been read.
        let (narrow, rest) = wide.split_at_mut(width);
        kernel::normalise(bag, narrow);
        norm12(narrow, &mut rest[..width]);
        map.map_one(&rest[..width], work.words, |first, outputs| {
            for (out, &output) in out[first..].iter_mut().zip(outputs) {
                *out = out.wrapping_add(output);
            }
        });
    }
}

/// Pools the normalised tokens into the front of `wide` and returns how many numbers they are.
fn pool(
    weights: &TransformerWeights<'_>,
    stream: &[i16],
    tokens: usize,
    work: &mut Work<'_>,
    wide: &mut [i16],
) -> usize {
    let width = weights.width();
    let pooled = weights.config.pooling.width(width);
    let (out, normalised) = wide.split_at_mut(pooled);
    let normalised = &mut normalised[..width];
    let sums = &mut work.sums[..width];
    sums.fill(0);
    let (means, largest) = match weights.config.pooling {
        Pooling::Mean => (Some(out), None),
        Pooling::Max => (None, Some(out)),
        Pooling::MeanMax => {
            let (means, largest) = out.split_at_mut(width);
            (Some(means), Some(largest))
        }
    };
    let mut largest = largest;
    if let Some(largest) = &mut largest {
        largest.fill(i16::MIN);
    }
    for token in stream.chunks(width) {
        norm12(token, normalised);
        for (sum, &value) in sums.iter_mut().zip(normalised.iter()) {
            *sum += i32::from(value);
        }
        if let Some(largest) = &mut largest {
            for (largest, &value) in largest.iter_mut().zip(normalised.iter()) {
                *largest = (*largest).max(value);
            }
        }
    }
    if let Some(means) = means {
        for (out, &sum) in means.iter_mut().zip(sums.iter()) {
            *out = mean(sum, tokens as u32) as i16;
        }
    }
    pooled
}
