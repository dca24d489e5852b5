//! What `memt eval` compares: images in either arithmetic, fused with words or alone, and baselines.

use crate::model::{Arithmetic, Model, ModelError, TextEncoder, encode_all_floats};
use memt_core::embedding::DIMENSIONS;
use memt_core::overlap;
use memt_core::score::fuse;
use memt_eval::{
    Bm25, Bootstrap, Dataset, Dense, Encoder, Fused, Progress, Ranker, Report, System, TfIdf,
    evaluate, fused,
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

/// What to measure besides the candidates, and how.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whether BM25 and TF-IDF take part.
    pub baselines: bool,
    /// Whether 95 % intervals are drawn.
    pub intervals: bool,
}

/// Why an evaluation failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum EvaluationError {
    /// A model does not encode.
    Model(ModelError),
    /// A system gave no usable answer.
    Evaluate(memt_eval::evaluate::EvaluateError),
    /// Two systems cannot be compared.
    Compare(memt_eval::bootstrap::CompareError),
}

impl core::fmt::Display for EvaluationError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(formatter),
            Self::Evaluate(error) => error.fmt(formatter),
            Self::Compare(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for EvaluationError {}

/// Measures every candidate dense and fused with words, and the baselines, on `sets`.
///
/// With intervals and more than one candidate, the fused answers of each are compared with those of
/// the first.
pub fn compare(
    candidates: &[Candidate],
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
    let mut weighed = stemmed;
    (weighed.k1, weighed.b) = (overlap::K1, overlap::B);
    let (plain, tf_idf) = (Bm25::plain(), TfIdf::plain());
    let joined: Vec<Joined<'_>> = dense
        .iter()
        .map(|dense| Fused::new(dense, &weighed, join as Join))
        .collect();
    let mixed: Vec<Joined<'_>> = dense
        .iter()
        .map(|dense| Fused::new(dense, &stemmed, fused::min_max_mean as Join))
        .collect();
    let mut systems = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let name = &candidate.name;
        systems.push(System::new(format!("{name} dense"), &dense[index]));
        systems.push(System::new(format!("{name} fused"), &joined[index]));
        if settings.baselines {
            systems.push(System::new(format!("{name} min-max"), &mixed[index]));
        }
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
        for candidate in candidates.iter().skip(1) {
            let base = format!("{} fused", candidates[0].name);
            let other = format!("{} fused", candidate.name);
            bootstrap
                .compare(&mut report, &base, &other)
                .map_err(EvaluationError::Compare)?;
        }
    }
    Ok(report)
}

type Join = fn(&[f32], &[f32]) -> Vec<f32>;
type Joined<'a> = Fused<'a, Join>;

/// The fusion of core for one question: cosines `[N]` and BM25 `[N]` to scores `[N]`.
fn join(cosines: &[f32], lexical: &[f32]) -> Vec<f32> {
    let pairs = cosines.iter().zip(lexical);
    pairs.map(|(&cosine, &bm25)| fuse(cosine, bm25)).collect()
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
    fn encode(&self, texts: &[&str]) -> Array2<f32> {
        // A model that loads fits its scratch, so no rows here means a defect; the evaluator then
        // reports the wrong shape by name.
        match self.floats(texts) {
            Ok(rows) => ndarray::arr2(&rows),
            Err(_) => Array2::zeros((0, DIMENSIONS)),
        }
    }
}
