//! The maps of a transformer rounded one after the other.

use super::Levels;
use super::feedback::{InputMoments, round_map};
use crate::model::{Parameters, Passages};
use crate::network::{LayerActivations, Linear, Matrix, Transformer, TransformerActivations};

/// A map that reads tokens.
#[derive(Clone, Copy, Debug)]
enum Place {
    Input,
    Joint(usize),
    Context(usize),
    Expand(usize),
    Contract(usize),
}

/// Rounds the maps that read tokens, from first to last, each to what the ones before it, once rounded, make of
/// `passages`. `rows` holds the rows that they will read.
pub(crate) fn round_in_turn(
    rows: &Parameters,
    body: &mut Transformer,
    passages: &[Passages<'_>],
    levels: Levels,
) {
    let layers = (0..body.layers.len()).flat_map(|layer| {
        [
            Place::Joint(layer),
            Place::Context(layer),
            Place::Expand(layer),
            Place::Contract(layer),
        ]
    });
    for place in std::iter::once(Place::Input).chain(layers) {
        let mut moments = InputMoments::new(map(body, place).weight.columns());
        for passages in passages {
            place.add_inputs(rows, body, passages, &mut moments);
        }
        round_map(map(body, place), &moments, levels);
    }
}

fn map(body: &mut Transformer, place: Place) -> &mut Linear {
    match place {
        Place::Input => &mut body.input,
        Place::Joint(layer) => &mut body.layers[layer].joint,
        Place::Context(layer) => &mut body.layers[layer].context,
        Place::Expand(layer) => &mut body.layers[layer].expand,
        Place::Contract(layer) => &mut body.layers[layer].contract,
    }
}

impl Place {
    /// Adds what the map at this place reads of `passages`.
    fn add_inputs(
        self,
        rows: &Parameters,
        body: &Transformer,
        passages: &Passages<'_>,
        moments: &mut InputMoments,
    ) {
        let (mut sums, mut kept) = (Matrix::default(), TransformerActivations::default());
        rows.add_up(passages.words.iter().copied(), &mut sums);
        body.enter(&sums, &passages.lengths, &mut kept);
        let mut through = |last: usize| {
            let mut activations = LayerActivations::default();
            for layer in &body.layers[..=last] {
                layer.forward(&passages.lengths, &mut kept.stream, &mut activations);
            }
            activations
        };
        match self {
            Self::Input => moments.add(&kept.input.values),
            Self::Joint(layer) => moments.add(&through(layer).attention_input.values),
            Self::Context(layer) => moments.add(&through(layer).mixed),
            Self::Expand(layer) => moments.add(&through(layer).hidden_input.values),
            Self::Contract(layer) => moments.add(&through(layer).activated),
        }
    }
}
