//! The encoders of `tests/reference/encoders.json`: published kinds, with PyTorch's answers.

mod architecture;
mod tensors;

use crate::float_model::FloatModel;
use crate::places;
use serde_json::Value;
use tensors::Tensors;

/// An encoder and what PyTorch says of it.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its name in the file.
    pub name: String,
    /// Its numbers.
    pub model: FloatModel,
    /// Texts and their unit vectors.
    pub answers: Vec<(String, Vec<f64>)>,
}

/// Every encoder of the file.
pub fn all() -> Vec<Published> {
    let path = places::root().join("tests/reference/encoders.json");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let models: Vec<Value> = serde_json::from_slice(&bytes).expect("a JSON list");
    models.iter().map(published).collect()
}

fn published(entry: &Value) -> Published {
    let mut tensors = Tensors::of(&entry["tensors"]);
    let model = architecture::model(&entry["settings"], &mut tensors);
    tensors.assert_all_taken();
    let answers = entry["answers"].as_array().expect("answers");
    Published {
        name: string(&entry["name"]),
        model,
        answers: answers
            .iter()
            .map(|answer| (string(&answer["text"]), numbers(&answer["vector"])))
            .collect(),
    }
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().expect("a list").iter();
    numbers
        .map(|number| number.as_f64().expect("a number"))
        .collect()
}
