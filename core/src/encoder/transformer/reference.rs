//! The transformer in floats: the functions of the integer one without its rounding and saturation.
//!
//! Over an image of integers it computes in their steps, so that nothing but rounding lies between
//! the two; over an image of floats in the units of the trainer.

use crate::embedding::DIMENSIONS;
use crate::encoder::bag_reference::add_word;
use crate::encoder::config::{Activation, Pooling, TransformerConfig};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::linear_reference::FloatLinear;
use crate::encoder::ops::{MULTIPLIER_BITS, NORM8_UNIT, NORM12_UNIT, SCORE_BITS};
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};
use crate::encoder::tensor::{MatrixName, Tensor, TensorFormat, TensorName};
use crate::encoder::weights::{RowWeights, Table};
use crate::text::Word;

/// Added to the variance in images of floats, as in PyTorch.
const EPSILON: f32 = 1e-5;

/// A transformer as its image stores it.
#[derive(Clone, Copy, Debug)]
pub(in crate::encoder) struct TransformerReference<'m> {
    config: TransformerConfig,
    front: RowWeights<'m, Table<'m>>,
    steps: Steps,
    image: Image<'m>,
}

/// What activations are counted in.
#[derive(Clone, Copy, Debug)]
struct Steps {
    /// Steps of what matrices read in one deviation.
    narrow: f32,
    /// Steps of what is pooled in one deviation.
    wide: f32,
    /// From a product of query and key to the exponent of e.
    score: f32,
    /// Steps of the activation functions in one.
    activation: f32,
    epsilon: f32,
}

#[derive(Clone, Copy, Debug)]
struct Positions<'m> {
    values: Tensor<'m>,
    multipliers: Option<Tensor<'m>>,
}

/// What stands before and after the layers.
struct Ends<'m> {
    input: FloatLinear<'m>,
    positions: Option<Positions<'m>>,
    pooled: FloatLinear<'m>,
    bag: Option<FloatLinear<'m>>,
}

/// The matrices of one layer.
struct Layer<'m> {
    query: FloatLinear<'m>,
    key: FloatLinear<'m>,
    value: FloatLinear<'m>,
    context: FloatLinear<'m>,
    expand: FloatLinear<'m>,
    contract: FloatLinear<'m>,
}

/// Working memory, `[L, D]` unless said otherwise.
struct Memory<'s> {
    stream: &'s mut [f32],
    keys: &'s mut [f32],
    values: &'s mut [f32],
    /// `[L]`
    scores: &'s mut [f32],
    /// `[R]` of a word and of the bag.
    rows: [&'s mut [f32]; 2],
    /// `[max(D, R, P)]` and `[max(D, F)]`
    narrow: &'s mut [f32],
    hidden: &'s mut [f32],
    /// `[D]`
    mixed: &'s mut [f32],
}

/// Floats of [`Memory`].
pub(in crate::encoder) const fn floats(
    config: &TransformerConfig,
    row_width: usize,
    window: usize,
) -> usize {
    let width = config.width as usize;
    let [narrow, hidden] = widths(config, row_width);
    3 * window * width + window + 2 * row_width + narrow + hidden + width
}

const fn widths(config: &TransformerConfig, row_width: usize) -> [usize; 2] {
    let width = config.width as usize;
    let pooled = config.pooling.width(width);
    let hidden = config.hidden as usize;
    [
        if row_width > pooled {
            row_width
        } else {
            pooled
        },
        if width > hidden { width } else { hidden },
    ]
}

impl<'s> Memory<'s> {
    fn of(
        config: &TransformerConfig,
        row_width: usize,
        window: usize,
        mut scratch: ScratchSlice<'s>,
    ) -> Result<Self, ScratchTooSmall> {
        let width = usize::from(config.width);
        let [narrow, hidden] = widths(config, row_width);
        let mut take = |count| scratch.take::<f32>(count);
        Ok(Self {
            stream: take(window * width)?,
            keys: take(window * width)?,
            values: take(window * width)?,
            scores: take(window)?,
            rows: [take(row_width)?, take(row_width)?],
            narrow: take(narrow)?,
            hidden: take(hidden)?,
            mixed: take(width)?,
        })
    }
}

impl<'m> TransformerReference<'m> {
    /// Finds and checks every tensor.
    pub(in crate::encoder) fn find(
        image: &Image<'m>,
        config: TransformerConfig,
    ) -> Result<Self, ImageError> {
        let front = RowWeights::find(image)?;
        let found = Self {
            config,
            steps: match front.rows {
                Table::Integers(_) => Steps::OF_INTEGERS,
                Table::Floats(_) => {
                    Steps::of_floats(usize::from(config.width) / usize::from(config.heads))
                }
            },
            front,
            image: *image,
        };
        found.ends()?;
        for layer in 0..config.layers {
            found.layer(layer)?;
        }
        Ok(found)
    }

