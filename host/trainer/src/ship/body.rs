//! The tensors of a transformer.

use super::tensors::{Tensors, i8_bytes, i32_bytes, u32_bytes};
use crate::integer::{IntegerBody, IntegerLinear};
use crate::model::Parameters;
use crate::network::{Linear, Transformer};
use memt_core::encoder::kernel::{self, MatrixFormat};
use memt_core::encoder::tensor::{MatrixName, TensorFormat, TensorName};
use std::ops::Range;

/// The parts of a joint map, in their order.
const JOINT: [MatrixName; 3] = [MatrixName::Query, MatrixName::Key, MatrixName::Value];

impl Tensors {
    /// Adds projection and body in integers.
    pub(super) fn add_integer_body(&mut self, body: &IntegerBody) {
        let layers = body.units.weights.matrix_format();
        self.add_linear((MatrixName::Input, 0), &body.input, layers);
        if let Some(positions) = &body.positions {
            let columns = positions.numbers.len() / positions.multipliers.len();
            let bytes = i8_bytes(&positions.numbers);
            self.add((TensorName::Positions, 0), TensorFormat::I8, columns, bytes);
            let bytes = u32_bytes(&positions.multipliers);
            self.add(
                (TensorName::PositionMultipliers, 0),
                TensorFormat::U32,
                1,
                bytes,
            );
        }
        for (index, layer) in (0..).zip(&body.layers) {
            for (name, rows) in JOINT.into_iter().zip(thirds(layer.joint.biases.len())) {
                self.add_part((name, index), &layer.joint, rows, layers);
            }
            self.add_linear((MatrixName::Context, index), &layer.context, layers);
            self.add_linear((MatrixName::Expand, index), &layer.expand, layers);
            self.add_linear((MatrixName::Contract, index), &layer.contract, layers);
        }
        self.add_linear((MatrixName::Pooled, 0), &body.pooled, MatrixFormat::I8);
        self.add_linear((MatrixName::Bag, 0), &body.bag, MatrixFormat::I8);
    }

    fn add_linear(&mut self, name: (MatrixName, u8), linear: &IntegerLinear, format: MatrixFormat) {
        self.add_part(name, linear, 0..linear.biases.len(), format);
    }

    /// Adds the rows `rows` of a map.
    fn add_part(
        &mut self,
        (name, layer): (MatrixName, u8),
        linear: &IntegerLinear,
        rows: Range<usize>,
        format: MatrixFormat,
    ) {
        let columns = linear.weight.columns();
        let numbers = &linear.weight.values()[rows.start * columns..rows.end * columns];
        let numbers: Vec<i8> = numbers.iter().map(|&number| number as i8).collect();
        let mut bytes = vec![0; format.bytes(rows.len(), columns)];
        kernel::pack(format, columns, &numbers, &mut bytes);
        let stored = match format {
            MatrixFormat::I4 => TensorFormat::PairedI4,
            MatrixFormat::I8 => TensorFormat::PairedI8,
        };
        self.add((TensorName::Weights(name), layer), stored, columns, bytes);
        let bytes = u32_bytes(&linear.multipliers[rows.clone()]);
        self.add(
            (TensorName::Multipliers(name), layer),
            TensorFormat::U32,
            1,
            bytes,
        );
        let biases = &linear.biases[rows];
        if biases.iter().any(|&bias| bias != 0) {
            let bytes = i32_bytes(biases);
            self.add(
                (TensorName::Biases(name), layer),
                TensorFormat::I32,
                1,
                bytes,
            );
        }
    }

    /// Adds projection and body in floats.
    pub(super) fn add_float_body(&mut self, parameters: &Parameters, body: &Transformer) {
        self.add_float_linear((MatrixName::Input, 0), &body.input);
        if let Some(positions) = &body.positions {
            let name = (TensorName::Positions, 0);
            self.add_floats(name, positions.columns(), positions.values());
        }
        for (index, layer) in (0..).zip(&body.layers) {
            for (name, rows) in JOINT.into_iter().zip(thirds(layer.joint.bias.len())) {
                self.add_float_part((name, index), &layer.joint, rows);
            }
            self.add_float_linear((MatrixName::Context, index), &layer.context);
            self.add_float_linear((MatrixName::Expand, index), &layer.expand);
            self.add_float_linear((MatrixName::Contract, index), &layer.contract);
        }
        self.add_float_linear((MatrixName::Pooled, 0), &body.pooled);
        let bag = (TensorName::Weights(MatrixName::Bag), 0);
        self.add_floats(bag, parameters.row_width, &parameters.projection);
    }

    fn add_float_linear(&mut self, name: (MatrixName, u8), linear: &Linear) {
        self.add_float_part(name, linear, 0..linear.bias.len());
    }

    fn add_float_part(
        &mut self,
        (name, layer): (MatrixName, u8),
        linear: &Linear,
        rows: Range<usize>,
    ) {
        let columns = linear.weight.columns();
        let numbers = &linear.weight.values()[rows.start * columns..rows.end * columns];
        self.add_floats((TensorName::Weights(name), layer), columns, numbers);
        self.add_floats((TensorName::Biases(name), layer), 1, &linear.bias[rows]);
    }
}

fn thirds(rows: usize) -> [Range<usize>; 3] {
    let third = rows / 3;
    [0, 1, 2].map(|part| part * third..(part + 1) * third)
}
