//! Every kind of loops against the definition of the product.

use super::folded::Folded;
use super::layout::{MatrixFormat, pack};
use super::loops::Loops;
use super::matrix::{Matrix, one_words, two_words};
use std::vec;
use std::vec::Vec;

const FORMATS: [MatrixFormat; 2] = [MatrixFormat::I4, MatrixFormat::I8];

const SHAPES: [[usize; 2]; 7] = [
    [4, 32],
    [8, 64],
    [36, 96],
    [128, 256],
    [4, 512],
    [4, 544],
    [12, 1024],
];

/// Marsaglia's xorshift.
struct Random(u32);

impl Random {
    fn below(&mut self, bound: u32) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % bound) as i32
    }

    fn within(&mut self, limit: i32) -> i32 {
        self.below(2 * limit as u32 + 1) - limit
    }
}

/// The bytes of a matrix, aligned.
fn packed(format: MatrixFormat, columns: usize, values: &[i8]) -> Vec<u32> {
    let mut words = vec![0; format.bytes(values.len() / columns, columns) / 4];
    let bytes = bytemuck::cast_slice_mut(&mut words);
    pack(format, columns, values, bytes);
    words
}

fn lowest(format: MatrixFormat) -> i8 {
    match format {
        MatrixFormat::I4 => -8,
        MatrixFormat::I8 => -128,
    }
}

fn weights(format: MatrixFormat, count: usize, random: &mut Random) -> Vec<i8> {
    let lowest = i32::from(lowest(format));
    let weight = |_| (lowest + random.below((-2 * lowest) as u32)) as i8;
    (0..count).map(weight).collect()
}

fn product<X: Copy + Into<i32>>(values: &[i8], input: &[X]) -> Vec<i32> {
    let dot = |row: &[i8]| {
        let products = row
            .iter()
            .zip(input)
            .map(|(&w, &x)| i32::from(w) * x.into());
        products.sum()
    };
    values.chunks_exact(input.len()).map(dot).collect()
}

fn products_of_two<L: Loops>(matrix: &Matrix<'_>, inputs: [&[i8]; 2]) -> [Vec<i32>; 2] {
    // What was in the words before must not matter.
    let mut words = vec![0x5a5a_5a5a; two_words(matrix.columns())];
    L::widen_two(matrix.format(), inputs, &mut words);
    let mut sums = [vec![], vec![]];
    matrix.multiply_two_on::<L>(&words, |first, turn| {
        assert_eq!(first, sums[0].len());
        for (which, sums) in sums.iter_mut().enumerate() {
            sums.extend(turn.iter().map(|both| both[which]));
        }
    });
    sums
}

fn products_of_one<L: Loops>(matrix: &Matrix<'_>, input: &[i16]) -> Vec<i32> {
    let mut words = vec![0x5a5a_5a5a; one_words(matrix.columns())];
    L::widen_one(matrix.format(), input, &mut words);
    let mut sums = vec![];
    matrix.multiply_one_on::<L>(&words, |first, turn| {
        assert_eq!(first, sums.len());
        sums.extend_from_slice(turn);
    });
    sums
}

fn check<L: Loops>() {
    let mut random = Random(7);
    for format in FORMATS {
        for shape in SHAPES {
            let [rows, columns] = shape;
            let values = weights(format, rows * columns, &mut random);
            let words = packed(format, columns, &values);
            let matrix = Matrix::new(format, shape, bytemuck::cast_slice(&words)).unwrap();
            let mut small =
                || -> Vec<i8> { (0..columns).map(|_| random.within(127) as i8).collect() };
            let inputs = [&small()[..], &small()];
            assert_eq!(
                products_of_two::<L>(&matrix, inputs),
                inputs.map(|input| product(&values, input)),
                "{format:?} {shape:?}"
            );
            let largest = (i32::MAX / (128 * columns as i32)).min(i16::MAX.into());
            let input: Vec<i16> = (0..columns)
                .map(|_| random.within(largest) as i16)
                .collect();
            assert_eq!(
                products_of_one::<L>(&matrix, &input),
                product(&values, &input),
                "{format:?} {shape:?}"
            );
        }
    }
}

