//! The integer convolutions written again from their definition: whole windows, wide integers.

use crate::oracle::divide_half_up;
use crate::transformer_oracle::{Map, pooled, requantised, row_multiplier, saturated};
use memt_core::encoder::Image;
use memt_core::encoder::config::{Body, ConvConfig};
use memt_core::encoder::tensor::MatrixName;

/// A stack of convolutions with every number taken out of its image.
#[derive(Clone, Debug)]
pub struct ConvOracle {
    config: ConvConfig,
    multiplier: i128,
    layers: Vec<Map>,
    pooled: Map,
}

impl ConvOracle {
    /// Reads an integer image of convolutions; `None` for another body.
    pub fn of(image: &Image<'_>) -> Option<Self> {
        let Body::Conv(config) = image.config().body else {
            return None;
        };
        let layers = 0..config.layers;
        Some(Self {
            config,
            multiplier: row_multiplier(image),
            layers: layers
                .map(|layer| Map::of(image, MatrixName::Convolution, layer))
                .collect(),
            pooled: Map::of(image, MatrixName::Pooled, 0),
        })
    }

    /// The sums of a window whose tokens have these vectors.
    pub fn outputs(&self, vectors: &[Vec<i128>]) -> Vec<i128> {
        if vectors.is_empty() {
            return vec![0; 128];
        }
        let rows = vectors.iter();
        let mut stream: Vec<Vec<i128>> = rows
            .map(|vector| saturated(&requantised(vector, self.multiplier), 32767))
            .collect();
        for layer in &self.layers {
            stream = self.convolved(layer, &stream);
        }
        self.pooled.of_vector(&pooled(self.config.pooling, &stream))
    }

    fn convolved(&self, layer: &Map, stream: &[Vec<i128>]) -> Vec<Vec<i128>> {
        let width = stream[0].len();
        let byte = |x: &i128| divide_half_up(*x, 256).clamp(-127, 127);
        let mut read = vec![vec![0; width]];
        read.extend(stream.iter().map(|token| token.iter().map(byte).collect()));
        read.push(vec![0; width]);
        let tokens = stream.iter().zip(read.windows(3));
        tokens
            .map(|(token, neighbours)| {
                let outputs = saturated(&layer.of_vector(&neighbours.concat()), 32767);
                let outputs = outputs.iter().map(|&x| x.max(0));
                match self.config.residual && outputs.len() == width {
                    true => {
                        let sums: Vec<i128> = outputs.zip(token).map(|(x, h)| x + h).collect();
                        saturated(&sums, 32767)
                    }
                    false => outputs.collect(),
                }
            })
            .collect()
    }
}
