//! The tensors of an encoder, made by the formula of `tests/reference/weights.py`.

use super::{numbers, string};
use crate::random::Random;
use serde_json::Value;
use std::collections::BTreeMap;

/// Tensors by name and layer, each taken once.
#[derive(Clone, Debug)]
pub(super) struct Tensors(BTreeMap<(String, u8), Vec<f64>>);

impl Tensors {
    /// Those of a list.
    pub(super) fn of(list: &Value) -> Self {
        let entries = list.as_array().expect("a list").iter();
        Self(
            entries
                .map(|entry| {
                    let layer = entry["layer"].as_u64().expect("a layer") as u8;
                    ((string(&entry["name"]), layer), made(entry))
                })
                .collect(),
        )
    }

    /// A tensor that exists.
    pub(super) fn take(&mut self, name: &str, layer: u8) -> Vec<f64> {
        self.take_if_any(name, layer)
            .unwrap_or_else(|| panic!("no tensor {name} of layer {layer}"))
    }

    /// A tensor that may not exist.
    pub(super) fn take_if_any(&mut self, name: &str, layer: u8) -> Option<Vec<f64>> {
        self.0.remove(&(name.to_owned(), layer))
    }

    /// Fails if something of the encoder was left out.
    pub(super) fn assert_all_taken(&self) {
        assert!(self.0.is_empty(), "{:?}", self.0.keys());
    }
}

fn made(entry: &Value) -> Vec<f64> {
    let field = |name: &str| entry[name].as_f64().expect("a number");
    let (scale, base) = (field("scale"), field("base"));
    let count: f64 = numbers(&entry["shape"]).iter().product();
    let number = entry["number"].as_u64().expect("a number");
    let mut random = Random::new(number << 32);
    let value = |bits: u64| base + ((bits >> 48) as f64 - 32768.0) / 32768.0 * scale;
    let made: Vec<f64> = (0..count as usize).map(|_| value(random.bits())).collect();
    assert_eq!(singles(&made[..3]), singles(&numbers(&entry["first"])));
    made
}

/// Single precision holds every number exactly; `serde_json` reads doubles to their last bit only.
fn singles(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}
