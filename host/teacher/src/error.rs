//! Why a model does not open or a text is not encoded.

use std::path::{Path, PathBuf};

/// Why a model does not open or a text is not encoded.
#[derive(Debug)]
#[non_exhaustive]
pub enum TeacherError {
    /// A file cannot be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file holds something else than it should.
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The tokenizer refused a text.
    Tokenizer(String),
}

impl TeacherError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::File {
            path: path.to_owned(),
            error,
        }
    }

    pub(crate) fn content(path: &Path, problem: impl ToString) -> Self {
        Self::Content {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

impl core::fmt::Display for TeacherError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File { path, error } => write!(formatter, "{}: {error}", path.display()),
            Self::Content { path, problem } => write!(formatter, "{}: {problem}", path.display()),
            Self::Tokenizer(problem) => {
                write!(formatter, "the tokenizer refused a text: {problem}")
            }
        }
    }
}

impl core::error::Error for TeacherError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            Self::Content { .. } | Self::Tokenizer(_) => None,
        }
    }
}
