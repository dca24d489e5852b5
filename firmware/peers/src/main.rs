#![no_std]
#![no_main]
//! Counts instructions a product of a dense layer of bytes, 256 to 128, of memt and of other crates. The sizes are known
//! to the compiler, which the others gain by: with sizes found at run time embedded-nn takes 15.9.

use core::hint::black_box;
use embedded_nn::fully_connected::fully_connected_s8;
use embedded_nn::types::{Activation, Dims, FcParams, PerTensorQuantParams};
use memt_core::encoder::kernel::{
    Matrix, MatrixFormat, one_words, two_words, widen_one, widen_two,
};
use memt_core::encoder::ops::{requantise, saturate8};
use memt_qemu::board::Exclusive;
use memt_qemu::instructions::InstructionCounter;
use memt_qemu::matrices::MatrixMemory;
use memt_qemu::program::MACHINE;
use memt_qemu::random::Random;
use microflow::activation::FusedActivation;
use microflow::ops::{FullyConnectedOptions, fully_connected};
use microflow::tensor::Tensor2D;
use nalgebra::SMatrix;
use semihosting::println;

memt_qemu::program!(super::run);

const INPUTS: usize = 256;
const OUTPUTS: usize = 128;
const PRODUCTS: usize = INPUTS * OUTPUTS;

static MATRIX: Exclusive<MatrixMemory> = Exclusive::new(MatrixMemory::new());
static WEIGHTS: Exclusive<[i8; PRODUCTS]> = Exclusive::new([0; PRODUCTS]);

fn run() -> Result<(), core::convert::Infallible> {
    let counter = InstructionCounter::start();
    let mut random = Random::new(1);
    let weights = WEIGHTS.take();
    weights.fill_with(|| random.within(127) as i8);
    let mut input = [0; INPUTS];
    input.fill_with(|| random.within(127) as i8);

    let matrix = MATRIX.take();
    let shape = [OUTPUTS, INPUTS];
    if let Some(matrix) = matrix.fill(MatrixFormat::I8, shape, &mut random) {
        memt_one(&counter, &matrix, &input);
        memt_two(&counter, &matrix, &input);
    }
    embedded_nn(&counter, weights, &input);
    microflow(&counter, weights, &input);
    Ok(())
}

fn memt_one(counter: &InstructionCounter, matrix: &Matrix<'_>, input: &[i8; INPUTS]) {
    let input = input.map(i16::from);
    let mut words = [0; one_words(INPUTS)];
    let mut output = [0; OUTPUTS];
    report(counter, "memt", "one vector", 1, || {
        widen_one(matrix.format(), black_box(&input), &mut words);
        matrix.multiply_one(&words, |first, sums| {
            for (output, &mut sum) in output[first..].iter_mut().zip(sums) {
                *output = saturate8(requantise(sum, 1 << 16));
            }
        });
        black_box(&output);
    });
}

fn memt_two(counter: &InstructionCounter, matrix: &Matrix<'_>, input: &[i8; INPUTS]) {
    let mut words = [0; two_words(INPUTS)];
    let mut output = [[0; OUTPUTS]; 2];
    report(counter, "memt", "two vectors", 2, || {
        let input = black_box(input);
        widen_two(matrix.format(), [input, input], &mut words);
        matrix.multiply_two(&words, |first, sums| {
            for (which, output) in output.iter_mut().enumerate() {
                for (output, sums) in output[first..].iter_mut().zip(&*sums) {
                    *output = saturate8(requantise(sums[which], 1 << 16));
                }
            }
        });
        black_box(&output);
    });
}

fn embedded_nn(counter: &InstructionCounter, weights: &[i8; PRODUCTS], input: &[i8; INPUTS]) {
    let parameters = FcParams {
        input_offset: 3,
        filter_offset: 0,
        output_offset: -1,
        activation: Activation {
            min: -128,
            max: 127,
        },
    };
    let quantisation = PerTensorQuantParams {
        multiplier: 1 << 30,
        shift: -9,
    };
    const fn dimensions(n: usize, c: usize) -> Dims {
        Dims {
            n: n as i32,
            h: 1,
            w: 1,
            c: c as i32,
        }
    }
    let mut output = [0; OUTPUTS];
    report(
        counter,
        "embedded-nn 0.2.3",
        "fully_connected_s8",
        1,
        || {
            let done = fully_connected_s8(
                &parameters,
                &quantisation,
                &const { dimensions(1, INPUTS) },
                input,
                &const { dimensions(INPUTS, OUTPUTS) },
                weights,
                None,
                &const { dimensions(1, OUTPUTS) },
                &mut output,
            );
            assert!(done.is_ok(), "embedded-nn refused the layer");
            black_box(&output);
        },
    );
}

fn microflow(counter: &InstructionCounter, weights: &[i8; PRODUCTS], input: &[i8; INPUTS]) {
    let weights = SMatrix::<i8, INPUTS, OUTPUTS>::from_column_slice(weights);
    let weights: Tensor2D<i8, INPUTS, OUTPUTS, 1> = Tensor2D::new(weights, [0.01], [0]);
    let constants = (
        SMatrix::<f32, OUTPUTS, 1>::zeros(),
        0.001,
        SMatrix::<i32, 1, OUTPUTS>::zeros(),
        0,
    );
    let options = || FullyConnectedOptions {
        fused_activation: FusedActivation::None,
    };
    report(counter, "microflow 0.1.3", "fully_connected", 1, || {
        let input = SMatrix::<i8, 1, INPUTS>::from_row_slice(black_box(input));
        let input: Tensor2D<i8, 1, INPUTS, 1> = Tensor2D::new(input, [0.01], [3]);
        black_box(fully_connected(input, &weights, [0.1], [0], options(), constants).buffer);
    });
}

/// Each layer with its requantisation, for `vectors` inputs.
fn report(
    counter: &InstructionCounter,
    package: &str,
    operation: &str,
    vectors: usize,
    mut work: impl FnMut(),
) {
    let ((), instructions) = counter.count(&mut work);
    let each_x1000 = instructions * 1000 / (vectors * PRODUCTS) as u64;
    println!(
        "{{\"machine\":\"{MACHINE}\",\"package\":\"{package}\",\"operation\":\"{operation}\",\"instructions_a_product_x1000\":{each_x1000}}}"
    );
}
