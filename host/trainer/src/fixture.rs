//! A data folder small enough to train on in a test.

use crate::random::Random;
use crate::{Paths, Recipe, Start};
use memt_eval::datasets::{CATALOGUE, Kind};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const WORDS: usize = 60;
const TEXTS: usize = 400;
const DIMENSIONS: usize = memt_core::embedding::DIMENSIONS;

/// A recipe for the folder: floats, then integers, with and without pairs.
pub(crate) const RECIPE: &str = r#"
name = "tiny"
seed = 3
[model]
words = 40
ngrams = 32
row_width = 16
bucket_bits = 4
window = 32
row_bits = 4
budget_bytes = 8192
[word_vectors]
rarity = 1e-3
[spelling]
epochs = 2
rate = 0.01
known_weight = 0.3
[[stage]]
name = "floats"
steps = 60
warm_up = 5
row_rate = 1e-2
projection_rate = 1e-2
final_rate = 0.1
quantise = false
measure_every = 50
checkpoint_every = 25
distillation = { shards = 3, texts = 16, cosine = 1.0, similarity = 1.0, temperature = 0.05 }
[[stage]]
name = "integers"
steps = 60
warm_up = 5
row_rate = 1e-3
projection_rate = 1e-3
final_rate = 0.1
quantise = true
measure_every = 50
checkpoint_every = 25
distillation = { shards = 2, texts = 16, cosine = 1.0, similarity = 1.0, temperature = 0.05 }
contrastive = { shards = 2, pairs = 8, weight = 0.5, temperature = 0.06 }
"#;

/// The same with a transformer: its bag first, then everything, then integers.
pub(crate) const TRANSFORMER: &str = r#"
name = "tiny"
seed = 3
[model]
words = 40
ngrams = 32
row_width = 32
bucket_bits = 4
window = 6
row_bits = 4
rotated = true
budget_bytes = 65536
[model.body]
kind = "transformer"
width = 32
layers = 2
heads = 2
hidden = 64
activation = "relu"
positions = true
pooling = "mean_max"
[word_vectors]
rarity = 1e-3
[spelling]
epochs = 2
rate = 0.01
known_weight = 0.3
[[stage]]
name = "bag"
steps = 30
warm_up = 5
train = "bag"
row_rate = 1e-2
projection_rate = 1e-2
final_rate = 0.5
quantise = false
measure_every = 50
checkpoint_every = 25
distillation = { shards = 3, texts = 16, cosine = 1.0, similarity = 1.0, temperature = 0.05 }
[[stage]]
name = "everything"
steps = 60
warm_up = 5
row_rate = 1e-2
projection_rate = 1e-2
body_rate = 1e-2
matrix_rate = 1e-2
longest_gradient = 1.0
weight_decay = 1e-3
final_rate = 0.1
quantise = false
measure_every = 50
checkpoint_every = 25
distillation = { shards = 3, texts = 16, cosine = 1.0, similarity = 1.0, temperature = 0.05 }
[[stage]]
name = "integers"
steps = 60
warm_up = 5
row_rate = 1e-3
projection_rate = 1e-3
body_rate = 1e-3
final_rate = 0.1
quantise = true
measure_every = 50
checkpoint_every = 25
distillation = { shards = 2, texts = 16, cosine = 1.0, similarity = 1.0, temperature = 0.05 }
contrastive = { shards = 2, pairs = 8, weight = 0.5, temperature = 0.06, one_source = true, balance = 0.5 }
"#;

