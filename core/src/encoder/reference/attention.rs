//! Softmax attention in floats.

use super::linear::dot;

/// Attention of one query `[D]` to keys and values `[L, D]`: `scores` `[L]` is working memory, `unit`
/// is what a product of query and key counts in the exponent.
pub(super) fn attend(
    query: &[f32],
    [keys, values]: [&[f32]; 2],
    heads: usize,
    unit: f32,
    scores: &mut [f32],
    output: &mut [f32],
) {
    let width = query.len();
    let head_width = width / heads;
    let heads = query.chunks_exact(head_width);
    for (head, (query, output)) in heads.zip(output.chunks_exact_mut(head_width)).enumerate() {
        let part = head * head_width..(head + 1) * head_width;
        for (score, key) in scores.iter_mut().zip(keys.chunks_exact(width)) {
            *score = unit * dot(query, &key[part.clone()]);
        }
        softmax(scores);
        output.fill(0.0);
        for (weight, value) in scores.iter().zip(values.chunks_exact(width)) {
            for (output, value) in output.iter_mut().zip(&value[part.clone()]) {
                *output += weight * value;
            }
        }
    }
}

fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in scores.iter_mut() {
        *score = libm::expf(*score - largest);
    }
    let total: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|weight| *weight /= total);
}
