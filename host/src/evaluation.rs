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
/// With intervals, the fused answers of the other candidates and of all peers are compared with those
/// of the first candidate, and dense ones with dense ones.
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
        let baselines: [(&str, &dyn Ranker); 3] = [
            ("BM25 stop words, stems", &stemmed),
            ("BM25 plain", &plain),
            ("TF-IDF", &tf_idf),
        ];
        systems.extend(baselines.map(|(name, ranker)| System::new(name, ranker)));
    }
    let mut report = evaluate(&systems, sets, progress).map_err(EvaluationError::Evaluate)?;
    if settings.intervals {
        let bootstrap = Bootstrap::default();
        bootstrap.intervals(&mut report);
        let first = &candidates[0].name;
        let others = candidates.iter().skip(1);
        let others = others.map(|candidate| (&candidate.name, "fused"));
        for (name, way) in others.chain(peers.iter().map(|peer| (&peer.name, "min-max"))) {
            for (own, way) in [("dense", "dense"), ("fused", way)] {
                let (base, other) = (format!("{first} {own}"), format!("{name} {way}"));
                bootstrap
                    .compare(&mut report, &base, &other)
                    .map_err(EvaluationError::Compare)?;
            }
        }
    }
    Ok(report)
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