/// A folder that is removed with the value.
pub(crate) struct Fixture {
    root: PathBuf,
    texts: Vec<String>,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

impl Fixture {
    pub(crate) fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("memt-trainer-{}-{name}", std::process::id()));
        std::fs::create_dir_all(root.join("data/teacher")).unwrap();
        std::fs::create_dir_all(root.join("data/eval")).unwrap();
        let fixture = Self {
            root,
            texts: texts(),
        };
        fixture.write_teacher();
        fixture.write_pairs();
        fixture.write_evaluation();
        fixture
    }

    pub(crate) fn recipe(&self) -> Recipe {
        Recipe::parse(RECIPE).unwrap()
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    pub(crate) fn paths(&self, out: &str, start: Start) -> Paths {
        Paths {
            data: self.data(),
            out: self.root.join(out),
            start,
        }
    }

    fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    fn write_teacher(&self) {
        let folder = self.data().join("teacher");
        write(
            &folder,
            "texts.txt.zst",
            &compressed(&self.texts.join("\n")),
        );
        write(&folder, "vectors.npy", &bytes_array(TEXTS, 1));
        write(&folder, "word_vectors.npy", &bytes_array(WORDS, 2));
        let scales: Vec<u8> = (0..DIMENSIONS)
            .flat_map(|_| 0.01f32.to_le_bytes())
            .collect();
        write(
            &folder,
            "scale.npy",
            &array("<f4", &format!("({DIMENSIONS},)"), &scales),
        );
        let mut list = String::new();
        for index in 0..WORDS {
            writeln!(list, "{}\t{}", word(index), 1000 / (index + 1)).unwrap();
        }
        write(&folder, "words.tsv", list.as_bytes());
        let sources = "source\tlicence\tupstream\nours\tCC0\there\n";
        write(&self.data(), "sources.tsv", sources.as_bytes());
    }

    fn write_pairs(&self) {
        let mut lines = String::new();
        for (index, pair) in self.texts.chunks(2).enumerate() {
            let source = if index % 2 == 0 { "ours" } else { "yours" };
            let mut line =
                serde_json::json!({"a": pair[0], "b": pair[1], "kind": "qa", "source": source});
            if index % 3 == 0 {
                line["neg"] = self.texts[index].clone().into();
            }
            writeln!(lines, "{line}").unwrap();
        }
        write(&self.data(), "pairs.jsonl.zst", &compressed(&lines));
    }

    fn write_evaluation(&self) {
        for info in CATALOGUE {
            let mut lines = String::new();
            for (index, pair) in self.texts[..20].chunks(2).enumerate() {
                for line in evaluation_lines(info.kind, index, pair) {
                    writeln!(lines, "{line}").unwrap();
                }
            }
            write(
                &self.data().join("eval"),
                &format!("{}.jsonl", info.name),
                lines.as_bytes(),
            );
        }
    }
}

fn evaluation_lines(kind: Kind, index: usize, pair: &[String]) -> Vec<serde_json::Value> {
    let id = format!("d{index}");
    match kind {
        Kind::Retrieval => vec![
            serde_json::json!({"type": "doc", "group": "g", "id": id, "text": pair[0]}),
            serde_json::json!({"type": "query", "group": "g", "id": "q", "text": pair[1], "rel": {(id): 1}}),
        ],
        Kind::Graded => {
            vec![serde_json::json!({"a": pair[0], "b": pair[1], "score": index as f64, "set": "s"})]
        }
        Kind::Labelled => {
            vec![serde_json::json!({"a": pair[0], "b": pair[1], "label": index % 2, "set": "s"})]
        }
        Kind::Intents => vec![
            serde_json::json!({"text": pair[0], "label": id, "split": "train"}),
            serde_json::json!({"text": pair[1], "label": id, "split": "test"}),
        ],
    }
}

fn texts() -> Vec<String> {
    let mut random = Random::keyed([1, 2, 3]);
    let text = |random: &mut Random| {
        let words: Vec<String> = (0..3 + random.below(6))
            .map(|_| word(random.below(WORDS + 20)))
            .collect();
        words.join(" ")
    };
    (0..TEXTS).map(|_| text(&mut random)).collect()
}

fn word(index: usize) -> String {
    const SYLLABLES: [&str; 9] = ["ba", "ke", "li", "mo", "nu", "ra", "si", "to", "ve"];
    format!("{}{}", SYLLABLES[index % 9], SYLLABLES[index / 9])
}

fn bytes_array(rows: usize, key: u64) -> Vec<u8> {
    let mut random = Random::keyed([key, 0, 0]);
    let values: Vec<u8> = (0..rows * DIMENSIONS)
        .map(|_| random.next() as u8)
        .collect();
    array("|i1", &format!("({rows}, {DIMENSIONS})"), &values)
}

fn array(kind: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

fn compressed(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}
