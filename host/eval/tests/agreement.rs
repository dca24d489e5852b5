//! Numbers of this crate against `evaluate.py`, which lies beside the evaluation sets and defines every metric.
//!
//! The encoder here is one that is easily written in Python too:
//!
//! ```python
//! def encode(texts):
//!     rows = np.zeros((len(texts), 64), np.float32)
//!     for i, text in enumerate(texts):
//!         for word in re.findall(r'[a-z0-9]+', text.lower()):
//!             h = 0xcbf29ce484222325
//!             for byte in word.encode(): h = ((h ^ byte) * 0x100000001b3) & (2**64 - 1)
//!             rows[i] += np.array([(((h := (h * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)) >> 40) - 2**23) / 2**23
//!                                  for _ in range(64)], np.float32)
//!     return rows
//! ```
//!
//! Two texts of the same words have cosine 1 but for noise of 1e-7, which would order such ties differently in each
//! program and moves Spearman by up to 0.03. So both round the scores of pairs to millionths here: in the reference,
//! `s = np.round((a * b).sum(1) * 1e6).astype(np.float32)`. `agreement.json` is what its `run(encode)` returns.

use memt_eval::lexical::plain_terms;
use memt_eval::{Dense, GroupRanker, RankError, Ranker, System, datasets, evaluate};
use ndarray::Array2;

const WIDTH: usize = 64;

/// The sum over a text's words of a vector that is drawn from the word's hash.
fn encode(texts: &[&str]) -> Array2<f32> {
    let mut rows = Array2::zeros((texts.len(), WIDTH));
    for (text, mut row) in texts.iter().zip(rows.outer_iter_mut()) {
        for mut hash in plain_terms(text) {
            for value in &mut row {
                hash = hash
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *value += ((hash >> 40) as i64 - (1 << 23)) as f32 / (1 << 23) as f32;
            }
        }
    }
    rows
}

/// Pair scores in whole millionths.
struct Rounded<'a>(Dense<'a>);

impl Ranker for Rounded<'_> {
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        self.0.prepare(texts)
    }

    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        self.0.index(documents)
    }

    fn pair_scores(&self, first: &[&str], second: &[&str]) -> Result<Option<Vec<f32>>, RankError> {
        let scores = self.0.pair_scores(first, second)?;
        let round = |score: f32| (score * 1e6).round_ties_even();
        Ok(scores.map(|scores| scores.into_iter().map(round).collect()))
    }
}

fn directory() -> std::path::PathBuf {
    let data = std::env::var_os("MEMT_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        Into::into,
    );
    data.join("eval")
}

#[test]
#[ignore = "needs the evaluation sets in MEMT_DATA; run with --ignored"]
fn every_metric_agrees_with_the_reference_to_a_hundredth() {
    let reference: serde_json::Value =
        serde_json::from_str(include_str!("agreement.json")).unwrap();
    let sets = datasets::load(&directory(), datasets::CATALOGUE).unwrap();
    let dense = Rounded(Dense::new(&encode));
    let report = evaluate(&[System::new("hashed", &dense)], &sets, &|_| ()).unwrap();
    let (mut compared, mut apart) = (0, Vec::new());
    for set in &report.systems[0].sets {
        let expected = &reference[&set.name];
        assert_eq!(expected["n"], set.count, "{}", set.name);
        let parts = set.parts.iter().map(|part| (part.name.clone(), part.value));
        let values = set.values.iter().map(|value| {
            let key = serde_json::to_value(value.metric).unwrap();
            (key.as_str().unwrap().to_owned(), value.value)
        });
        for (key, value) in values.chain(parts) {
            let expected = expected[&key].as_f64().unwrap();
            let value = value.unwrap();
            // The reference is rounded to 0.01.
            if (value - expected).abs() > 0.0101 {
                apart.push(format!(
                    "{} {key}: {value} here, {expected} there",
                    set.name
                ));
            }
            compared += 1;
        }
    }
    assert!(apart.is_empty(), "{apart:#?}");
    assert_eq!(compared, 77);
}