    /// What stands before and after the layers.
    fn ends(&self) -> Result<Ends<'m>, ImageError> {
        let (width, rows) = (usize::from(self.config.width), self.front.row_width);
        let pooled = self.config.pooling.width(width);
        let find = |name, shape| FloatLinear::find(&self.image, name, 0, shape);
        Ok(Ends {
            input: find(MatrixName::Input, [width, rows])?,
            positions: match self.config.positions {
                true => Some(Positions::find(&self.image, width)?),
                false => None,
            },
            pooled: find(MatrixName::Pooled, [DIMENSIONS, pooled])?,
            bag: match self.config.bag {
                true => Some(find(MatrixName::Bag, [DIMENSIONS, rows])?),
                false => None,
            },
        })
    }

    fn layer(&self, layer: u8) -> Result<Layer<'m>, ImageError> {
        let width = usize::from(self.config.width);
        let hidden = usize::from(self.config.hidden);
        let find = |name, shape| FloatLinear::find(&self.image, name, layer, shape);
        Ok(Layer {
            query: find(MatrixName::Query, [width, width])?,
            key: find(MatrixName::Key, [width, width])?,
            value: find(MatrixName::Value, [width, width])?,
            context: find(MatrixName::Context, [width, width])?,
            expand: find(MatrixName::Expand, [hidden, width])?,
            contract: find(MatrixName::Contract, [width, hidden])?,
        })
    }

    /// Encodes one window into `out` and returns how many words it had.
    pub(in crate::encoder) fn encode_window<'t>(
        &self,
        words: impl Iterator<Item = Word<'t>>,
        scratch: ScratchSlice<'_>,
        out: &mut [f32; DIMENSIONS],
    ) -> Result<u32, ScratchTooSmall> {
        let window = self.image.config().window();
        let mut memory = Memory::of(&self.config, self.front.row_width, window, scratch)?;
        // Every tensor was found when the encoder was made.
        let Ok(ends) = self.ends() else { return Ok(0) };
        let tokens = self.enter(&ends, words, &mut memory);
        if tokens == 0 {
            return Ok(0);
        }
        for layer in 0..self.config.layers {
            if let Ok(layer) = self.layer(layer) {
                self.attend(&layer, tokens, &mut memory);
                self.feed(&layer, tokens, &mut memory);
            }
        }
        self.leave(&ends, tokens, &mut memory, out);
        Ok(tokens as u32)
    }

    fn enter<'t>(
        &self,
        ends: &Ends<'_>,
        words: impl Iterator<Item = Word<'t>>,
        memory: &mut Memory<'_>,
    ) -> usize {
        let width = usize::from(self.config.width);
        let [row, bag] = &mut memory.rows;
        let mut tokens = 0;
        for word in words {
            row.fill(0.0);
            add_word(&self.front, word, row);
            bag.iter_mut()
                .zip(row.iter())
                .for_each(|(bag, x)| *bag += x);
            let narrow = &mut memory.narrow[..row.len()];
            self.steps.norm(self.steps.narrow, row, narrow);
            let stream = &mut memory.stream[tokens * width..][..width];
            ends.input.map(narrow, |feature, value| {
                let position = match &ends.positions {
                    Some(positions) => positions.at(tokens, feature),
                    None => 0.0,
                };
                stream[feature] = value + position;
            });
            tokens += 1;
        }
        tokens
    }

    fn attend(&self, layer: &Layer<'_>, tokens: usize, memory: &mut Memory<'_>) {
        let width = usize::from(self.config.width);
        let head_width = width / usize::from(self.config.heads);
        let Memory {
            stream,
            keys,
            values,
            scores,
            narrow,
            hidden,
            mixed,
            ..
        } = memory;
        let narrow = &mut narrow[..width];
        let places = |token: usize| token * width..(token + 1) * width;
        for token in 0..tokens {
            self.steps
                .norm(self.steps.narrow, &stream[places(token)], narrow);
            let (keys, values) = (&mut keys[places(token)], &mut values[places(token)]);
            layer
                .key
                .map(narrow, |feature, value| keys[feature] = value);
            layer
                .value
                .map(narrow, |feature, value| values[feature] = value);
        }
        let scores = &mut scores[..tokens];
        for token in 0..tokens {
            let stream = &mut stream[places(token)];
            self.steps.norm(self.steps.narrow, stream, narrow);
            layer
                .query
                .map(narrow, |feature, value| hidden[feature] = value);
            for first in (0..width).step_by(head_width) {
                let head = first..first + head_width;
                for (score, keys) in scores.iter_mut().zip(keys.chunks(width)) {
                    *score = self.steps.score * dot(&hidden[head.clone()], &keys[head.clone()]);
                }
                let total = softmax(scores);
                for feature in head {
                    let values = values[feature..].iter().step_by(width);
                    let sum: f32 = scores.iter().zip(values).map(|(w, v)| w * v).sum();
                    mixed[feature] = sum / total;
                }
            }
            layer
                .context
                .map(mixed, |feature, value| stream[feature] += value);
        }
    }

    fn feed(&self, layer: &Layer<'_>, tokens: usize, memory: &mut Memory<'_>) {
        let width = usize::from(self.config.width);
        let hidden = &mut memory.hidden[..usize::from(self.config.hidden)];
        for stream in memory.stream.chunks_mut(width).take(tokens) {
            let narrow = &mut memory.narrow[..width];
            self.steps.norm(self.steps.narrow, stream, narrow);
            layer.expand.map(narrow, |feature, value| {
                hidden[feature] = match self.config.activation {
                    Activation::Relu => value.max(0.0),
                    Activation::Gelu => self.steps.gelu(value),
                };
            });
            layer
                .contract
                .map(hidden, |feature, value| stream[feature] += value);
        }
    }

    fn leave(
        &self,
        ends: &Ends<'_>,
        tokens: usize,
        memory: &mut Memory<'_>,
        out: &mut [f32; DIMENSIONS],
    ) {
        let width = usize::from(self.config.width);
        let pooled = &mut memory.narrow[..self.config.pooling.width(width)];
        let normalised = &mut memory.mixed[..width];
        let (mean, largest) = match self.config.pooling {
            Pooling::Mean => (Some(0), None),
            Pooling::Max => (None, Some(0)),
            Pooling::MeanMax => (Some(0), Some(width)),
        };
        pooled.fill(0.0);
        if let Some(largest) = largest {
            pooled[largest..].fill(f32::MIN);
        }
        for stream in memory.stream.chunks(width).take(tokens) {
            self.steps.norm(self.steps.wide, stream, normalised);
            for (feature, &value) in normalised.iter().enumerate() {
                if let Some(mean) = mean {
                    pooled[mean + feature] += value / tokens as f32;
                }
                if let Some(largest) = largest {
                    let place = &mut pooled[largest + feature];
                    *place = place.max(value);
                }
            }
        }
        ends.pooled.map(pooled, |output, value| out[output] = value);
        if let Some(map) = &ends.bag {
            let [normalised, bag] = &mut memory.rows;
            self.steps.norm(self.steps.wide, bag, normalised);
            map.map(normalised, |output, value| out[output] += value);
        }
    }
}

