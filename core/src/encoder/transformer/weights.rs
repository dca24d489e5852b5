//! The matrices of a transformer, found in an image and checked against its config.

use super::norms::Norms;
use crate::embedding::DIMENSIONS;
use crate::encoder::config::{Body, TransformerConfig};
use crate::encoder::image::{Image, ImageError, Search};
use crate::encoder::linear::Linear;
use crate::encoder::ops::{requantise, saturate16};
use crate::encoder::tensor::{MatrixName, Tensor, TensorFormat, TensorName};
use crate::encoder::weights::{
    FrontWeights, IntegerTable, find, find_numbers, find_row_multiplier,
};

/// What does not belong to a layer.
#[derive(Clone, Copy, Debug)]
pub(in crate::encoder) struct TransformerWeights<'m> {
    pub(super) config: TransformerConfig,
    pub(super) front: FrontWeights<'m, IntegerTable<'m>>,
    pub(super) entry: Entry<'m>,
    positions: Option<Positions<'m>>,
    /// `[E, P]`
    pub(super) pooled: Linear<'m>,
    /// `[E, R]`
    pub(super) bag: Option<Linear<'m>>,
    pub(in crate::encoder) image: Image<'m>,
}

/// How rows become the first residual stream, which says also where norms stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'m> {
    /// Normalised and multiplied, `[D, R]`; norms come before what they are for.
    Normalised(Linear<'m>),
    /// As they are, times this in 2^24; norms are on the stream.
    Raw(u32),
}

/// What belongs to a layer.
#[derive(Clone, Copy, Debug)]
pub(in crate::encoder) struct LayerWeights<'m> {
    pub(super) norms: Norms<'m>,
    pub(super) query: Linear<'m>,
    pub(super) key: Linear<'m>,
    pub(super) value: Linear<'m>,
    pub(super) context: Linear<'m>,
    pub(super) expand: Linear<'m>,
    pub(super) contract: Linear<'m>,
}

/// A vector for each place in a window.
#[derive(Clone, Copy, Debug)]
struct Positions<'m> {
    /// `[T, D]` I8.
    values: Tensor<'m>,
    /// `[T]`, little-endian.
    multipliers: &'m [u32],
}

impl<'m> TransformerWeights<'m> {
    /// Finds and checks every tensor; `None` if the image holds floats.
    #[inline]
    pub(in crate::encoder) fn find(
        image: &Image<'m>,
        config: TransformerConfig,
    ) -> Result<Option<Self>, ImageError> {
        let Some(front) = FrontWeights::find(image)?.integers() else {
            return Ok(None);
        };
        let (width, rows) = (usize::from(config.width), front.row_width);
        let pooled = config.pooling.width(width);
        let search = &mut image.search();
        let weights = Self {
            config,
            entry: match image.config().body {
                Body::PostNormTransformer(_) => Entry::Raw(find_row_multiplier(image)?),
                _ => {
                    Entry::Normalised(Linear::find(search, (MatrixName::Input, 0), [width, rows])?)
                }
            },
            positions: match config.positions {
                true => Some(Positions::find(search, width)?),
                false => None,
            },
            pooled: Linear::find(search, (MatrixName::Pooled, 0), [DIMENSIONS, pooled])?,
            bag: match config.bag {
                true => Some(Linear::find(
                    search,
                    (MatrixName::Bag, 0),
                    [DIMENSIONS, rows],
                )?),
                false => None,
            },
            front,
            image: *image,
        };
        for layer in 0..config.layers {
            weights.find_layer(layer)?;
        }
        Ok(Some(weights))
    }

    /// D: numbers of the residual stream.
    pub(super) fn width(&self) -> usize {
        usize::from(self.config.width)
    }

    /// Writes what the token at `place` begins with `[D]`, in steps of the stream.
    pub(super) fn put_position(&self, place: usize, stream: &mut [i16]) {
        match &self.positions {
            Some(positions) => positions.put(place, stream),
            None => stream.fill(0),
        }
    }

    pub(super) fn find_layer(&self, layer: u8) -> Result<LayerWeights<'m>, ImageError> {
        let (width, hidden) = (self.width(), usize::from(self.config.hidden));
        let search = &mut self.image.search();
        let norms = match self.entry {
            Entry::Normalised(_) => Norms::Before,
            Entry::Raw(_) => Norms::after(search, layer, width)?,
        };
        let mut find = |name, shape| Linear::find(search, (name, layer), shape);
        Ok(LayerWeights {
            norms,
            query: find(MatrixName::Query, [width, width])?,
            key: find(MatrixName::Key, [width, width])?,
            value: find(MatrixName::Value, [width, width])?,
            context: find(MatrixName::Context, [width, width])?,
            expand: find(MatrixName::Expand, [hidden, width])?,
            contract: find(MatrixName::Contract, [width, hidden])?,
        })
    }
}

impl<'m> Positions<'m> {
    #[inline]
    fn find(search: &mut Search<'_, 'm>, width: usize) -> Result<Self, ImageError> {
        let window = search.image().config().window();
        let values = (TensorName::Positions, 0);
        let multipliers = (TensorName::PositionMultipliers, 0);
        Ok(Self {
            values: find(search.image(), values, TensorFormat::I8, [window, width])?,
            multipliers: find_numbers(search, multipliers, TensorFormat::U32, window)?,
        })
    }

    fn put(&self, place: usize, stream: &mut [i16]) {
        let multiplier = u32::from_le(self.multipliers[place]);
        for (stream, &value) in stream.iter_mut().zip(self.values.row(place)) {
            *stream = saturate16(requantise((value as i8).into(), multiplier));
        }
    }
}
