//! The body before training.

use crate::model::Parameters;
use crate::network::{Layer, Linear, Matrix, Transformer};
use crate::random::Random;
use crate::recipe::{BodyRecipe, Recipe};
use memt_core::embedding::DIMENSIONS;

/// Purpose of the random numbers, see [`Random::keyed`].
const BODY: u64 = 2000;

/// Deviation of maps that add to the residual stream, as a share of that of other maps: layers begin
/// near the identity.
const BRANCH: f32 = 0.2;

/// Deviation of positions, against about 1 of the residual stream.
const POSITION: f32 = 0.05;

/// The body that `recipe` asks for, none for a bag. The input map begins as the projection, the map
/// to the embedding as zeros, so that the model begins as the bag that `parameters` are.
pub(crate) fn initial_body(recipe: &Recipe, parameters: &Parameters) -> Option<Transformer> {
    let BodyRecipe::Transformer(sizes) = recipe.model.body else {
        return None;
    };
    let (width, hidden) = (usize::from(sizes.width), usize::from(sizes.hidden));
    let heads = usize::from(sizes.heads);
    let mut random = Random::keyed([recipe.seed, BODY, 0]);
    let mut input = Linear::zeros(parameters.row_width, width);
    if width == DIMENSIONS {
        let projection = &parameters.projection;
        input.weight.values_mut().copy_from_slice(projection);
    } else {
        fill(&mut input.weight, 1.0, &mut random);
    }
    let positions = sizes.positions.then(|| {
        let mut positions = Matrix::zeros(usize::from(recipe.model.window), width);
        let deviation = POSITION * (width as f32).sqrt();
        fill(&mut positions, deviation, &mut random);
        positions
    });
    let layers = (0..sizes.layers).map(|_| {
        let mut layer = Layer::zeros(width, hidden, heads, sizes.activation);
        fill(&mut layer.joint.weight, 1.0, &mut random);
        fill(&mut layer.context.weight, BRANCH, &mut random);
        fill(&mut layer.expand.weight, 1.0, &mut random);
        fill(&mut layer.contract.weight, BRANCH, &mut random);
        layer
    });
    Some(Transformer {
        input,
        positions,
        layers: layers.collect(),
        pooling: sizes.pooling,
        pooled: Linear::zeros(sizes.pooling.features(width), DIMENSIONS),
    })
}

/// Normal numbers of the deviation `gain / sqrt(columns)`.
fn fill(matrix: &mut Matrix, gain: f32, random: &mut Random) {
    let deviation = gain / (matrix.columns() as f32).sqrt();
    for value in matrix.values_mut() {
        *value = deviation * random.normal();
    }
}
