//! Units that cover what a body computes.

use super::Levels;
use crate::model::{Parameters, Part, Pass, Passages};
use crate::network::{
    Activation, BodyUnits, LARGEST, Layer, LayerActivations, LayerUnits, Matrix, Transformer,
    TransformerActivations,
};
use memt_core::encoder::ops::SCORE_BITS;

/// The unit on both sides of core's table of the function.
const GELU_UNIT: f32 = 1.0 / 16.0;

/// The share of activations that their unit covers.
const COVERED: f64 = 0.9995;

/// Largest of the stream seen, times this, is the largest that 16 bits hold.
const STREAM_ROOM: f32 = 2.5;

/// Sums of an embedding are below 2^20 for what was seen, so that floats hold them exactly.
const LARGEST_SUM: f32 = 1_048_576.0;

/// Activations of some texts.
#[derive(Debug, Default)]
struct Seen {
    stream: f32,
    layers: Vec<SeenLayer>,
    embedding: f32,
}

/// Activations of a layer, a list a feature.
#[derive(Debug, Default)]
struct SeenLayer {
    joint: Vec<Vec<f32>>,
    expanded: Vec<Vec<f32>>,
}

/// Units that cover what the body in `parameters` makes of `passages`; none without a body.
/// `weights` and `norm_bits` are those of the layers.
pub(crate) fn calibrate(
    parameters: &Parameters,
    passages: &[Passages<'_>],
    weights: Levels,
    norm_bits: u8,
) -> Option<BodyUnits> {
    let body = parameters.body.as_ref()?;
    let mut seen = Seen::default();
    seen.layers
        .resize_with(body.layers.len(), SeenLayer::default);
    let mut pass = Pass::default();
    for passages in passages {
        seen.walk(parameters, body, passages);
        pass.forward(parameters.into(), passages, Part::All);
        seen.embedding = seen.embedding.max(peak(pass.embeddings.values()));
    }
    let layers = body.layers.iter().zip(&seen.layers);
    Some(BodyUnits {
        stream: STREAM_ROOM * seen.stream / f32::from(i16::MAX),
        norm_bits: norm_bits.into(),
        layers: layers.map(|(layer, seen)| seen.units(layer)).collect(),
        weights,
        embedding: seen.embedding / LARGEST_SUM,
    })
}

impl Seen {
    /// Goes through the layers and looks at the activations between.
    fn walk(&mut self, parameters: &Parameters, body: &Transformer, passages: &Passages<'_>) {
        let (mut rows, mut kept) = (Matrix::default(), TransformerActivations::default());
        parameters.add_up(passages.words.iter().copied(), &mut rows);
        body.enter(&rows, &passages.lengths, &mut kept);
        self.stream = self.stream.max(peak(kept.stream.values()));
        for (layer, seen) in body.layers.iter().zip(&mut self.layers) {
            let mut kept_layer = LayerActivations::default();
            layer.forward(&passages.lengths, &mut kept.stream, &mut kept_layer);
            seen.add(&kept_layer);
            self.stream = self.stream.max(peak(kept.stream.values()));
        }
    }
}

impl SeenLayer {
    fn add(&mut self, kept: &LayerActivations) {
        append(&mut self.joint, &kept.joint);
        append(&mut self.expanded, &kept.expanded);
    }

    fn units(&self, layer: &Layer) -> LayerUnits {
        let features = self.joint.len() / 3;
        let ranges: Vec<f32> = self
            .joint
            .iter()
            .map(|seen| covering(seen.clone()))
            .collect();
        let (queries, rest) = ranges.split_at(features);
        let (keys, _) = rest.split_at(features);
        let product = score_units(features / layer.attention.heads);
        let mut joint = vec![0.0; 3 * features];
        for (feature, (query, key)) in queries.iter().zip(keys).enumerate() {
            let unit = (product * f64::from(query / key)).sqrt();
            joint[feature] = unit as f32;
            joint[features + feature] = (product / unit) as f32;
        }
        let values = self.joint[2 * features..].concat();
        joint[2 * features..].fill(covering(values) / LARGEST);
        LayerUnits {
            joint,
            hidden: match layer.activation {
                Activation::Relu => covering(self.expanded.concat()) / LARGEST,
                Activation::Gelu => GELU_UNIT,
            },
        }
    }
}

/// The product of the units of a query and a key of `width` features a head, such that their inner
/// product is a score.
fn score_units(width: usize) -> f64 {
    let score_unit = 1.0 / f64::from(1 << SCORE_BITS);
    score_unit * (width as f64).sqrt() / std::f64::consts::LOG2_E
}

fn append(features: &mut Vec<Vec<f32>>, tokens: &Matrix) {
    features.resize_with(tokens.columns(), Vec::new);
    for token in 0..tokens.rows() {
        for (feature, &value) in features.iter_mut().zip(tokens.row(token)) {
            feature.push(value.abs());
        }
    }
}

/// The magnitude that [`COVERED`] of `magnitudes` stay below.
fn covering(mut magnitudes: Vec<f32>) -> f32 {
    let place = ((magnitudes.len() as f64 * COVERED) as usize).min(magnitudes.len() - 1);
    let (_, found, _) = magnitudes.select_nth_unstable_by(place, f32::total_cmp);
    found.max(1e-6)
}

fn peak(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |peak, value| peak.max(value.abs()))
}
