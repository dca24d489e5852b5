//! Sums and maxima of rows in eight interleaved lanes: vector code, closer to exact than one
//! running sum, and the same value on every machine.

const LANES: usize = 8;

/// Sum of `values`.
#[inline]
pub(crate) fn sum(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0f32; LANES];
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane += value;
        }
    }
    lanes.iter().chain(rest).sum()
}

/// Sum of the products of `left` and `right`, which have one length.
#[inline]
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left_blocks, left_rest) = left.as_chunks::<LANES>();
    let (right_blocks, right_rest) = right.as_chunks::<LANES>();
    let mut lanes = [0f32; LANES];
    for (left, right) in left_blocks.iter().zip(right_blocks) {
        for (lane, (left, right)) in lanes.iter_mut().zip(left.iter().zip(right)) {
            *lane += left * right;
        }
    }
    let rest = left_rest
        .iter()
        .zip(right_rest)
        .map(|(left, right)| left * right);
    lanes.into_iter().chain(rest).sum()
}

/// Largest of `values`; minus infinity for none.
#[inline]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for block in blocks {
        for (lane, &value) in lanes.iter_mut().zip(block) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_whatever_the_length() {
        for length in 0..40usize {
            let values: Vec<f32> = (0..length).map(|index| index as f32).collect();
            let triangle = (length * length.saturating_sub(1) / 2) as f32;
            assert_eq!(sum(&values), triangle);
            assert_eq!(dot(&values, &vec![2.0; length]), 2.0 * triangle);
            let last = length
                .checked_sub(1)
                .map_or(f32::NEG_INFINITY, |last| last as f32);
            assert_eq!(largest(&values), last);
        }
    }
}
