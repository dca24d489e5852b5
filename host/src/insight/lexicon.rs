//! The words of a model with their vectors: what memories are described in.
//!
//! The strings lie beside the image, in `NAME.words`: the line `memt words 1 FINGERPRINT` (16 hexadecimal
//! digits, those of the image), then one word a line.

use crate::model::{Model, Source, TextEncoder};
use memt_core::describe::{Common, NearWord, describe};
use memt_core::embedding::Embedding;
use memt_core::encoder::{Fingerprint, ScratchTooSmall};
use memt_core::overlap::term;
use memt_core::text::Words;
use std::collections::HashSet;
use std::path::PathBuf;

static BUILT_IN: &str = include_str!("../../models/default.words");

/// What a words file begins with, before the fingerprint.
const HEADING: &str = "memt words 1 ";

/// Words looked at for each that is shown, since forms of one word count once.
const SPARE: usize = 4;

/// Why a model has no lexicon.
#[derive(Debug)]
#[non_exhaustive]
pub enum LexiconError {
    /// The file beside the image cannot be read.
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The model came without a file, so there is nothing beside it.
    NoFile,
    /// The file does not begin as a words file does.
    Format {
        /// Which model's.
        source: Source,
    },
    /// The words belong to another model.
    OtherModel {
        /// Which model's.
        source: Source,
        /// The fingerprint that the words name.
        words: String,
        /// That of the model.
        model: Fingerprint,
    },
    /// A word needs more working memory.
    Scratch(ScratchTooSmall),
}

impl core::fmt::Display for LexiconError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { path, error } => write!(
                formatter,
                "cannot read {}, which holds the model's words: {error}",
                path.display()
            ),
            Self::NoFile => formatter.write_str("a model without a file has no words beside it"),
            Self::Format { source } => write!(
                formatter,
                "the words of {source} do not begin with `{HEADING}FINGERPRINT`"
            ),
            Self::OtherModel {
                source,
                words,
                model,
            } => write!(
                formatter,
                "the words of {source} are those of model {words}, not of {model}"
            ),
            Self::Scratch(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for LexiconError {}

/// A word that a memory stands for.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Described {
    /// The word.
    pub word: String,
    /// Likeness without what all words have in common, -1 to 1.
    pub likeness: f32,
}

/// The words that a model knows, stop words left out, and their vectors.
#[derive(Debug)]
pub struct Lexicon {
    words: Vec<String>,
    embeddings: Vec<Embedding>,
    common: Common,
}

impl Lexicon {
    /// Reads the words beside a model and encodes each as a text of its own, on all cores.
    pub fn of(model: &Model, encoder: &TextEncoder<'_>) -> Result<Self, LexiconError> {
        let source = model.source();
        let file = match source {
            Source::BuiltIn => BUILT_IN.to_owned(),
            Source::File(image) => {
                let path = image.with_extension("words");
                std::fs::read_to_string(&path)
                    .map_err(|error| LexiconError::Read { path, error })?
            }
            Source::Memory => return Err(LexiconError::NoFile),
        };
        let words = parse(&file, encoder.fingerprint(), source)?;
        let embeddings = encoder.encode_all(&words).map_err(LexiconError::Scratch)?;
        Ok(Self {
            words: words.into_iter().map(str::to_owned).collect(),
            common: Common::of(embeddings.iter()),
            embeddings,
        })
    }

    /// The words that a vector is nearest to, nearest first, at most `count`; of several forms of a
    /// word, the nearest.
    pub fn describe(&self, vector: &Embedding, count: usize) -> Vec<Described> {
        let spare = count.saturating_mul(SPARE).min(self.words.len());
        let mut nearest = vec![NearWord::default(); spare];
        let found = describe(vector, &self.common, self.embeddings.iter(), &mut nearest);
        let mut stems = HashSet::new();
        nearest[..found]
            .iter()
            .filter(|near| near.likeness > 0.0 && stems.insert(stem(&self.words[near.word])))
            .take(count)
            .map(|near| Described {
                word: self.words[near.word].clone(),
                likeness: near.likeness,
            })
            .collect()
    }
}

fn parse<'f>(
    file: &'f str,
    model: Fingerprint,
    source: &Source,
) -> Result<Vec<&'f str>, LexiconError> {
    let mut lines = file.lines();
    let heading = lines.next().and_then(|line| line.strip_prefix(HEADING));
    let Some(words) = heading else {
        return Err(LexiconError::Format {
            source: source.clone(),
        });
    };
    if words != model.to_string() {
        return Err(LexiconError::OtherModel {
            source: source.clone(),
            words: words.to_owned(),
            model,
        });
    }
    Ok(lines.filter(|word| stem(word).is_some()).collect())
}

/// The stem of a word as a hash; none for a stop word.
fn stem(word: &str) -> Option<u32> {
    Words::of(word).next().and_then(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Arithmetic;

    #[test]
    fn the_words_of_the_shipped_model_describe_what_is_said() {
        let model = Model::built_in().unwrap();
        let encoder = model.text_encoder(Arithmetic::Fixed).unwrap();
        let lexicon = Lexicon::of(&model, &encoder).unwrap();
        let text = "the boiler valve was replaced on Tuesday";
        let described = lexicon.describe(&encoder.encode_one(text).unwrap(), 8);
        assert_eq!(described.len(), 8);
        let words: Vec<&str> = described.iter().map(|one| one.word.as_str()).collect();
        assert!(
            words[..3].iter().any(|word| text.contains(word)),
            "{words:?}"
        );
        assert!(words.iter().any(|word| !text.contains(word)), "{words:?}");
        assert!(described.is_sorted_by(|a, b| a.likeness >= b.likeness));
        let stems: HashSet<_> = words.iter().map(|word| stem(word)).collect();
        assert_eq!(stems.len(), words.len());
        assert_eq!(lexicon.describe(&Embedding::ZERO, 8), []);
    }

    #[test]
    fn words_of_another_model_are_refused() {
        fn refused(file: &str) -> Result<Vec<&str>, LexiconError> {
            parse(file, Fingerprint(0xabc), &Source::Memory)
        }
        assert_eq!(
            refused("memt words 1 0000000000000abc\nvalve\nthe\n").unwrap(),
            ["valve"]
        );
        let other = refused("memt words 1 0000000000000abd\nvalve\n");
        assert!(matches!(other, Err(LexiconError::OtherModel { .. })));
        assert!(matches!(
            refused("valve\n"),
            Err(LexiconError::Format { .. })
        ));
        assert!(matches!(refused(""), Err(LexiconError::Format { .. })));
    }
}
