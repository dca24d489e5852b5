//! The measured steps in burn on its CPU backend (flex): automatic differentiation, dense gradients
//! of the table.

use std::convert::Infallible;
use std::process::ExitCode;

use burn::optim::{Adam, AdamConfig, AdamState, Optimizer};
use burn::tensor::activation::{gelu_approximate, log_softmax};
use burn::tensor::module::{attention, layer_norm};
use burn::tensor::{Device, Int, Tensor, TensorData};
use memt_foundation::distillation::{Batch, Losses};
use memt_foundation::measurement::{BATCHES, Measurement};
use memt_foundation::problem::{
    FEATURES, HEADS, HIDDEN, LAYERS, MEASURED, ROW_FEATURES, bag, transformer,
};
use memt_foundation::tensors::Tensors;

const TEMPERATURE: f32 = 0.05;
const RATE: f64 = 1e-3;
const TOKENS: usize = MEASURED.texts * MEASURED.tokens;

fn main() -> ExitCode {
    let measurement = match Measurement::from_arguments() {
        Ok(measurement) => measurement,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let device = Device::flex().autodiff();
    measure(
        measurement,
        "transformer",
        &device,
        &transformer(),
        transformer_forward,
    );
    measure(measurement, "bag", &device, &bag(), bag_forward);
    ExitCode::SUCCESS
}

/// A trainable tensor, flat; the forward pass shapes it.
struct Parameter {
    value: Tensor<1>,
    state: Option<AdamState<1>>,
}

impl Parameter {
    fn new(values: &[f32], device: &Device) -> Self {
        let data = TensorData::new(values.to_vec(), [values.len()]);
        Self {
            value: Tensor::from_data(data, device).require_grad(),
            state: None,
        }
    }

    fn step(&mut self, adam: &Adam, gradient: Tensor<1>) {
        let (value, state) = adam.step(
            RATE,
            self.value.clone().inner(),
            gradient,
            self.state.take(),
        );
        self.value = value.autodiff().require_grad();
        self.state = state;
    }
}

/// A batch as burn tensors.
struct Inputs {
    /// `[N L]`.
    tokens: Tensor<1, Int>,
    /// `[N, 1, L]`.
    weights: Tensor<3>,
    /// `[N, D]`.
    targets: Tensor<2>,
}

impl Inputs {
    fn new(batch: &Batch, device: &Device) -> Self {
        let tokens: Vec<i64> = batch.tokens.iter().map(|&token| i64::from(token)).collect();
        let weights = TensorData::new(batch.weights.clone(), [MEASURED.texts, 1, MEASURED.tokens]);
        let targets = TensorData::new(batch.targets.values().to_vec(), [MEASURED.texts, FEATURES]);
        Self {
            tokens: Tensor::from_data(TensorData::new(tokens, [TOKENS]), device),
            weights: Tensor::from_data(weights, device),
            targets: Tensor::from_data(targets, device),
        }
    }
}

type Forward = fn(&mut dyn Iterator<Item = Tensor<1>>, Tensor<2>, Tensor<3>) -> Tensor<2>;

fn measure(
    measurement: Measurement,
    encoder: &str,
    device: &Device,
    body: &impl Tensors,
    forward: Forward,
) {
    let mut parameters = vec![Parameter::new(MEASURED.table().values(), device)];
    let tensors = body.tensors().into_iter();
    parameters.extend(tensors.map(|values| Parameter::new(values, device)));
    let inputs: Vec<Inputs> = (0..BATCHES)
        .map(|number| Inputs::new(&MEASURED.batch(number), device))
        .collect();
    let selves = Tensor::<2>::eye(MEASURED.texts, device) * -1e3;
    let adam = AdamConfig::new().with_epsilon(1e-8).build();
    let step = |batch: usize| {
        let inputs: &Inputs = &inputs[batch];
        let mut values = parameters.iter().map(|parameter| parameter.value.clone());
        let table = values
            .next()
            .map(|table| table.reshape([MEASURED.table_rows, ROW_FEATURES]));
        let rows = table.map(|table| table.select(0, inputs.tokens.clone()));
        let Some(rows) = rows else {
            unreachable!("the table is the first parameter")
        };
        let pooled = forward(&mut values, rows, inputs.weights.clone());
        drop(values);
        let (cosine, similarity) = losses(pooled, inputs.targets.clone(), selves.clone());
        let gradients = (cosine.clone() + similarity.clone()).backward();
        for parameter in &mut parameters {
            if let Some(gradient) = parameter.value.grad(&gradients) {
                parameter.step(&adam, gradient);
            }
        }
        Ok::<_, Infallible>(Losses {
            cosine: f64::from(cosine.into_scalar::<f32>()),
            similarity: f64::from(similarity.into_scalar::<f32>()),
        })
    };
    let Ok(()) = measurement.run("burn 0.22.1 (flex)", encoder, step);
}

fn bag_forward(
    body: &mut dyn Iterator<Item = Tensor<1>>,
    rows: Tensor<2>,
    weights: Tensor<3>,
) -> Tensor<2> {
    let rows = rows.reshape([MEASURED.texts, MEASURED.tokens, ROW_FEATURES]);
    affine(body, weights.matmul(rows).squeeze_dim(1), FEATURES)
}

fn transformer_forward(
    body: &mut dyn Iterator<Item = Tensor<1>>,
    rows: Tensor<2>,
    _: Tensor<3>,
) -> Tensor<2> {
    let mut x = affine(body, rows, FEATURES);
    for _ in 0..LAYERS {
        let input = normalized(body, x.clone());
        let joint = affine(body, input, 3 * FEATURES);
        x = x + affine(body, mix(joint), FEATURES);
        let input = normalized(body, x.clone());
        let hidden = gelu_approximate(affine(body, input, HIDDEN));
        x = x + affine(body, hidden, FEATURES);
    }
    let tokens = normalized(body, x).reshape([MEASURED.texts, MEASURED.tokens, FEATURES]);
    tokens.mean_dim(1).squeeze_dim(1)
}

fn mix(joint: Tensor<2>) -> Tensor<2> {
    let part = |index: usize| {
        let part = joint.clone().narrow(1, index * FEATURES, FEATURES);
        let shape = [MEASURED.texts, MEASURED.tokens, HEADS, FEATURES / HEADS];
        part.reshape(shape).swap_dims(1, 2)
    };
    let mixed = attention(part(0), part(1), part(2), None, None, Default::default());
    mixed.swap_dims(1, 2).reshape([TOKENS, FEATURES])
}

fn pair(body: &mut dyn Iterator<Item = Tensor<1>>) -> (Tensor<1>, Tensor<1>) {
    match (body.next(), body.next()) {
        (Some(first), Some(second)) => (first, second),
        _ => unreachable!("the forward pass takes as many tensors as the body has"),
    }
}

fn affine(
    body: &mut dyn Iterator<Item = Tensor<1>>,
    input: Tensor<2>,
    outputs: usize,
) -> Tensor<2> {
    let (weight, bias) = pair(body);
    let inputs = input.dims()[1];
    input.matmul(weight.reshape([inputs, outputs])) + bias.reshape([1, outputs])
}

fn normalized(body: &mut dyn Iterator<Item = Tensor<1>>, input: Tensor<2>) -> Tensor<2> {
    let (gain, offset) = pair(body);
    layer_norm(input, gain, Some(offset), 1e-5)
}

fn losses(pooled: Tensor<2>, targets: Tensor<2>, selves: Tensor<2>) -> (Tensor<1>, Tensor<1>) {
    let lengths = pooled.clone().square().sum_dim(1).sqrt();
    let units = pooled / lengths;
    let texts = MEASURED.texts as f32;
    let cosine = -(units.clone() * targets.clone()).sum() / texts + 1.0;
    let rows = |units: Tensor<2>| {
        let similarities = units.clone().matmul(units.transpose()) / TEMPERATURE;
        log_softmax(similarities + selves.clone(), 1)
    };
    let (student, teacher) = (rows(units), rows(targets));
    let divergence = (teacher.clone().exp() * (teacher - student)).sum();
    (cosine, divergence / texts)
}