impl Steps {
    const OF_INTEGERS: Self = Self {
        narrow: NORM8_UNIT as f32,
        wide: NORM12_UNIT as f32,
        score: core::f32::consts::LN_2 / (1 << SCORE_BITS) as f32,
        activation: 16.0,
        epsilon: 0.0,
    };

    fn of_floats(head_width: usize) -> Self {
        Self {
            narrow: 1.0,
            wide: 1.0,
            score: 1.0 / libm::sqrtf(head_width as f32),
            activation: 1.0,
            epsilon: EPSILON,
        }
    }

    /// `unit (x - mean) / sqrt(variance + epsilon)`; zeros for equal numbers.
    fn norm(&self, unit: f32, input: &[f32], output: &mut [f32]) {
        let count = input.len() as f32;
        let mean = input.iter().sum::<f32>() / count;
        let squares: f32 = input.iter().map(|x| (x - mean) * (x - mean)).sum();
        let deviation = libm::sqrtf(squares / count + self.epsilon);
        let scale = if deviation > 0.0 {
            unit / deviation
        } else {
            0.0
        };
        for (output, x) in output.iter_mut().zip(input) {
            *output = (x - mean) * scale;
        }
    }

    fn gelu(&self, value: f32) -> f32 {
        let x = value / self.activation;
        value * 0.5 * (1.0 + libm::erff(x * core::f32::consts::FRAC_1_SQRT_2))
    }
}

impl<'m> Positions<'m> {
    fn find(image: &Image<'m>, width: usize) -> Result<Self, ImageError> {
        let values = image.tensor(TensorName::Positions, 0)?;
        let window = image.config().window() as u32;
        if [values.entry.rows, values.entry.columns] != [window, width as u32] {
            return Err(ImageError::TensorShape(TensorName::Positions));
        }
        let multipliers = match values.entry.format {
            TensorFormat::F32 => None,
            TensorFormat::I8 => {
                let name = TensorName::PositionMultipliers;
                let tensor = image.tensor(name, 0)?;
                let entry = tensor.entry;
                if entry.format != TensorFormat::U32 || [entry.rows, entry.columns] != [window, 1] {
                    return Err(ImageError::TensorShape(name));
                }
                Some(tensor)
            }
            _ => return Err(ImageError::TensorShape(TensorName::Positions)),
        };
        Ok(Self {
            values,
            multipliers,
        })
    }

    fn at(&self, place: usize, feature: usize) -> f32 {
        match &self.multipliers {
            None => self
                .values
                .f32_at(place * self.values.entry.columns as usize + feature),
            Some(multipliers) => {
                let value = self.values.row(place)[feature] as i8;
                let scale = (1u32 << MULTIPLIER_BITS) as f32;
                f32::from(value) * (multipliers.u32_at(place) as f32 / scale)
            }
        }
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

/// Replaces scores by weights, the largest 1, and returns their sum.
fn softmax(scores: &mut [f32]) -> f32 {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    for score in &mut *scores {
        *score = libm::expf(*score - largest);
    }
    scores.iter().sum()
}
