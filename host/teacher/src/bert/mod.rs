//! BERT (<https://arxiv.org/abs/1810.04805>): tokens to vectors, in single precision.
//!
//! Letters: T tokens of all texts of a batch, one text after the other and without padding, so that no mask is
//! needed; H width of the stream; F width of the feed-forward part.

mod attention;
mod gelu;
mod layer;
mod linear;
mod norm;

use crate::TeacherError;
use crate::config::BertConfig;
use crate::tensors::Tensors;
use layer::Layer;
use ndarray::{Array2, ArrayView2, Axis};
use norm::LayerNorm;

/// The weights of a BERT.
pub(crate) struct Bert {
    /// `[V, H]`
    words: Array2<f32>,
    /// `[P, H]`; the row of token kind 0 is added, since no text has two parts.
    positions: Array2<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Bert {
    pub(crate) fn load(tensors: &Tensors<'_>, config: &BertConfig) -> Result<Self, TeacherError> {
        let width = config.hidden_size;
        let words = tensors.matrix(
            "embeddings.word_embeddings.weight",
            [config.vocab_size, width],
        )?;
        let kinds = tensors.any_matrix("embeddings.token_type_embeddings.weight")?;
        if kinds.nrows() == 0 || kinds.ncols() != width {
            let shape = kinds.shape();
            let problem = format!("shape {shape:?} has no row of {width}");
            return Err(tensors.wrong("embeddings.token_type_embeddings.weight", problem));
        }
        let positions = tensors.matrix(
            "embeddings.position_embeddings.weight",
            [config.max_position_embeddings, width],
        )? + kinds.row(0);
        let layers = (0..config.num_hidden_layers)
            .map(|number| Layer::load(tensors, &format!("encoder.layer.{number}"), config))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            words,
            positions,
            norm: LayerNorm::load(tensors, "embeddings.LayerNorm", config)?,
            layers,
        })
    }

    /// The last layer's output `[T, H]` for the tokens of `texts`, one text after the other.
    ///
    /// Ids lie below the vocabulary's size and texts are no longer than there are positions.
    pub(crate) fn forward(&self, texts: &[&[u32]]) -> Array2<f32> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let mut stream = self.embed(texts, lengths.iter().sum());
        self.norm.apply(&mut stream);
        for layer in &self.layers {
            stream = layer.forward(stream, &lengths);
        }
        stream
    }

    fn embed(&self, texts: &[&[u32]], tokens: usize) -> Array2<f32> {
        let mut stream = Array2::zeros((tokens, self.words.ncols()));
        let placed = texts.iter().flat_map(|text| text.iter().enumerate());
        for (mut row, (position, &id)) in stream.rows_mut().into_iter().zip(placed) {
            row.assign(&self.words.row(id as usize));
            row += &self.positions.row(position);
        }
        stream
    }

    /// Width of the stream, H.
    pub(crate) fn width(&self) -> usize {
        self.words.ncols()
    }
}

/// Splits `[T, H]` into the rows of each text.
pub(crate) fn by_text<'a>(
    stream: &'a Array2<f32>,
    texts: &'a [&[u32]],
) -> impl Iterator<Item = ArrayView2<'a, f32>> {
    let mut rest = stream.view();
    texts.iter().map(move |text| {
        let (rows, after) = rest.split_at(Axis(0), text.len());
        rest = after;
        rows
    })
}
