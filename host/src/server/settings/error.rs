//! Why settings cannot be used.

use std::path::PathBuf;

/// Settings that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML, or not the settings that there are.
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: Box<toml::de::Error>,
    },
    /// A number is out of range.
    Range {
        /// Which setting.
        name: &'static str,
        /// What was given.
        given: usize,
        /// The least that can be used.
        least: usize,
    },
}

impl core::fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { path, error } => {
                write!(
                    formatter,
                    "cannot read settings {}: {error}",
                    path.display()
                )
            }
            Self::File { path, error } => write!(formatter, "settings {}: {error}", path.display()),
            Self::Range { name, given, least } => {
                write!(formatter, "{name} is {given}; the least is {least}")
            }
        }
    }
}

impl std::error::Error for SettingsError {}
