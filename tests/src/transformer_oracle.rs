//! The integer transformer written again from its definition: whole windows, wide integers.

use memt_core::encoder::Image;
use memt_core::encoder::config::{Activation, Body, Pooling, TransformerConfig};
use memt_core::encoder::kernel::Matrix;
use memt_core::encoder::tensor::{MatrixName, NormName, Tensor, TensorName};

use crate::oracle::{divide_half_up, fifteen_bits};

/// A transformer with every number taken out of its image.
#[derive(Clone, Debug)]
pub struct TransformerOracle {
    config: TransformerConfig,
    entry: Entry,
    /// `[T][D]`, steps of the stream.
    positions: Vec<Vec<i128>>,
    layers: Vec<Layer>,
    pooled: Map,
    bag: Option<Map>,
}

/// How rows become the first stream.
#[derive(Clone, Debug)]
enum Entry {
    /// Normalised, by a map; norms come before what they are for.
    Normalised(Map),
    /// As they are, times this; norms are on the stream.
    Raw(i128),
}

#[derive(Clone, Debug)]
struct Layer {
    /// Gains and offsets after attention and after the feed-forward part.
    norms: Option<[[Vec<i128>; 2]; 2]>,
    joint: [Map; 3],
    context: Map,
    expand: Map,
    contract: Map,
}

#[derive(Clone, Debug)]
pub(crate) struct Map {
    weights: Vec<Vec<i128>>,
    biases: Vec<i128>,
    multipliers: Vec<i128>,
}

impl TransformerOracle {
    /// Reads an integer image of a transformer; `None` for another body.
    pub fn of(image: &Image<'_>) -> Option<Self> {
        let (config, raw) = match image.config().body {
            Body::Transformer(config) => (config, false),
            Body::PostNormTransformer(config) => (config, true),
            _ => return None,
        };
        let map = |name, layer| Map::of(image, name, layer);
        let norms = |layer| {
            [NormName::Attention, NormName::FeedForward].map(|name| norm_of(image, name, layer))
        };
        let layers = (0..config.layers).map(|layer| Layer {
            norms: raw.then(|| norms(layer)),
            joint: [MatrixName::Query, MatrixName::Key, MatrixName::Value]
                .map(|name| map(name, layer)),
            context: map(MatrixName::Context, layer),
            expand: map(MatrixName::Expand, layer),
            contract: map(MatrixName::Contract, layer),
        });
        Some(Self {
            config,
            entry: match raw {
                true => Entry::Raw(row_multiplier(image)),
                false => Entry::Normalised(map(MatrixName::Input, 0)),
            },
            positions: positions(image, usize::from(config.width)),
            layers: layers.collect(),
            pooled: map(MatrixName::Pooled, 0),
            bag: config.bag.then(|| map(MatrixName::Bag, 0)),
        })
    }

    /// The sums of a window whose words have these vectors.
    pub fn outputs(&self, vectors: &[Vec<i128>]) -> Vec<i128> {
        if vectors.is_empty() {
            return vec![0; 128];
        }
        let mut stream = self.enter(vectors);
        for layer in &self.layers {
            self.attend(layer, &mut stream);
            self.feed(layer, &mut stream);
        }
        let tokens: Vec<_> = match self.entry {
            Entry::Normalised(_) => stream.iter().map(|x| norm(x, 12, 32767)).collect(),
            Entry::Raw(_) => stream,
        };
        let pooled = pooled(self.config.pooling, &tokens);
        let mut outputs = self.pooled.of_vector(&pooled);
        if let Some(map) = &self.bag {
            let columns = 0..vectors[0].len();
            let sums: Vec<i128> = columns
                .map(|c| vectors.iter().map(|x| x[c]).sum())
                .collect();
            add(
                &mut outputs,
                &map.of_vector(&norm(&fifteen_bits(&sums), 12, 32767)),
            );
        }
        outputs
    }

    fn enter(&self, vectors: &[Vec<i128>]) -> Vec<Vec<i128>> {
        let stream = vectors.iter().enumerate().map(|(place, vector)| {
            let mut token = match &self.entry {
                Entry::Normalised(map) => map.of_vector(&norm(
                    &fifteen_bits(vector),
                    self.config.norm_bits.into(),
                    127,
                )),
                Entry::Raw(multiplier) => requantised(vector, *multiplier),
            };
            if let Some(position) = self.positions.get(place) {
                add(&mut token, position);
            }
            saturated(&token, 32767)
        });
        stream.collect()
    }

