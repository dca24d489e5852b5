//! What `memt eval` compares: images in either arithmetic, fused with words or alone, and baselines.

mod ablation;
mod drawing;
mod memories;
mod unanswerable;

pub use drawing::svg;
pub use unanswerable::{Curve, FALSE_ANSWERS, Point};

use crate::model::{Arithmetic, Model, ModelError, TextEncoder, encode_all_floats};
use ablation::{Part, Without};
use memories::Memories;
use memt_core::embedding::DIMENSIONS;
use memt_core::overlap;
use memt_eval::{
    Bm25, Bootstrap, Dataset, Dense, Encoder, Fused, Progress, RankError, Ranker, Report, System,
    TfIdf, evaluate, fused,
};
use ndarray::Array2;

/// A model to be measured, under the name that the report shows.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its image.
    pub model: Model,
    /// Which arithmetic encodes.
    pub arithmetic: Arithmetic,
}

/// A published encoder that the candidates are measured against.
pub struct Peer {
    /// Its name.
    pub name: String,
    /// What makes its vectors.
    pub encoder: Box<dyn Encoder>,
}

/// What to measure besides the candidates, and how.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether BM25 and TF-IDF take part.
    pub baselines: bool,
    /// Whether 95 % intervals are drawn.
    pub intervals: bool,
    /// Whether the score is also measured without each of its parts.
    pub ablate: bool,
    /// Whether banks are also asked to prefer neighbours in time.
    pub neighbours: bool,
}

/// Why an evaluation failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum EvaluationError {
    /// A model does not encode.
    Model(ModelError),
    /// A bank cannot be asked.
    Rank(RankError),
    /// A system gave no usable answer.
    Evaluate(memt_eval::evaluate::EvaluateError),
    /// Two systems cannot be compared.
    Compare(memt_eval::bootstrap::CompareError),
}

