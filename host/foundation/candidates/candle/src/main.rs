//! The measured steps in candle: automatic differentiation, dense gradients of the table.

use std::process::ExitCode;

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::ops::{layer_norm_slow, log_softmax, softmax};
use candle_nn::optim::{AdamW, Optimizer, ParamsAdamW};
use memt_foundation::distillation::{Batch, Losses};
use memt_foundation::matrix::Matrix;
use memt_foundation::measurement::{BATCHES, Measurement};
use memt_foundation::problem::{
    FEATURES, HEADS, HIDDEN, LAYERS, MEASURED, ROW_FEATURES, bag, transformer,
};
use memt_foundation::tensors::Tensors;

const TEMPERATURE: f64 = 0.05;
const HEAD_FEATURES: usize = FEATURES / HEADS;

fn main() -> ExitCode {
    match Measurement::from_arguments() {
        Ok(measurement) => match measure_all(measurement) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn measure_all(measurement: Measurement) -> Result<()> {
    let mut shapes = linear_shape(ROW_FEATURES, FEATURES);
    for _ in 0..LAYERS {
        shapes.extend(norm_shape());
        shapes.extend(linear_shape(FEATURES, 3 * FEATURES));
        shapes.extend(linear_shape(FEATURES, FEATURES));
        shapes.extend(norm_shape());
        shapes.extend(linear_shape(FEATURES, HIDDEN));
        shapes.extend(linear_shape(HIDDEN, FEATURES));
    }
    shapes.extend(norm_shape());
    let body = variables(&transformer(), &shapes)?;
    measure(measurement, "transformer", body, transformer_forward)?;
    let body = variables(&bag(), &linear_shape(ROW_FEATURES, FEATURES))?;
    measure(measurement, "bag", body, bag_forward)
}

fn linear_shape(inputs: usize, outputs: usize) -> Vec<Vec<usize>> {
    vec![vec![inputs, outputs], vec![outputs]]
}

fn norm_shape() -> [Vec<usize>; 2] {
    [vec![FEATURES], vec![FEATURES]]
}

fn tensor(matrix: &Matrix) -> Result<Tensor> {
    let shape = (matrix.rows(), matrix.columns());
    Tensor::from_slice(matrix.values(), shape, &Device::Cpu)
}

fn variables(body: &impl Tensors, shapes: &[Vec<usize>]) -> Result<Vec<Var>> {
    let tensors = body.tensors().into_iter().zip(shapes);
    tensors
        .map(|(values, shape)| Var::from_slice(values, shape.as_slice(), &Device::Cpu))
        .collect()
}

/// A batch as candle tensors.
struct Inputs {
    /// `[N L]`.
    tokens: Tensor,
    /// `[N, 1, L]`.
    weights: Tensor,
    /// `[N, D]`.
    targets: Tensor,
}

impl Inputs {
    fn new(batch: &Batch) -> Result<Self> {
        let weights = (MEASURED.texts, 1, MEASURED.tokens);
        Ok(Self {
            tokens: Tensor::from_slice(&batch.tokens, batch.tokens.len(), &Device::Cpu)?,
            weights: Tensor::from_slice(&batch.weights, weights, &Device::Cpu)?,
            targets: tensor(&batch.targets)?,
        })
    }
}

type Forward = fn(&[Var], Tensor, &Tensor) -> Result<Tensor>;

fn measure(
    measurement: Measurement,
    encoder: &str,
    body: Vec<Var>,
    forward: Forward,
) -> Result<()> {
    let table = Var::from_tensor(&tensor(&MEASURED.table())?)?;
    let inputs: Vec<Inputs> = (0..BATCHES)
        .map(|number| Inputs::new(&MEASURED.batch(number)))
        .collect::<Result<_>>()?;
    let mut selves = vec![0f32; MEASURED.texts * MEASURED.texts];
    selves
        .iter_mut()
        .step_by(MEASURED.texts + 1)
        .for_each(|value| *value = -1e3);
    let selves = Tensor::from_vec(selves, (MEASURED.texts, MEASURED.texts), &Device::Cpu)?;
    let settings = ParamsAdamW {
        weight_decay: 0.0,
        ..ParamsAdamW::default()
    };
    let mut variables = body.clone();
    variables.push(table.clone());
    let mut optimizer = AdamW::new(variables, settings)?;
    measurement.run("candle 0.11.1", encoder, |batch| {
        let Inputs {
            tokens,
            weights,
            targets,
        } = &inputs[batch];
        let rows = table.index_select(tokens, 0)?;
        let pooled = forward(&body, rows, weights)?;
        let (cosine, similarity) = losses(&pooled, targets, &selves)?;
        optimizer.backward_step(&(&cosine + &similarity)?)?;
        Ok::<_, candle_core::Error>(Losses {
            cosine: f64::from(cosine.to_scalar::<f32>()?),
            similarity: f64::from(similarity.to_scalar::<f32>()?),
        })
    })
}

fn bag_forward(body: &[Var], rows: Tensor, weights: &Tensor) -> Result<Tensor> {
    let rows = rows.reshape((MEASURED.texts, MEASURED.tokens, ROW_FEATURES))?;
    affine(&mut body.iter(), &weights.matmul(&rows)?.squeeze(1)?)
}

fn transformer_forward(body: &[Var], rows: Tensor, _: &Tensor) -> Result<Tensor> {
    let mut body = body.iter();
    let mut x = affine(&mut body, &rows)?;
    for _ in 0..LAYERS {
        let input = normalized(&mut body, &x)?;
        let joint = affine(&mut body, &input)?;
        x = (&x + affine(&mut body, &attention(&joint)?)?)?;
        let input = normalized(&mut body, &x)?;
        let hidden = affine(&mut body, &input)?.gelu()?;
        x = (&x + affine(&mut body, &hidden)?)?;
    }
    let tokens = normalized(&mut body, &x)?;
    tokens
        .reshape((MEASURED.texts, MEASURED.tokens, FEATURES))?
        .mean(1)
}

fn attention(joint: &Tensor) -> Result<Tensor> {
    let shape = (MEASURED.texts, MEASURED.tokens, 3, HEADS, HEAD_FEATURES);
    let joint = joint.reshape(shape)?;
    let part = |index| {
        joint
            .narrow(2, index, 1)?
            .squeeze(2)?
            .transpose(1, 2)?
            .contiguous()
    };
    let (query, key, value) = (part(0)?, part(1)?, part(2)?);
    let scale = 1.0 / (HEAD_FEATURES as f64).sqrt();
    let scores = (query.matmul(&key.t()?)? * scale)?;
    let mixed = softmax(&scores, D::Minus1)?.matmul(&value)?;
    mixed
        .transpose(1, 2)?
        .reshape((MEASURED.texts * MEASURED.tokens, FEATURES))
}

fn pair<'a>(body: &mut impl Iterator<Item = &'a Var>) -> Result<(&'a Var, &'a Var)> {
    match (body.next(), body.next()) {
        (Some(first), Some(second)) => Ok((first, second)),
        _ => candle_core::bail!("the body has too few tensors"),
    }
}

fn affine<'a>(body: &mut impl Iterator<Item = &'a Var>, input: &Tensor) -> Result<Tensor> {
    let (weight, bias) = pair(body)?;
    input.matmul(weight)?.broadcast_add(bias)
}

fn normalized<'a>(body: &mut impl Iterator<Item = &'a Var>, input: &Tensor) -> Result<Tensor> {
    let (gain, offset) = pair(body)?;
    layer_norm_slow(input, gain, offset, 1e-5)
}

fn losses(pooled: &Tensor, targets: &Tensor, selves: &Tensor) -> Result<(Tensor, Tensor)> {
    let lengths = pooled.sqr()?.sum_keepdim(1)?.sqrt()?;
    let units = pooled.broadcast_div(&lengths)?;
    let texts = MEASURED.texts as f64;
    let cosine = (1.0 - ((&units * targets)?.sum_all()? / texts)?)?;
    let rows = |units: &Tensor| {
        let similarities = (units.matmul(&units.t()?)? / TEMPERATURE)?;
        log_softmax(&(similarities + selves)?, 1)
    };
    let (student, teacher) = (rows(&units)?, rows(targets)?);
    let divergence = (teacher.exp()? * (&teacher - student)?)?.sum_all()?;
    Ok((cosine, (divergence / texts)?))
}
