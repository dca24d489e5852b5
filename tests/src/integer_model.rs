//! Images of integers with random weights, of any body and front end: for tests that need every kind of
//! model rather than a good one.

use crate::aligned::AlignedBytes;
use crate::fine;
use crate::image_parts::{OwnedTensor, assemble};
use crate::random::Random;
use crate::vocabulary;
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::config::{
    Activation, Body, CharsConfig, Config, ConvConfig, FrontEnd, Pooling, TransformerConfig,
    WordsConfig,
};
use memt_core::encoder::kernel::MatrixFormat;
use memt_core::encoder::ops::MAX_MULTIPLIER;
use memt_core::encoder::tensor::{MatrixName, NormName, TensorFormat, TensorName};

/// The printable characters of ASCII.
const ALPHABET: std::ops::RangeInclusive<u32> = 0x20..=0x7e;

/// Usual magnitudes of activations, which multipliers are chosen for.
const NORMED: f64 = 16.0;
const BYTES: f64 = 30.0;
const STREAM: f64 = 4000.0;
const NORMED_STREAM: f64 = 256.0;
const POOLED: f64 = 4096.0;
const EMBEDDING: f64 = 1e6;

/// What a random model looks like.
#[derive(Clone, Copy, Debug)]
pub struct IntegerModel {
    /// Which random numbers.
    pub seed: u64,
    /// Its sizes; the words of a front end of words are those of [`IntegerModel::image`].
    pub config: Config,
}

impl IntegerModel {
    /// The published character transformer: 128 wide, two layers of four heads, 256 positions.
    pub const TRANSFORMER: Self = Self {
        seed: 1,
        config: Config {
            front: characters(128, 256),
            body: Body::PostNormTransformer(TransformerConfig {
                width: 128,
                layers: 2,
                heads: 4,
                hidden: 256,
                activation: Activation::Relu,
                positions: true,
                pooling: Pooling::MeanMax,
                bag: false,
                norm_bits: 4,
            }),
        },
    };

    /// The published character convolutions: three of 256 channels.
    pub const CONV: Self = Self {
        seed: 2,
        config: Config {
            front: characters(128, 256),
            body: Body::Conv(ConvConfig {
                channels: 256,
                layers: 3,
                residual: false,
                pooling: Pooling::Max,
            }),
        },
    };

    /// A model of random sizes over words or characters.
    pub fn random(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let width = |random: &mut Random, most| 32 * random.between(1, most) as u16;
        let pooling = [Pooling::Mean, Pooling::Max, Pooling::MeanMax][random.below(3)];
        let window = [1, 2, 3, 7, 24, 33][random.below(6)];
        let row_width = width(&mut random, 4);
        let layers = random.between(1, 3) as u8;
        let transformer = |random: &mut Random, width: u16, norm_bits| TransformerConfig {
            width,
            layers,
            heads: [1, 2, 4, 8, 16, 32][random.below(6)],
            hidden: 32 * random.between(1, 6) as u16,
            activation: [Activation::Relu, Activation::Gelu][random.below(2)],
            positions: random.below(2) == 0,
            pooling,
            bag: random.below(2) == 0,
            norm_bits,
        };
        let body = match random.below(3) {
            0 => {
                let width = width(&mut random, 5);
                let norm_bits = random.between(3, 5) as u8;
                Body::Transformer(transformer(&mut random, width, norm_bits))
            }
            // Gains up to 1.5 widen what matrices read.
            1 => {
                let norm_bits = random.between(3, 4) as u8;
                Body::PostNormTransformer(transformer(&mut random, row_width, norm_bits))
            }
            _ => Body::Conv(ConvConfig {
                channels: width(&mut random, 5),
                layers,
                residual: random.below(2) == 0,
                pooling,
            }),
        };
        let front = match random.below(2) {
            0 => characters(row_width, window),
            _ => FrontEnd::Words(WordsConfig {
                words: 0,
                ngrams: random.between(1, 90) as u32,
                row_width,
                bucket_bits: random.between(0, 9) as u8,
                window,
            }),
        };
        Self {
            seed,
            config: Config { front, body },
        }
    }