impl core::fmt::Display for EvaluationError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(formatter),
            Self::Rank(error) => error.fmt(formatter),
            Self::Evaluate(error) => error.fmt(formatter),
            Self::Compare(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for EvaluationError {}

/// Measures every candidate dense and as a bank that fuses meaning with words, every peer dense and with
/// the mean of min-max scores, and the baselines, on `sets`. Banks answer questions; sets of pairs are
/// for the others.
///
/// With intervals, the fused answers of the other candidates and of all peers, the baselines and the mean of
/// min-max scores are compared with the fused answers of the first candidate; dense answers and, again, the
/// baselines, which take part in sets of pairs too, with its dense ones.
pub fn compare(
    candidates: &[Candidate],
    peers: &[Peer],
    sets: &[Dataset],
    settings: Settings,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, EvaluationError> {
    let encoders = candidates
        .iter()
        .map(CandidateEncoder::of)
        .collect::<Result<Vec<_>, _>>()
        .map_err(EvaluationError::Model)?;
    let dense: Vec<Dense<'_>> = encoders.iter().map(|encoder| Dense::new(encoder)).collect();
    let stemmed = Bm25::new(stemmed_terms);
    let (plain, tf_idf) = (Bm25::plain(), TfIdf::plain());
    let banks: Vec<[Memories<'_>; 2]> = dense
        .iter()
        .map(|dense| [false, true].map(|neighbours| Memories::new(dense, neighbours)))
        .collect();
    let mixed: Vec<Joined<'_>> = dense
        .iter()
        .map(|dense| Fused::new(dense, &stemmed, fused::min_max_mean as Join))
        .collect();
    let ablated: Vec<_> = dense
        .iter()
        .map(|dense| Part::ALL.map(|(part, name)| (Without::new(dense, part), name)))
        .collect();
    let peers_dense: Vec<Dense<'_>> = peers
        .iter()
        .map(|peer| Dense::new(peer.encoder.as_ref()))
        .collect();
    let peers_fused: Vec<Joined<'_>> = peers_dense
        .iter()
        .map(|dense| Fused::new(dense, &stemmed, fused::min_max_mean as Join))
        .collect();
    let mut systems = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let name = &candidate.name;
        systems.push(System::new(format!("{name} dense"), &dense[index]));
        systems.push(System::new(format!("{name} fused"), &banks[index][0]));
        if settings.neighbours {
            let name = format!("{name} neighbours");
            systems.push(System::new(name, &banks[index][1]));
        }
        if settings.ablate {
            let parts = ablated[index].iter();
            systems.extend(
                parts.map(|(ranker, part)| System::new(format!("{name} without {part}"), ranker)),
            );
        }
        if settings.baselines {
            systems.push(System::new(format!("{name} min-max"), &mixed[index]));
        }
    }
    for (index, peer) in peers.iter().enumerate() {
        let name = &peer.name;
        systems.push(System::new(format!("{name} dense"), &peers_dense[index]));
        systems.push(System::new(format!("{name} min-max"), &peers_fused[index]));
    }
    if settings.baselines {
        let baselines: [&dyn Ranker; 3] = [&stemmed, &plain, &tf_idf];
        let named = BASELINES.into_iter().zip(baselines);
        systems.extend(named.map(|(name, ranker)| System::new(name, ranker)));
    }
    let mut report = evaluate(&systems, sets, progress).map_err(EvaluationError::Evaluate)?;
    if settings.intervals {
        let bootstrap = Bootstrap::default();
        bootstrap.intervals(&mut report);
        for (base, others) in compared(candidates, peers, settings.baselines) {
            let others: Vec<&str> = others.iter().map(String::as_str).collect();
            bootstrap
                .compare(&mut report, &base, &others)
                .map_err(EvaluationError::Compare)?;
        }
    }
    Ok(report)
}

/// Names of the baselines.
const BASELINES: [&str; 3] = ["BM25 stop words, stems", "BM25 plain", "TF-IDF"];

/// The two systems of the first candidate, each with the systems that are compared with it.
fn compared(
    candidates: &[Candidate],
    peers: &[Peer],
    baselines: bool,
) -> [(String, Vec<String>); 2] {
    let [mut dense, mut fused] = [Vec::new(), Vec::new()];
    let Some((first, others)) = candidates.split_first() else {
        return Default::default();
    };
    for Candidate { name, .. } in others {
        dense.push(format!("{name} dense"));
        fused.push(format!("{name} fused"));
    }
    for Peer { name, .. } in peers {
        dense.push(format!("{name} dense"));
        fused.push(format!("{name} min-max"));
    }
    let first = &first.name;
    if baselines {
        fused.push(format!("{first} min-max"));
        for others in [&mut dense, &mut fused] {
            others.extend(BASELINES.map(str::to_owned));
        }
    }
    [
        (format!("{first} dense"), dense),
        (format!("{first} fused"), fused),
    ]
}

type Join = fn(&[f32], &[f32]) -> Vec<f32>;
type Joined<'a> = Fused<'a, Join>;

/// How well the scores of each candidate tell questions with an answer from those without one.
pub fn unanswerable(
    candidates: &[Candidate],
    sets: &[Dataset],
) -> Result<Vec<Curve>, EvaluationError> {
    let mut curves = Vec::new();
    for candidate in candidates {
        let encoder = CandidateEncoder::of(candidate).map_err(EvaluationError::Model)?;
        let dense = Dense::new(&encoder);
        let memories = Memories::new(&dense, false);
        for set in sets {
            dense.prepare(&set.texts()).map_err(EvaluationError::Rank)?;
        }
        let of_candidate = unanswerable::curves(&candidate.name, &memories, sets);
        curves.extend(of_candidate.map_err(EvaluationError::Rank)?);
    }
    Ok(curves)
}

fn stemmed_terms(text: &str) -> Vec<u64> {
    overlap::terms(text).map(u64::from).collect()
}

struct CandidateEncoder<'m> {
    encoder: TextEncoder<'m>,
}

impl<'m> CandidateEncoder<'m> {
    fn of(candidate: &'m Candidate) -> Result<Self, ModelError> {
        let encoder = candidate.model.text_encoder(candidate.arithmetic)?;
        Ok(Self { encoder })
    }

    fn floats(
        &self,
        texts: &[&str],
    ) -> Result<Vec<[f32; DIMENSIONS]>, memt_core::encoder::ScratchTooSmall> {
        match &self.encoder {
            TextEncoder::F32(reference) => encode_all_floats(reference, texts),
            TextEncoder::Fixed(_) => {
                let embeddings = self.encoder.encode_all(texts)?;
                let floats = embeddings
                    .iter()
                    .map(|embedding| embedding.0.map(f32::from));
                Ok(floats.collect())
            }
        }
    }
}

impl Encoder for CandidateEncoder<'_> {
    fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, RankError> {
        let rows = self.floats(texts).map_err(RankError::other)?;
        Ok(ndarray::arr2(&rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    const QUESTIONS: &str = r#"{"type":"doc","group":"g","id":"0","text":"the boiler valve was replaced"}
{"type":"doc","group":"g","id":"1","text":"green tea is in the drawer"}
{"type":"query","group":"g","id":"a","text":"the boiler","rel":{"0":1}}
{"type":"query","group":"g","id":"b","text":"green tea","rel":{"1":1}}"#;
    const PAIRS: &str = r#"{"a":"milk","b":"milk","score":5,"set":"s"}
{"a":"milk bread","b":"milk","score":3,"set":"s"}
{"a":"milk","b":"boiler","score":0,"set":"s"}"#;

    fn sets() -> [Dataset; 2] {
        [("memory_handmade", QUESTIONS), ("stsb_dev", PAIRS)].map(|(name, text)| {
            let info = memt_eval::datasets::find(name).unwrap();
            Dataset::parse(Path::new("small.jsonl"), text, info).unwrap()
        })
    }

    /// What the first of two candidates is compared with on a set, beside a peer.
    fn compared_with(report: &Report, base: &str, set: &str) -> BTreeSet<String> {
        let differences = report.differences.iter();
        let of_base = differences.filter(|entry| entry.base == base && entry.set == set);
        of_base.map(|entry| entry.other.clone()).collect()
    }

    #[test]
    fn everything_is_compared_with_the_first_candidate() {
        let model = Model::built_in().unwrap();
        let candidates = ["one", "two"].map(|name| Candidate {
            name: name.to_owned(),
            model: model.clone(),
            arithmetic: Arithmetic::default(),
        });
        let lengths = |texts: &[&str]| {
            Array2::from_shape_fn((texts.len(), 2), |(row, _)| texts[row].len() as f32)
        };
        let peer = Peer {
            name: "peer".to_owned(),
            encoder: Box::new(lengths),
        };
        let mut settings = Settings {
            baselines: true,
            intervals: true,
            ablate: false,
            neighbours: false,
        };
        let peers = [peer];
        let report = compare(&candidates, &peers, &sets(), settings, &|_| ()).unwrap();
        let names = |names: &[&str]| -> BTreeSet<String> {
            names
                .iter()
                .chain(&BASELINES)
                .map(|&name| name.to_owned())
                .collect()
        };
        for set in ["memory_handmade", "stsb_dev"] {
            let dense = compared_with(&report, "one dense", set);
            assert_eq!(dense, names(&["two dense", "peer dense"]), "{set}");
        }
        assert_eq!(
            compared_with(&report, "one fused", "memory_handmade"),
            names(&["two fused", "one min-max", "peer min-max"])
        );
        settings.baselines = false;
        let report = compare(&candidates, &peers, &sets(), settings, &|_| ()).unwrap();
        assert_eq!(
            compared_with(&report, "one fused", "memory_handmade").len(),
            2
        );
    }
}
