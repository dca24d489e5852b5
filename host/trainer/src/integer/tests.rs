//! The pass in integers against the pass in floats over the same numbers.

use crate::descent::{Shown, State};
use crate::fixture::TRANSFORMER;
use crate::gradient_check::noise;
use crate::model::{Parameters, Part, Pass, Passages};
use crate::quantise::{Levels, RowGrid, calibrate, smallest_unit};
use crate::recipe::{Activation, BodyRecipe, Recipe};
use crate::stages;
use crate::vocabulary::Token;

const ROWS: usize = 40;

fn recipe(weight_bits: u8, norm_bits: u8, activation: Activation) -> Recipe {
    let mut recipe = Recipe::parse(TRANSFORMER).unwrap();
    if let BodyRecipe::Transformer(body) = &mut recipe.model.body {
        body.weight_bits = weight_bits;
        body.norm_bits = norm_bits;
        body.activation = activation;
    }
    recipe
}

fn texts() -> Vec<Vec<Token>> {
    let token = |row: usize, share| Token {
        row: (row % ROWS) as u32,
        share,
    };
    (0..30)
        .map(|text| {
            let mut tokens = vec![token(text, 1.0), token(3 * text + 1, 1.0)];
            tokens.extend((0..3).map(|part| token(5 * text + part, 1.0 / 3.0)));
            tokens.extend((0..text % 4).map(|part| token(7 * text + part, 1.0)));
            tokens
        })
        .collect()
}

fn passages(texts: &[Vec<Token>]) -> Passages<'_> {
    let mut passages = Passages::default();
    texts.iter().for_each(|text| passages.push(text, 8));
    passages
}

/// A quantised stage's view of a random model.
fn shown(recipe: &Recipe, texts: &[Vec<Token>]) -> Shown {
    let width = usize::from(recipe.model.row_width);
    let mut parameters = Parameters {
        row_width: width,
        rows: noise(1, ROWS, width).values().to_vec(),
        projection: noise(2, 128, width).values().to_vec(),
        body: None,
    };
    parameters.body = stages::initial_body(recipe, &parameters);
    let body = parameters.body.as_mut().unwrap();
    let pooled = noise(3, 1, body.pooled.weight.values().len());
    body.pooled
        .weight
        .values_mut()
        .copy_from_slice(pooled.values());
    let BodyRecipe::Transformer(sizes) = recipe.model.body else {
        unreachable!("the recipe has a transformer");
    };
    let weights = Levels::of_bits(sizes.weight_bits);
    let grid = RowGrid {
        levels: Levels::Bits8,
        unit: smallest_unit(&parameters.rows, Levels::Bits8),
    };
    let units = calibrate(&parameters, &[passages(texts)], weights, sizes.norm_bits);
    let mut state = State::new(parameters);
    state.enter(0, Some(grid), units);
    Shown::of(&state)
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

#[test]
fn embeddings_in_integers_point_where_those_in_floats_do() {
    let texts = texts();
    for (bits, norm_bits, activation) in [
        (8, 4, Activation::Relu),
        (4, 4, Activation::Relu),
        (8, 5, Activation::Relu),
        (8, 4, Activation::Gelu),
    ] {
        let shown = shown(&recipe(bits, norm_bits, activation), &texts);
        let (mut integers, mut floats) = (Pass::default(), Pass::default());
        integers.forward(shown.model(), &passages(&texts), Part::All);
        floats.forward((&shown.parameters).into(), &passages(&texts), Part::All);
        for text in 0..texts.len() {
            let (integers, floats) = (integers.embeddings.row(text), floats.embeddings.row(text));
            assert!(integers.iter().all(|sum| sum.fract() == 0.0));
            let cosine = cosine(integers, floats);
            assert!(
                cosine > 0.995,
                "{bits} bits, {norm_bits} of a norm, {activation:?}: {cosine}"
            );
        }
    }
}

/// Straight through: the way back of the integers is that of the floats but for rounding and for
/// what is saturated.
#[test]
fn gradients_go_straight_through() {
    let texts = texts();
    let shown = shown(&recipe(8, 4, Activation::Relu), &texts);
    let by_embeddings = noise(5, texts.len(), 128);
    let gradients = |model| {
        let mut pass = Pass::default();
        pass.forward(model, &passages(&texts), Part::All);
        pass.backward(model, &passages(&texts), Part::All, 0.0, &by_embeddings);
        let mut tensors = vec![pass.gradient.sums.values().to_vec()];
        let dense = pass.gradient.tensors(true);
        tensors.extend(dense.into_iter().map(<[f32]>::to_vec));
        tensors
    };
    let integers = gradients(shown.model());
    let floats = gradients((&shown.parameters).into());
    for (tensor, (integers, floats)) in integers.iter().zip(&floats).enumerate() {
        let cosine = cosine(integers, floats);
        assert!(cosine > 0.93, "tensor {tensor}: {cosine}");
    }
}

#[test]
fn what_is_saturated_gets_no_gradient() {
    let texts = texts();
    let mut shown = shown(&recipe(8, 4, Activation::Relu), &texts);
    for layer in &mut shown.integers.as_mut().unwrap().layers {
        // Every hidden activation above its range.
        layer.expand.biases.fill(1 << 24);
    }
    let mut pass = Pass::default();
    pass.forward(shown.model(), &passages(&texts), Part::All);
    let weights = noise(5, texts.len(), 128);
    pass.backward(shown.model(), &passages(&texts), Part::All, 0.0, &weights);
    let gradient = pass.gradient.body.as_ref().unwrap();
    for layer in &gradient.layers {
        assert!(
            layer
                .expand
                .weight
                .values()
                .iter()
                .all(|&value| value == 0.0)
        );
        assert!(
            layer
                .contract
                .weight
                .values()
                .iter()
                .any(|&value| value != 0.0)
        );
    }
}