    /// Its image; a front end of words knows `words`.
    pub fn image(&self, words: &[&str]) -> AlignedBytes {
        let mut maker = Maker {
            random: Random::new(self.seed ^ 0x5eed),
            tensors: Vec::new(),
        };
        let mut config = self.config;
        let row_step = maker.front(&mut config.front, words);
        let rows = config.front.row_width();
        match config.body {
            Body::Transformer(body) => {
                let shape = [body.width.into(), rows];
                maker.map(MatrixName::Input, 0, shape, NORMED, STREAM);
                maker.transformer(&body, config.front.window(), STREAM, POOLED);
                maker.bag(&body, rows);
            }
            Body::PostNormTransformer(body) => {
                maker.row_multiplier(NORMED_STREAM / row_step);
                maker.transformer(&body, config.front.window(), NORMED_STREAM, NORMED_STREAM);
                (0..body.layers).for_each(|layer| maker.norms(layer, body.width));
                maker.bag(&body, rows);
            }
            Body::Conv(body) => {
                maker.row_multiplier(8000.0 / row_step);
                maker.conv(&body, rows);
            }
            other => panic!("no random {other:?}: TinyModel makes bags"),
        }
        assemble(&config, &maker.tensors)
    }
}

const fn characters(row_width: u16, window: u16) -> FrontEnd {
    FrontEnd::Chars(CharsConfig {
        characters: (*ALPHABET.end() - *ALPHABET.start() + 1) as u16,
        row_width,
        window,
    })
}

struct Maker {
    random: Random,
    tensors: Vec<OwnedTensor>,
}

impl Maker {
    /// Makes the rows and gives their usual magnitude.
    fn front(&mut self, front: &mut FrontEnd, words: &[&str]) -> f64 {
        match front {
            FrontEnd::Chars(_) => {
                let alphabet: Vec<u32> = ALPHABET.collect();
                let name = (TensorName::Characters, 0);
                self.tensors.push(OwnedTensor::u32(name, &alphabet));
            }
            FrontEnd::Words(front) => {
                let keys = vocabulary::keys(words, front.bucket_bits);
                front.words = keys.len() as u32;
                self.tensors
                    .extend(vocabulary::tensors(&keys, front.bucket_bits));
            }
            other => panic!("no rows for {other:?}"),
        }
        let (rows, columns) = (front.rows() as usize, front.row_width());
        let (format, largest) = [
            (TensorFormat::I2, 1),
            (TensorFormat::I4, 7),
            (TensorFormat::I8, 127),
        ][self.random.below(3)];
        let numbers = (0..rows * columns).map(|_| match format {
            TensorFormat::I2 => (2 * self.random.between(0, 3) - 3) as i8,
            _ => self.random.between(-largest, largest) as i8,
        });
        let numbers: Vec<i8> = numbers.collect();
        let scales: Vec<u16> = (0..rows)
            .map(|_| self.random.between(500, 1500) as u16)
            .collect();
        self.tensors.push(OwnedTensor::rows(
            (TensorName::Rows, 0),
            format,
            columns,
            &numbers,
        ));
        self.tensors
            .push(OwnedTensor::u16(TensorName::RowScales, &scales));
        if format == TensorFormat::I2 {
            self.tensors
                .extend(fine::tensors(rows as u64, rows, columns));
        }
        match format {
            TensorFormat::I2 => 2236.0,
            _ => 577.0 * f64::from(largest),
        }
    }

    fn row_multiplier(&mut self, factor: f64) {
        let name = (TensorName::Multipliers(MatrixName::Input), 0);
        self.tensors.push(OwnedTensor::u32(name, &[fixed(factor)]));
    }

