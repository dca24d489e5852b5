//! A static model of five tokens, worked out by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_teacher::StaticModel;
use ndarray::{Array2, array};
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use serde_json::json;
use std::path::Path;

/// Rows of the tokens milk, bread, boiler, in this order.
const ROWS: [[f32; 2]; 3] = [[1.0, 2.0], [3.0, -2.0], [0.0, 4.0]];

enum Parts {
    /// A row a token.
    Rows,
    /// A row a token in half precision, a weight a token.
    HalvesAndWeights,
    /// Tokens share rows, a weight a token.
    WeightsAndMapping,
}

fn write_tokenizer(folder: &Path) {
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[UNK]": 0, "milk": 1, "bread": 2, "boiler": 3, "##s": 4},
        },
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
}

fn write_tensors(folder: &Path, parts: &Parts) {
    let bytes = |values: &[f32]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    let spread = [[9.0, 9.0], ROWS[0], ROWS[1], ROWS[2], [9.0, -9.0]];
    let weights = bytes(&[7.0, 1.0, 0.5, 2.0, 0.0]);
    let weights = TensorView::new(Dtype::F32, vec![5], &weights).unwrap();
    let path = folder.join("model.safetensors");
    match parts {
        Parts::Rows => {
            let rows = bytes(spread.as_flattened());
            let rows = TensorView::new(Dtype::F32, vec![5, 2], &rows).unwrap();
            serialize_to_file([("embeddings", rows)], None, &path).unwrap();
        }
        Parts::HalvesAndWeights => {
            // All values are small integers: n = 2^e (1 + f), as sign, e + 15, f in ten bits.
            let half = |value: f32| {
                let bits = value.to_bits();
                let exponent = ((bits >> 23 & 0xff) + 15).saturating_sub(127) << 10;
                ((bits >> 16 & 0x8000) | exponent | (bits >> 13 & 0x3ff)) as u16
            };
            let rows = spread.as_flattened().iter();
            let rows: Vec<u8> = rows.flat_map(|&value| half(value).to_le_bytes()).collect();
            let rows = TensorView::new(Dtype::F16, vec![5, 2], &rows).unwrap();
            serialize_to_file([("embeddings", rows), ("weights", weights)], None, &path).unwrap();
        }
        Parts::WeightsAndMapping => {
            let rows = bytes(ROWS.as_flattened());
            let rows = TensorView::new(Dtype::F32, vec![3, 2], &rows).unwrap();
            let mapping: Vec<u8> = [2i64, 0, 1, 2, 0]
                .iter()
                .flat_map(|row| row.to_le_bytes())
                .collect();
            let mapping = TensorView::new(Dtype::I64, vec![5], &mapping).unwrap();
            let all = [
                ("embeddings", rows),
                ("weights", weights),
                ("mapping", mapping),
            ];
            serialize_to_file(all, None, &path).unwrap();
        }
    }
}

fn encode(parts: Parts, normalize: bool, texts: &[&str]) -> Array2<f32> {
    let folder = tempfile::tempdir().unwrap();
    write_tokenizer(folder.path());
    write_tensors(folder.path(), &parts);
    let config = json!({"model_type": "model2vec", "normalize": normalize});
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let model = StaticModel::open(folder.path()).unwrap();
    assert_eq!(model.dimensions(), 2);
    model.encode(texts).unwrap()
}

const TEXTS: [&str; 4] = ["Milk bread", "milk unseen", "unseen", ""];

#[test]
fn a_text_is_the_mean_of_the_rows_of_known_tokens() {
    let vectors = encode(Parts::Rows, false, &TEXTS);
    assert_eq!(
        vectors,
        array![[2.0, 0.0], [1.0, 2.0], [0.0, 0.0], [0.0, 0.0]]
    );
}

#[test]
fn vectors_have_unit_length_where_the_model_says_so() {
    let vectors = encode(Parts::Rows, true, &TEXTS[..2]);
    let root = 5.0f32.sqrt();
    let expected = array![[1.0, 0.0], [1.0 / root, 2.0 / root]];
    assert!((vectors - expected).iter().all(|error| error.abs() < 1e-6));
}

#[test]
fn weights_and_a_mapping_are_applied_by_token() {
    let text = ["bread boilers"];
    // (3, -2) / 2 + 2 (0, 4) + 0 (the row of ##s), over three tokens.
    let expected = array![[0.5, 7.0 / 3.0]];
    for parts in [Parts::WeightsAndMapping, Parts::HalvesAndWeights] {
        let vectors = encode(parts, false, &text);
        assert!((vectors - &expected).iter().all(|error| error.abs() < 1e-6));
    }
}

#[test]
fn a_token_without_a_row_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write_tokenizer(folder.path());
    std::fs::write(folder.path().join("config.json"), "{}").unwrap();
    let bytes = [0; 16];
    let rows = TensorView::new(Dtype::F32, vec![2, 2], &bytes).unwrap();
    serialize_to_file(
        [("embeddings", rows)],
        None,
        &folder.path().join("model.safetensors"),
    )
    .unwrap();
    let error = StaticModel::open(folder.path()).err().unwrap().to_string();
    assert!(error.ends_with("2 rows for 5 tokens"), "{error}");
}
