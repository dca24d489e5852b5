//! The evaluation sets: which there are, and their files as typed values.
//!
//! A directory holds one `NAME.jsonl` a set, one JSON object a line. The caller says where the directory is.

pub mod catalogue;
mod error;
mod graded;
mod intents;
mod labelled;
mod lines;
mod retrieval;

use std::path::Path;

pub use catalogue::{CATALOGUE, Kind, SetInfo, dev, find};
pub use error::LoadError;
pub use graded::{GradedPairs, GradedPart};
pub use intents::Intents;
pub use labelled::LabelledPairs;
pub use retrieval::{Group, Query, Retrieval};

/// One evaluation set in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Name, kind and headline metrics.
    pub info: SetInfo,
    /// The texts and what is known about them.
    pub content: Content,
}

/// The content of a set, by kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Queries against the documents of their group.
    Retrieval(Retrieval),
    /// Pairs with a graded similarity (STS).
    Graded(GradedPairs),
    /// Pairs that mean the same, or not.
    Labelled(LabelledPairs),
    /// Texts with a class, train and test.
    Intents(Intents),
}

impl Dataset {
    /// Reads `directory/NAME.jsonl`.
    ///
    /// # Errors
    /// [`LoadError`] names the file, the line (from 1) and what is wrong with it.
    pub fn load(directory: &Path, info: SetInfo) -> Result<Self, LoadError> {
        let path = directory.join(format!("{}.jsonl", info.name));
        let text = std::fs::read_to_string(&path).map_err(|source| LoadError::Read {
            file: path.clone(),
            source,
        })?;
        Self::parse(&path, &text, info)
    }

    /// Reads the lines of `text`; `file` only names them in errors.
    ///
    /// # Errors
    /// As [`Dataset::load`].
    pub fn parse(file: &Path, text: &str, info: SetInfo) -> Result<Self, LoadError> {
        let content = match info.kind {
            Kind::Retrieval => Content::Retrieval(Retrieval::parse(file, text)?),
            Kind::Graded => Content::Graded(GradedPairs::parse(file, text)?),
            Kind::Labelled => Content::Labelled(LabelledPairs::parse(file, text)?),
            Kind::Intents => Content::Intents(Intents::parse(file, text)?),
        };
        Ok(Self { info, content })
    }

    /// Every text of the set, in file order, repeats included.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match &self.content {
            Content::Retrieval(retrieval) => retrieval.texts(),
            Content::Graded(pairs) => pairs.texts(),
            Content::Labelled(pairs) => pairs.texts(),
            Content::Intents(intents) => intents.texts(),
        }
    }
}

/// Reads several sets of one directory, in the order given.
///
/// # Errors
/// The first [`LoadError`].
pub fn load(
    directory: &Path,
    sets: impl IntoIterator<Item = SetInfo>,
) -> Result<Vec<Dataset>, LoadError> {
    sets.into_iter()
        .map(|info| Dataset::load(directory, info))
        .collect()
}