    /// A map whose inputs and outputs have these magnitudes, and some of its outputs more.
    fn map(&mut self, name: MatrixName, layer: u8, shape: [usize; 2], input: f64, output: f64) {
        let [outputs, inputs] = shape;
        let (format, largest) =
            [(MatrixFormat::I4, 7), (MatrixFormat::I8, 127)][self.random.below(2)];
        let sums = f64::from(largest) * 0.577 * input * (inputs as f64).sqrt();
        let numbers = (0..outputs * inputs).map(|_| self.random.between(-largest, largest) as i8);
        let numbers: Vec<i8> = numbers.collect();
        let percents = (0..outputs).map(|_| self.random.between(40, 200));
        let multipliers: Vec<u32> = percents
            .map(|percent| fixed(output / sums * f64::from(percent) / 100.0))
            .collect();
        let weights = (TensorName::Weights(name), layer);
        self.tensors
            .push(OwnedTensor::matrix(weights, format, inputs, &numbers));
        let name_of_multipliers = (TensorName::Multipliers(name), layer);
        self.tensors
            .push(OwnedTensor::u32(name_of_multipliers, &multipliers));
        if self.random.below(3) > 0 {
            let biases = (0..outputs).map(|_| self.random.between(-(sums as i32), sums as i32));
            let biases: Vec<i32> = biases.collect();
            self.tensors
                .push(OwnedTensor::i32((TensorName::Biases(name), layer), &biases));
        }
    }

    fn transformer(&mut self, body: &TransformerConfig, window: u16, stream: f64, pooled: f64) {
        let (width, hidden) = (usize::from(body.width), usize::from(body.hidden));
        if body.positions {
            self.positions(window.into(), width, stream / 4.0);
        }
        // Scores of a few powers of two, whatever the width of a head.
        let head_width = width / usize::from(body.heads);
        let query = (2000.0 / (head_width as f64).sqrt()).sqrt();
        for layer in 0..body.layers {
            let square = [width, width];
            self.map(MatrixName::Query, layer, square, NORMED, query);
            self.map(MatrixName::Key, layer, square, NORMED, query);
            self.map(MatrixName::Value, layer, square, NORMED, 2.0 * BYTES);
            self.map(MatrixName::Context, layer, square, BYTES, stream / 2.0);
            self.map(MatrixName::Expand, layer, [hidden, width], NORMED, BYTES);
            let shape = [width, hidden];
            self.map(MatrixName::Contract, layer, shape, BYTES, stream / 2.0);
        }
        let shape = [DIMENSIONS, body.pooling.width(width)];
        self.map(MatrixName::Pooled, 0, shape, pooled, EMBEDDING);
    }

    fn bag(&mut self, body: &TransformerConfig, rows: usize) {
        if body.bag {
            let shape = [DIMENSIONS, rows];
            self.map(MatrixName::Bag, 0, shape, POOLED, EMBEDDING);
        }
    }

    fn positions(&mut self, window: usize, width: usize, magnitude: f64) {
        let numbers = (0..window * width).map(|_| self.random.between(-127, 127) as i8);
        let numbers: Vec<i8> = numbers.collect();
        let name = (TensorName::Positions, 0);
        self.tensors
            .push(OwnedTensor::rows(name, TensorFormat::I8, width, &numbers));
        let multipliers = vec![fixed(magnitude / 73.0); window];
        let name = (TensorName::PositionMultipliers, 0);
        self.tensors.push(OwnedTensor::u32(name, &multipliers));
    }

    fn norms(&mut self, layer: u8, width: u16) {
        for name in [NormName::Attention, NormName::FeedForward] {
            let gains = (0..width).map(|_| self.random.between(-6000, 6000) as i16);
            let gains: Vec<i16> = gains.collect();
            let name_of_gains = (TensorName::Gains(name), layer);
            self.tensors.push(OwnedTensor::i16(name_of_gains, &gains));
            let offsets = (0..width).map(|_| self.random.between(-200, 200) as i16);
            let offsets: Vec<i16> = offsets.collect();
            let name_of_offsets = (TensorName::Offsets(name), layer);
            self.tensors
                .push(OwnedTensor::i16(name_of_offsets, &offsets));
        }
    }

    fn conv(&mut self, body: &ConvConfig, rows: usize) {
        let channels = usize::from(body.channels);
        for layer in 0..body.layers {
            let inputs = if layer == 0 { rows } else { channels };
            let shape = [channels, 3 * inputs];
            self.map(MatrixName::Convolution, layer, shape, BYTES, 8000.0);
        }
        let shape = [DIMENSIONS, body.pooling.width(channels)];
        self.map(MatrixName::Pooled, 0, shape, 8000.0, EMBEDDING);
    }
}

/// A multiplier, at most the largest of the format.
fn fixed(factor: f64) -> u32 {
    ((factor * f64::from(1 << 24)) as u32).min(MAX_MULTIPLIER)
}
