//! The matrices of a transformer, found in an image and checked against its config.

use crate::embedding::DIMENSIONS;
use crate::encoder::config::TransformerConfig;
use crate::encoder::image::{Image, ImageError};
use crate::encoder::linear::Linear;
use crate::encoder::ops::requantise;
use crate::encoder::tensor::{MatrixName, Tensor, TensorFormat, TensorName};
use crate::encoder::weights::{IntegerTable, RowWeights, Table};

/// What does not belong to a layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransformerWeights<'m> {
    pub(super) config: TransformerConfig,
    pub(super) front: RowWeights<'m, IntegerTable<'m>>,
    /// `[D, R]`
    pub(super) input: Linear<'m>,
    pub(super) positions: Option<Positions<'m>>,
    /// `[E, P]`
    pub(super) pooled: Linear<'m>,
    /// `[E, R]`
    pub(super) bag: Option<Linear<'m>>,
    image: Image<'m>,
}

/// The matrices of one layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerWeights<'m> {
    pub(super) query: Linear<'m>,
    pub(super) key: Linear<'m>,
    pub(super) value: Linear<'m>,
    pub(super) context: Linear<'m>,
    pub(super) expand: Linear<'m>,
    pub(super) contract: Linear<'m>,
}

/// A vector for each place in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Positions<'m> {
    /// `[T, D]` I8.
    values: Tensor<'m>,
    /// `[T]` U32.
    multipliers: Tensor<'m>,
}

impl<'m> TransformerWeights<'m> {
    /// Finds and checks every tensor; `None` if the image holds floats.
    pub(crate) fn find(
        image: &Image<'m>,
        config: TransformerConfig,
    ) -> Result<Option<Self>, ImageError> {
        let front: RowWeights<'m, Table<'m>> = RowWeights::find(image)?;
        let Some(front) = front.integers() else {
            return Ok(None);
        };
        let (width, rows) = (usize::from(config.width), front.row_width);
        let pooled = config.pooling.width(width);
        let weights = Self {
            config,
            input: Linear::find(image, MatrixName::Input, 0, [width, rows])?,
            positions: match config.positions {
                true => Some(Positions::find(image, width)?),
                false => None,
            },
            pooled: Linear::find(image, MatrixName::Pooled, 0, [DIMENSIONS, pooled])?,
            bag: match config.bag {
                true => Some(Linear::find(image, MatrixName::Bag, 0, [DIMENSIONS, rows])?),
                false => None,
            },
            front,
            image: *image,
        };
        for layer in 0..config.layers {
            weights.layer(layer)?;
        }
        Ok(Some(weights))
    }

    /// D: numbers of the residual stream.
    pub(super) fn width(&self) -> usize {
        usize::from(self.config.width)
    }

    /// The matrices of layer `layer`; found anew for each step, so that an encoder is small whatever
    /// its depth.
    pub(super) fn layer(&self, layer: u8) -> Result<LayerWeights<'m>, ImageError> {
        let width = usize::from(self.config.width);
        let hidden = usize::from(self.config.hidden);
        let find = |name, shape| Linear::find(&self.image, name, layer, shape);
        Ok(LayerWeights {
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
    fn find(image: &Image<'m>, width: usize) -> Result<Self, ImageError> {
        let window = image.config().window() as u32;
        let find = |name, format, columns: usize| {
            let tensor = image.tensor(name, 0)?;
            let shape = [tensor.entry.rows, tensor.entry.columns];
            if tensor.entry.format != format || shape != [window, columns as u32] {
                return Err(ImageError::TensorShape(name));
            }
            Ok(tensor)
        };
        Ok(Self {
            values: find(TensorName::Positions, TensorFormat::I8, width)?,
            multipliers: find(TensorName::PositionMultipliers, TensorFormat::U32, 1)?,
        })
    }

    /// Number `feature` of place `place`, in steps of the stream.
    #[inline]
    pub(super) fn at(&self, place: usize, feature: usize) -> i32 {
        let value = self.values.row(place)[feature] as i8;
        requantise(value.into(), self.multipliers.u32_at(place))
    }
}