    fn attend(&self, layer: &Layer, stream: &mut [Vec<i128>]) {
        let joint = |map: &Map| -> Vec<Vec<i128>> {
            let rows = stream
                .iter()
                .map(|x| saturated(&map.of_vector(&self.read(x)), 127));
            rows.collect()
        };
        let [queries, keys, values] = [0, 1, 2].map(|part| joint(&layer.joint[part]));
        let head_width = usize::from(self.config.width) / usize::from(self.config.heads);
        for (token, query) in stream.iter_mut().zip(&queries) {
            let mixed: Vec<i128> = (0..query.len())
                .map(|feature| {
                    let head =
                        feature / head_width * head_width..(feature / head_width + 1) * head_width;
                    let score = |key: &Vec<i128>| dot(&query[head.clone()], &key[head.clone()]);
                    let scores: Vec<i128> = keys.iter().map(score).collect();
                    let weights = weights(&scores);
                    let column: Vec<i128> = values.iter().map(|value| value[feature]).collect();
                    let reciprocal = (1i128 << 45) / weights.iter().sum::<i128>();
                    divide_half_up(dot(&weights, &column) * reciprocal, 1 << 45).clamp(-127, 127)
                })
                .collect();
            add(token, &layer.context.of_vector(&mixed));
            *token = saturated(token, 32767);
            layer.normalise(0, token);
        }
    }

    /// What matrices read of a token of the stream.
    fn read(&self, token: &[i128]) -> Vec<i128> {
        match self.entry {
            Entry::Normalised(_) => norm(token, self.config.norm_bits.into(), 127),
            Entry::Raw(_) => {
                let step = 256 >> self.config.norm_bits;
                let narrow = |x: &i128| divide_half_up(*x, step).clamp(-127, 127);
                token.iter().map(narrow).collect()
            }
        }
    }

    fn feed(&self, layer: &Layer, stream: &mut [Vec<i128>]) {
        for token in stream {
            let hidden = saturated(&layer.expand.of_vector(&self.read(token)), 127);
            let hidden: Vec<i128> = hidden.iter().map(|&x| self.activate(x)).collect();
            add(token, &layer.contract.of_vector(&hidden));
            *token = saturated(token, 32767);
            layer.normalise(1, token);
        }
    }

    fn activate(&self, value: i128) -> i128 {
        match self.config.activation {
            Activation::Relu => value.max(0),
            Activation::Gelu => {
                let x = value as f64 / 16.0;
                let share = 0.5 * (1.0 + libm::erf(x / std::f64::consts::SQRT_2));
                (16.0 * x * share + 0.5).floor() as i128
            }
            other => panic!("the oracle does not know {other:?}"),
        }
    }
}

/// Means and largest numbers of tokens, or either.
pub(crate) fn pooled(pooling: Pooling, tokens: &[Vec<i128>]) -> Vec<i128> {
    let columns = 0..tokens[0].len();
    let count = tokens.len() as i128;
    let reciprocal = ((1 << 24) + count / 2) / count;
    let mean = |column: usize| {
        let sum: i128 = tokens.iter().map(|token| token[column]).sum();
        divide_half_up(sum * reciprocal, 1 << 24)
    };
    let largest = |column: usize| tokens.iter().map(|token| token[column]).max().unwrap_or(0);
    match pooling {
        Pooling::Mean => columns.map(mean).collect(),
        Pooling::Max => columns.map(largest).collect(),
        Pooling::MeanMax => columns
            .clone()
            .map(mean)
            .chain(columns.map(largest))
            .collect(),
        other => panic!("the oracle does not know {other:?}"),
    }
}

impl Layer {
    /// `round(norm12(x) g / 2^16) + o`, if this layer has norms.
    fn normalise(&self, which: usize, token: &mut Vec<i128>) {
        if let Some(norms) = &self.norms {
            let [gains, offsets] = &norms[which];
            let scales = gains.iter().zip(offsets);
            let values = norm(token, 12, 32767).into_iter().zip(scales);
            let scaled =
                values.map(|(x, (gain, offset))| divide_half_up(x * gain, 1 << 16) + offset);
            *token = saturated(&scaled.collect::<Vec<_>>(), 32767);
        }
    }
}

impl Map {
    pub(crate) fn of(image: &Image<'_>, name: MatrixName, layer: u8) -> Self {
        let tensor = image.tensor(TensorName::Weights(name), layer);
        let matrix =
            Matrix::of(&tensor.expect("the image has this matrix")).expect("a sound matrix");
        let row = |row| (0..matrix.columns()).map(move |column| matrix.value(row, column).into());
        let biases = image.tensor(TensorName::Biases(name), layer);
        let multipliers = image.tensor(TensorName::Multipliers(name), layer);
        Self {
            weights: (0..matrix.rows())
                .map(|index| row(index).collect())
                .collect(),
            biases: match biases {
                Ok(biases) => four_bytes(&biases, |bytes| i32::from_le_bytes(bytes).into()),
                Err(_) => vec![0; matrix.rows()],
            },
            multipliers: four_bytes(&multipliers.expect("multipliers"), |bytes| {
                u32::from_le_bytes(bytes).into()
            }),
        }
    }

