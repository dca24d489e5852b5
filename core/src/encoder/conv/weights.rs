//! The matrices of convolutions, found in an image and checked against its config.

use crate::embedding::DIMENSIONS;
use crate::encoder::config::ConvConfig;
use crate::encoder::image::{Image, ImageError};
use crate::encoder::linear::Linear;
use crate::encoder::tensor::MatrixName;
use crate::encoder::weights::{FrontWeights, IntegerTable, find_row_multiplier};

/// What does not belong to a layer.
#[derive(Clone, Copy, Debug)]
pub(in crate::encoder) struct ConvWeights<'m> {
    pub(super) config: ConvConfig,
    pub(super) front: FrontWeights<'m, IntegerTable<'m>>,
    /// From rows to steps of the stream, times 2^24.
    pub(super) multiplier: u32,
    /// `[E, P]`
    pub(super) pooled: Linear<'m>,
    pub(in crate::encoder) image: Image<'m>,
}

/// What belongs to a layer.
#[derive(Clone, Copy, Debug)]
pub(in crate::encoder) struct LayerWeights<'m> {
    /// I: numbers of a token before it.
    pub(super) inputs: usize,
    /// `[C, 3 I]`
    pub(super) convolution: Linear<'m>,
    pub(super) residual: bool,
}

impl<'m> ConvWeights<'m> {
    /// Finds and checks every tensor; `None` if the image holds floats.
    pub(in crate::encoder) fn find(
        image: &Image<'m>,
        config: ConvConfig,
    ) -> Result<Option<Self>, ImageError> {
        let Some(front) = FrontWeights::find(image)?.integers() else {
            return Ok(None);
        };
        let pooled = config.pooling.width(config.channels.into());
        let weights = Self {
            config,
            front,
            multiplier: find_row_multiplier(image)?,
            pooled: Linear::find(
                &mut image.search(),
                (MatrixName::Pooled, 0),
                [DIMENSIONS, pooled],
            )?,
            image: *image,
        };
        for layer in 0..config.layers {
            weights.find_layer(layer)?;
        }
        Ok(Some(weights))
    }

    pub(super) fn find_layer(&self, layer: u8) -> Result<LayerWeights<'m>, ImageError> {
        let channels = usize::from(self.config.channels);
        let inputs = match layer {
            0 => self.front.row_width,
            _ => channels,
        };
        let name = (MatrixName::Convolution, layer);
        Ok(LayerWeights {
            inputs,
            convolution: Linear::find(&mut self.image.search(), name, [channels, 3 * inputs])?,
            residual: self.config.residual && inputs == channels,
        })
    }
}
