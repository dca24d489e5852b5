//! What an image says about its model: front end and body with their sizes.

mod bodies;
mod error;
mod front;

pub use bodies::{
    Activation, ConvConfig, MAX_BODY_WIDTH, MAX_CHANNELS, MAX_HIDDEN, MAX_LAYERS, MAX_NORM_BITS,
    Pooling, TransformerConfig,
};
pub use error::ConfigError;
pub use front::{CharsConfig, FrontEnd, MAX_ROW_WIDTH, MAX_WINDOW, WordsConfig};

use super::{bag, conv, reference, transformer};
use serde::{Deserialize, Serialize};

/// The architecture of a model. Stored by postcard after the image's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How text becomes rows.
    pub front: FrontEnd,
    /// How rows become an embedding.
    pub body: Body,
}

/// How rows become an embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Body {
    /// The sum of the rows, projected.
    Bag,
    /// Tokens that attend to each other, pooled, beside the sum of the rows. Norms come before what
    /// they are for, so that the residual stream runs through unchanged:
    ///
    /// ```text
    /// h_t = W_in norm(x_t) + b [+ position t]              x_t: the row of token t    [R] to [D]
    /// a layer:  h += W_context attention(norm(h)) + b;  h += W_contract act(W_expand norm(h) + b) + b
    /// e   = W_pooled pool(norm(h)) + b [+ W_bag norm(sum_t x_t)]                      [E]
    /// ```
    ///
    /// The norms have no gain and offset, which what follows takes over.
    Transformer(TransformerConfig),
    /// A transformer as first published, over the rows as they are, with norms on the stream itself:
    ///
    /// ```text
    /// h_t = x_t [+ position t]                                                        R = D
    /// a layer:  h = norm(h + W_context attention(h) + b);  h = norm(h + W_contract act(W_expand h + b) + b)
    /// e   = W_pooled pool(h) + b [+ W_bag norm(sum_t x_t)]                            [E]
    /// ```
    ///
    /// The norms of layers have gain and offset.
    PostNormTransformer(TransformerConfig),
    /// Convolutions over three neighbours, pooled; nothing stands beyond the ends of a window:
    ///
    /// ```text
    /// h_t = x_t                                                                       [R]
    /// a layer:  h_t = max(0, W [h_t-1, h_t, h_t+1] + b) [+ h_t where widths agree]    [C]
    /// e   = W_pooled pool(h) + b                                                      [E]
    /// ```
    Conv(ConvConfig),
}

impl Config {
    /// Checks every size against its limits.
    #[inline]
    pub fn check(&self) -> Result<(), ConfigError> {
        self.front.check()?;
        match self.body {
            Body::Bag => Ok(()),
            Body::Transformer(body) => {
                bodies::check_matrix_rows(&self.front)?;
                body.check(&self.front)
            }
            Body::PostNormTransformer(body) => {
                bodies::check_raw_rows(&self.front, body.width)?;
                body.check(&self.front)
            }
            Body::Conv(body) => {
                bodies::check_matrix_rows(&self.front)?;
                body.check()
            }
        }
    }

    /// Bytes of [`Scratch`](super::Scratch) that [`Encoder`](super::Encoder) needs.
    pub const fn scratch_bytes(&self) -> usize {
        match &self.body {
            Body::Bag => bag::scratch_bytes(&self.front),
            Body::Transformer(body) | Body::PostNormTransformer(body) => {
                transformer::scratch_bytes(body, &self.front)
            }
            Body::Conv(body) => conv::scratch_bytes(body, &self.front),
        }
    }

    /// Bytes of [`Scratch`](super::Scratch) that [`ReferenceEncoder`](super::ReferenceEncoder)
    /// needs, three to four times as many.
    pub const fn reference_scratch_bytes(&self) -> usize {
        reference::scratch_bytes(self)
    }

    /// Most tokens encoded together.
    pub const fn window(&self) -> usize {
        self.front.window() as usize
    }
}
