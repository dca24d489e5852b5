//! What a system must answer to be evaluated.

use ndarray::Array2;

/// A retrieval system, or anything that can say how well texts fit each other.
///
/// Scores are any finite numbers, the larger the better; only their order and, for neighbour votes, their ratios count.
pub trait Ranker: Sync {
    /// Called with every text of a set (repeats included) before anything else is asked about it, so that a system
    /// may do its costly work at once and in batches. The default does nothing.
    ///
    /// # Errors
    /// Whatever the system cannot do.
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        let _ = texts;
        Ok(())
    }

    /// Takes in the documents `[N]` of one group.
    ///
    /// # Errors
    /// Whatever the system cannot do.
    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError>;

    /// The similarity of `first[i]` and `second[i]`, `[N]` each, for sets of pairs.
    /// `None`, the default, means that the system has no such notion and is left out of those sets.
    ///
    /// # Errors
    /// Whatever the system cannot do.
    fn pair_scores(&self, first: &[&str], second: &[&str]) -> Result<Option<Vec<f32>>, RankError> {
        let _ = (first, second);
        Ok(None)
    }
}

/// The documents of one group, ready for queries.
pub trait GroupRanker: Send + Sync {
    /// The score of every document `[N]`, in the order in which they were indexed.
    ///
    /// # Errors
    /// Whatever the system cannot do.
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError>;

    /// The scores of several queries, `[Q, N]`. The default asks [`scores`](GroupRanker::scores) for each.
    ///
    /// # Errors
    /// As `scores`, and [`RankError::Scores`] if rows differ in length.
    fn scores_batch(&self, queries: &[&str]) -> Result<Array2<f32>, RankError> {
        let mut flat = Vec::new();
        let mut width = None;
        for query in queries {
            let row = self.scores(query)?;
            let expected = *width.get_or_insert(row.len());
            if row.len() != expected {
                return Err(RankError::Scores {
                    expected,
                    found: row.len(),
                });
            }
            flat.extend(row);
        }
        Array2::from_shape_vec((queries.len(), width.unwrap_or(0)), flat).map_err(RankError::other)
    }
}

/// Why a system could not be asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum RankError {
    /// An encoder returned another number of rows than it was given texts.
    Rows {
        /// Texts given.
        expected: usize,
        /// Rows returned.
        found: usize,
    },
    /// An encoder changed the width of its rows.
    Width {
        /// Width of the first rows.
        expected: usize,
        /// Width of these rows.
        found: usize,
    },
    /// A ranker returned another number of scores than there are documents or pairs.
    Scores {
        /// Documents or pairs.
        expected: usize,
        /// Scores returned.
        found: usize,
    },
    /// A score or an embedding is infinite or not a number.
    NotFinite {
        /// The text that it was computed for.
        text: String,
    },
    /// A failure of the system itself.
    Other(Box<dyn core::error::Error + Send + Sync>),
}

impl RankError {
    /// Wraps the system's own error.
    pub fn other(error: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}

impl core::fmt::Display for RankError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Rows { expected, found } => {
                write!(f, "the encoder returned {found} rows for {expected} texts")
            }
            Self::Width { expected, found } => write!(
                f,
                "the encoder returned rows of {found} values after rows of {expected}"
            ),
            Self::Scores { expected, found } => {
                write!(
                    f,
                    "the ranker returned {found} scores where {expected} were due"
                )
            }
            Self::NotFinite { text } => {
                write!(f, "a value that is not finite was computed for {text:?}")
            }
            Self::Other(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for RankError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Other(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
