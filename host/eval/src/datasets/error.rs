//! Why a set could not be read.

use std::path::PathBuf;

/// Why an evaluation set could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be opened or is not UTF-8.
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not the JSON object that this kind of set has.
    Json {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// A line is well formed but contradicts the format.
    Value {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the value.
        problem: String,
    },
    /// The file holds nothing to measure.
    Empty {
        /// The file.
        file: PathBuf,
        /// What it lacks.
        lacks: &'static str,
    },
}

impl core::fmt::Display for LoadError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { file, source } => write!(
                f,
                "cannot read {}: {source}; name the folder that holds the evaluation sets",
                file.display()
            ),
            Self::Json { file, line, source } => {
                write!(f, "{}:{line}: {source}", file.display())
            }
            Self::Value {
                file,
                line,
                problem,
            } => write!(f, "{}:{line}: {problem}", file.display()),
            Self::Empty { file, lacks } => write!(f, "{}: no {lacks}", file.display()),
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            Self::Json { source, .. } => Some(source),
            Self::Value { .. } | Self::Empty { .. } => None,
        }
    }
}
