//! Second rows of random numbers.

use crate::image_parts::OwnedTensor;
use crate::random::Random;
use memt_core::encoder::tensor::{MAX_ROW_SCALE, TensorFormat, TensorName};

/// The tensors of second rows for about a third of `rows` rows of `columns` numbers.
pub fn tensors(seed: u64, rows: usize, columns: usize) -> Vec<OwnedTensor> {
    let mut random = Random::new(seed ^ 0xf19e);
    let places: Vec<u16> = (0..rows as u16).filter(|_| random.below(3) == 0).collect();
    let number = |_| (2 * random.between(0, 3) - 3) as i8;
    let numbers: Vec<i8> = (0..places.len() * columns).map(number).collect();
    let scale = |_| random.between(1, i32::from(MAX_ROW_SCALE) / 3) as u16;
    let scales: Vec<u16> = (0..places.len()).map(scale).collect();
    vec![
        OwnedTensor::rows(
            (TensorName::FineRows, 0),
            TensorFormat::I2,
            columns,
            &numbers,
        ),
        OwnedTensor::u16(TensorName::FineScales, &scales),
        OwnedTensor::u16(TensorName::FinePlaces, &places),
    ]
}
