//! From the tensors of PyTorch's encoders to models of memt.

use super::tensors::Tensors;
use crate::float_model::{FloatMap, FloatModel, FloatNorm};
use memt_core::encoder::config::{
    Activation, Body, CharsConfig, Config, ConvConfig, FrontEnd, Pooling, TransformerConfig,
};
use memt_core::encoder::tensor::{MatrixName, NormName};
use serde_json::Value;

/// Printable ASCII, which PyTorch's ids 2 to 96 stand for; 1 stands for every other character and 0
/// for padding, which memt has not.
const CHARACTERS: std::ops::RangeInclusive<u32> = 0x20..=0x7e;
const POSITIONS: u16 = 256;
const WIDTH: u16 = 128;
const LAYERS: u8 = 2;
const CONV_LAYERS: u8 = 3;

/// The model of these settings.
pub(super) fn model(settings: &Value, tensors: &mut Tensors) -> FloatModel {
    match settings["channels"].as_u64() {
        Some(channels) => conv(channels as u16, settings["residual"] == true, tensors),
        None => transformer(settings, tensors),
    }
}

fn conv(channels: u16, residual: bool, tensors: &mut Tensors) -> FloatModel {
    let pooling = match residual {
        true => Pooling::MeanMax,
        false => Pooling::Max,
    };
    let body = Body::Conv(ConvConfig {
        channels,
        layers: CONV_LAYERS,
        residual,
        pooling,
    });
    let mut model = over_rows(WIDTH, body, tensors);
    for layer in 0..CONV_LAYERS {
        let inputs = if layer == 0 { WIDTH } else { channels };
        let name = (MatrixName::Convolution, "convolution", layer);
        model.maps.push(map(tensors, name, 3 * inputs));
    }
    let pooled = pooling.width(channels.into()) as u16;
    let name = (MatrixName::Pooled, "pooled", 0);
    model.maps.push(map(tensors, name, pooled));
    model
}

fn transformer(settings: &Value, tensors: &mut Tensors) -> FloatModel {
    let pre_norm = settings["pre_norm"] == true;
    let config = TransformerConfig {
        width: WIDTH,
        layers: LAYERS,
        heads: 4,
        hidden: 256,
        activation: match settings["activation"] == "gelu" {
            true => Activation::Gelu,
            false => Activation::Relu,
        },
        positions: true,
        pooling: Pooling::MeanMax,
        bag: pre_norm,
        norm_bits: 4,
    };
    let mut model = match pre_norm {
        true => over_rows(64, Body::Transformer(config), tensors),
        false => over_rows(WIDTH, Body::PostNormTransformer(config), tensors),
    };
    model.positions = Some(tensors.take("positions", 0));
    for layer in 0..LAYERS {
        model.maps.extend(layer_maps(tensors, layer));
    }
    let pooled = (MatrixName::Pooled, "pooled", 0);
    model.maps.push(map(tensors, pooled, 2 * WIDTH));
    let norms =
        (0..LAYERS).flat_map(|layer| [attention_norm(tensors, layer), feed_norm(tensors, layer)]);
    match pre_norm {
        false => model.norms = norms.collect(),
        true => {
            norms.for_each(|norm| fold(&mut model.maps, &norm));
            finish_pre_norm(&mut model, tensors);
        }
    }
    model
}

/// What a pre-norm encoder has besides its layers.
fn finish_pre_norm(model: &mut FloatModel, tensors: &mut Tensors) {
    let (gains, offsets) = (
        tensors.take("last_norm.gains", 0),
        tensors.take("last_norm.offsets", 0),
    );
    assert!(
        gains.iter().all(|&gain| gain > 0.0),
        "the largest number must stay it"
    );
    let pooled = model
        .maps
        .iter_mut()
        .filter(|map| map.name == MatrixName::Pooled);
    pooled.for_each(|map| map.take_over(&gains, &offsets));
    for name in [(MatrixName::Input, "input", 0), (MatrixName::Bag, "bag", 0)] {
        model.maps.push(map(tensors, name, 64));
    }
}

fn layer_maps(tensors: &mut Tensors, layer: u8) -> Vec<FloatMap> {
    [
        (MatrixName::Query, "query", WIDTH),
        (MatrixName::Key, "key", WIDTH),
        (MatrixName::Value, "value", WIDTH),
        (MatrixName::Context, "context", WIDTH),
        (MatrixName::Expand, "expand", WIDTH),
        (MatrixName::Contract, "contract", 256),
    ]
    .map(|(name, written, columns)| map(tensors, (name, written, layer), columns))
    .into()
}

fn attention_norm(tensors: &mut Tensors, layer: u8) -> FloatNorm {
    FloatNorm {
        name: NormName::Attention,
        layer,
        gains: tensors.take("attention_norm.gains", layer),
        offsets: tensors.take("attention_norm.offsets", layer),
    }
}

fn feed_norm(tensors: &mut Tensors, layer: u8) -> FloatNorm {
    FloatNorm {
        name: NormName::FeedForward,
        layer,
        gains: tensors.take("feed_forward_norm.gains", layer),
        offsets: tensors.take("feed_forward_norm.offsets", layer),
    }
}

/// Multiplies the numbers of a norm into the matrices that read it.
fn fold(maps: &mut [FloatMap], norm: &FloatNorm) {
    use MatrixName::{Expand, Key, Query, Value};
    let readers: &[MatrixName] = match norm.name {
        NormName::Attention => &[Query, Key, Value],
        _ => &[Expand],
    };
    let read = |map: &&mut FloatMap| map.layer == norm.layer && readers.contains(&map.name);
    let readers = maps.iter_mut().filter(read);
    readers.for_each(|map| map.take_over(&norm.gains, &norm.offsets));
}

fn map(
    tensors: &mut Tensors,
    (name, written, layer): (MatrixName, &str, u8),
    columns: u16,
) -> FloatMap {
    FloatMap {
        name,
        layer,
        columns: columns.into(),
        weights: tensors.take(&format!("{written}.weights"), layer),
        biases: tensors.take_if_any(&format!("{written}.biases"), layer),
    }
}

/// A model with its rows and nothing else yet.
fn over_rows(row_width: u16, body: Body, tensors: &mut Tensors) -> FloatModel {
    let ids = tensors.take("rows", 0);
    let (unused, known) = ids.split_at(2 * usize::from(row_width));
    let unknown = &unused[usize::from(row_width)..];
    FloatModel {
        config: Config {
            front: FrontEnd::Chars(CharsConfig {
                characters: CHARACTERS.count() as u16,
                row_width,
                window: POSITIONS,
            }),
            body,
        },
        characters: CHARACTERS.collect(),
        rows: [known, unknown].concat(),
        positions: None,
        maps: Vec::new(),
        norms: Vec::new(),
    }
}
