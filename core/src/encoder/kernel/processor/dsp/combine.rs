//! Activations of two vectors, combined for the halves of words of weights.

use super::instructions::{add_both, even, odd, odd_times_256, subtract_both, times_16, word};

/// Gives the sum of the activations that meet offset weights, for each vector.
pub(super) fn combine_i4((first, second): (&[i8], &[i8]), lanes: &mut [i32]) -> [i32; 2] {
    let mut offsets = [0; 2];
    let inputs = first.chunks_exact(8).zip(second.chunks_exact(8));
    for (lanes, (first, second)) in lanes.chunks_exact_mut(8).zip(inputs) {
        let a = combine_eight(first, &mut offsets[0]);
        let b = combine_eight(second, &mut offsets[1]);
        let words = [a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]];
        lanes.copy_from_slice(&words.map(u32::cast_signed));
    }
    offsets
}

#[inline]
fn combine_eight(input: &[i8], offset: &mut i32) -> [u32; 4] {
    let (low, high) = input.split_at(4);
    let (low, high) = (word(low), word(high));
    let [x0, x1, x2, x3] = [even(low), odd(low), even(high), odd(high)];
    *offset = add_both(x2, add_both(x1, add_both(x0, *offset)));
    [
        x3,
        subtract_both(times_16(x2), x3),
        subtract_both(odd_times_256(low), x3),
        subtract_both(times_16(x0), x1),
    ]
}

/// As [`combine_i4`] for bytes.
pub(super) fn combine_i8((first, second): (&[i8], &[i8]), lanes: &mut [i32]) -> [i32; 2] {
    let mut offsets = [0; 2];
    let inputs = first.chunks_exact(4).zip(second.chunks_exact(4));
    for (lanes, (first, second)) in lanes.chunks_exact_mut(4).zip(inputs) {
        let a = combine_four(first, &mut offsets[0]);
        let b = combine_four(second, &mut offsets[1]);
        lanes.copy_from_slice(&[a[0], b[0], a[1], b[1]].map(u32::cast_signed));
    }
    offsets
}

#[inline]
fn combine_four(input: &[i8], offset: &mut i32) -> [u32; 2] {
    let word = word(input);
    let [x0, x1] = [even(word), odd(word)];
    *offset = add_both(x0, *offset);
    [subtract_both(odd_times_256(word << 8), x1), x1]
}
