#![no_std]
#![no_main]
//! Multiplies matrices by the processor's own loops and by the definition of the product.

use core::convert::Infallible;
use memt_core::encoder::kernel::{
    Matrix, MatrixFormat, one_words, two_words, widen_one, widen_two,
};
use memt_qemu::board::Exclusive;
use memt_qemu::checksum::Fnv64;
use memt_qemu::matrices::MatrixMemory;
use memt_qemu::random::Random;
use semihosting::println;

memt_qemu::program!(super::run);

const COLUMNS_MAX: usize = 1024;

const SHAPES: [[usize; 2]; 6] = [
    [4, 32],
    [44, 96],
    [128, 128],
    [128, 256],
    [4, 544],
    [32, COLUMNS_MAX],
];

static MATRIX: Exclusive<MatrixMemory> = Exclusive::new(MatrixMemory::new());

fn run() -> Result<(), Infallible> {
    let memory = MATRIX.take();
    let mut random = Random::new(1);
    let mut hash = Fnv64::new();
    for format in [MatrixFormat::I4, MatrixFormat::I8] {
        for shape in SHAPES {
            let matrix = memory.fill(format, shape, &mut random);
            let matrix = matrix.expect("the memory holds every shape");
            check_two(&matrix, &mut random, &mut hash);
            check_one(&matrix, &mut random, &mut hash);
        }
    }
    println!("hash={:016x}", hash.value());
    Ok(())
}

fn check_two(matrix: &Matrix<'_>, random: &mut Random, hash: &mut Fnv64) {
    let columns = matrix.columns();
    let mut inputs = [[0; COLUMNS_MAX]; 2];
    for input in &mut inputs {
        input.fill_with(|| random.within(127) as i8);
    }
    let [first, second] = inputs.each_ref().map(|input| &input[..columns]);
    let mut words = [0; two_words(COLUMNS_MAX)];
    widen_two(matrix.format(), [first, second], &mut words);
    matrix.multiply_two(&words, |first_row, turn| {
        for (row, sums) in (first_row..).zip(turn) {
            let expected = [first, second].map(|input| product(matrix, row, input));
            assert_eq!(
                *sums,
                expected,
                "{:?} row {row} of {columns}",
                matrix.format()
            );
            sums.iter().for_each(|sum| hash.update(&sum.to_le_bytes()));
        }
    });
}

fn check_one(matrix: &Matrix<'_>, random: &mut Random, hash: &mut Fnv64) {
    let columns = matrix.columns();
    let mut input = [0; COLUMNS_MAX];
    input.fill_with(|| random.within(i16::MAX as u16 >> (columns / 512)));
    let input = &input[..columns];
    let mut words = [0; one_words(COLUMNS_MAX)];
    widen_one(matrix.format(), input, &mut words);
    matrix.multiply_one(&words, |first_row, turn| {
        for (row, &sum) in (first_row..).zip(turn) {
            let expected = product(matrix, row, input);
            assert_eq!(
                sum,
                expected,
                "{:?} row {row} of {columns}",
                matrix.format()
            );
            hash.update(&sum.to_le_bytes());
        }
    });
}

fn product<X: Copy + Into<i32>>(matrix: &Matrix<'_>, row: usize, input: &[X]) -> i32 {
    let products = input
        .iter()
        .enumerate()
        .map(|(column, &x)| i32::from(matrix.value(row, column)) * x.into());
    products.sum()
}