    pub(crate) fn of_vector(&self, vector: &[i128]) -> Vec<i128> {
        let rows = self.weights.iter().zip(&self.biases).zip(&self.multipliers);
        rows.map(|((weights, bias), multiplier)| {
            divide_half_up((dot(weights, vector) + bias) * multiplier, 1 << 24)
        })
        .collect()
    }
}

fn positions(image: &Image<'_>, width: usize) -> Vec<Vec<i128>> {
    let Ok(values) = image.tensor(TensorName::Positions, 0) else {
        return Vec::new();
    };
    let multipliers = image
        .tensor(TensorName::PositionMultipliers, 0)
        .expect("multipliers");
    let multipliers = four_bytes(&multipliers, |bytes| u32::from_le_bytes(bytes).into());
    let rows = values.bytes.chunks(width).zip(multipliers);
    rows.map(|(row, multiplier): (&[u8], i128)| {
        let step = |&byte: &u8| divide_half_up(i128::from(byte as i8) * multiplier, 1 << 24);
        row.iter().map(step).collect()
    })
    .collect()
}

fn four_bytes(tensor: &Tensor<'_>, number: impl Fn([u8; 4]) -> i128) -> Vec<i128> {
    let chunks = tensor.bytes.chunks(4);
    chunks
        .map(|bytes| number(bytes.try_into().expect("four bytes")))
        .collect()
}

/// Layer norm with `fraction` bits: c = n x - sum, V = sum c^2, y = c / sqrt(V / n).
fn norm(input: &[i128], fraction: u32, limit: i128) -> Vec<i128> {
    let count = input.len() as i128;
    let sum: i128 = input.iter().sum();
    let centred: Vec<i128> = input.iter().map(|x| count * x - sum).collect();
    let squares = dot(&centred, &centred);
    if squares == 0 {
        return vec![0; input.len()];
    }
    let shift = (squares as u64).leading_zeros() & !1;
    let root = ((squares << shift) / count).isqrt();
    let reciprocal = (1i128 << 57) / root;
    let quotient = |c: &i128| {
        let product = (c << (shift / 2 - 1)) * reciprocal;
        divide_half_up(product, 1 << (56 - fraction)).clamp(-limit, limit)
    };
    centred.iter().map(quotient).collect()
}

/// `floor(round(32767 x 2^-((i + 0.5) / 256)) / 2^n)` for scores of 10 fraction bits.
fn weights(scores: &[i128]) -> Vec<i128> {
    let largest = scores.iter().copied().max().unwrap_or(0);
    let weight = |score: &i128| {
        let below = largest - score;
        let index = (below / 4 % 256) as f64;
        let power = (32767.0 * (-(index + 0.5) / 256.0).exp2()).round() as i128;
        power >> (below / 1024).min(15)
    };
    scores.iter().map(weight).collect()
}

fn norm_of(image: &Image<'_>, name: NormName, layer: u8) -> [Vec<i128>; 2] {
    [TensorName::Gains(name), TensorName::Offsets(name)].map(|name| {
        let tensor = image.tensor(name, layer).expect("the image has this norm");
        let pairs = tensor.bytes.chunks(2);
        pairs
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]).into())
            .collect()
    })
}

/// From raw rows to steps of the stream, times 2^24.
pub(crate) fn row_multiplier(image: &Image<'_>) -> i128 {
    let name = TensorName::Multipliers(MatrixName::Input);
    let tensor = image.tensor(name, 0).expect("a multiplier of rows");
    four_bytes(&tensor, |bytes| u32::from_le_bytes(bytes).into())[0]
}

pub(crate) fn requantised(numbers: &[i128], multiplier: i128) -> Vec<i128> {
    let numbers = numbers.iter();
    numbers
        .map(|x| divide_half_up(x * multiplier, 1 << 24))
        .collect()
}

fn dot(left: &[i128], right: &[i128]) -> i128 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add(sums: &mut [i128], added: &[i128]) {
    sums.iter_mut().zip(added).for_each(|(sum, x)| *sum += x);
}

pub(crate) fn saturated(numbers: &[i128], limit: i128) -> Vec<i128> {
    numbers.iter().map(|x| (*x).clamp(-limit, limit)).collect()
}