/// Sums at their limits: all weights of the largest magnitude.
fn check_limits<L: Loops>() {
    for (format, columns) in FORMATS.into_iter().zip([1024, 480]) {
        let values = vec![lowest(format); 4 * columns];
        let words = packed(format, columns, &values);
        let matrix = Matrix::new(format, [4, columns], bytemuck::cast_slice(&words)).unwrap();
        let inputs = [&vec![127; columns][..], &vec![-127; columns]];
        let expected = inputs.map(|input| product(&values, input));
        assert_eq!(products_of_two::<L>(&matrix, inputs), expected);
        let input = vec![i16::MIN; columns];
        assert_eq!(
            products_of_one::<L>(&matrix, &input),
            product(&values, &input)
        );
    }
}

/// Attention's products, for head widths that no block divides too.
fn check_bytes<L: Loops>() {
    let mut random = Random(11);
    for (width, stride, tokens) in [(32, 128, 14), (3, 9, 5), (38, 76, 1), (70, 70, 512)] {
        let mut bytes =
            |count: usize| -> Vec<i8> { (0..count).map(|_| random.within(127) as i8).collect() };
        let vectors: [Vec<i8>; 4] = std::array::from_fn(|_| bytes(width));
        let [a, b, c, d] = vectors.each_ref().map(|vector| &vector[..]);
        let dot = |left: &[i8], right: &[i8]| product(left, right)[0];
        assert_eq!(
            L::inner_products([a, b], [c, d]),
            [[dot(a, c), dot(a, d)], [dot(b, c), dot(b, d)]]
        );
        // The last row ends where its columns end.
        let rows = bytes((tokens - 1) * stride + width);
        let mut weight = |_| random.within(16383) + 16384;
        let weights = [0, 1].map(|_| (0..tokens).map(&mut weight).collect::<Vec<i32>>());
        let mut sums = vec![[-1; 2]; width];
        L::weighted_sums([&weights[0], &weights[1]], &rows, stride, &mut sums);
        for (column, sums) in sums.into_iter().enumerate() {
            let expected = weights.each_ref().map(|weights| -> i32 {
                let column = rows[column..].iter().step_by(stride);
                let products = weights.iter().zip(column);
                products.map(|(&w, &x)| w * i32::from(x)).sum()
            });
            assert_eq!(sums, expected);
        }
    }
}

#[test]
fn folded_loops_compute_products() {
    check::<Folded>();
    check_limits::<Folded>();
    check_bytes::<Folded>();
}

#[cfg(memt_vectors)]
#[test]
fn vector_loops_compute_products() {
    use super::vectors::Vectors;
    check::<Vectors>();
    check_limits::<Vectors>();
    check_bytes::<Vectors>();
}

#[cfg(all(memt_vectors, target_arch = "x86_64"))]
#[test]
fn wide_loops_compute_products() {
    use super::wide::Wide;
    check::<Wide>();
    check_limits::<Wide>();
    check_bytes::<Wide>();
}

#[test]
fn packed_values_are_found_again() {
    let mut random = Random(9);
    for format in FORMATS {
        let values = weights(format, 8 * 96, &mut random);
        let words = packed(format, 96, &values);
        let matrix = Matrix::new(format, [8, 96], bytemuck::cast_slice(&words)).unwrap();
        for (at, &value) in values.iter().enumerate() {
            assert_eq!(matrix.value(at / 96, at % 96), value);
        }
    }
}

#[test]
fn sizes_are_checked() {
    let words = [0_u32; 1024];
    let bytes = bytemuck::cast_slice(&words);
    let opens = |shape, bytes| Matrix::new(MatrixFormat::I4, shape, bytes).is_some();
    assert!(opens([4, 32], &bytes[..64]));
    assert!(!opens([4, 32], &bytes[..68]));
    assert!(!opens([4, 32], &bytes[1..65]));
    assert!(!opens([4, 16], &bytes[..32]));
    assert!(!opens([2, 32], &bytes[..32]));
    assert!(!opens([4, 0], &[]));
    assert!(!opens([0, 32], &[]));
    assert!(!opens([4, 1056], &bytes[..2112]));
}
