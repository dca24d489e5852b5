//! Why a bank file could not be opened or changed.

use super::names::NameTaken;
use super::tables::THIS_FORMAT;
use crate::model::ModelError;
use memt_core::bank::{AddError, OtherModel};
use memt_core::encoder::ScratchTooSmall;
use memt_core::snapshot::{ReadError, RecordError, WriteError};
use std::path::PathBuf;

/// Why a bank file could not be opened or changed. Nothing in the file has changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such file.
    Missing(PathBuf),
    /// Another process has the file open.
    InUse(PathBuf),
    /// File or folder cannot be written.
    ReadOnly(PathBuf),
    /// The file is something else, or damaged.
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the database says.
        reason: String,
    },
    /// The file was written by another version.
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The file holds embeddings of another model.
    OtherModel {
        /// Which file.
        path: PathBuf,
        /// Which models.
        error: OtherModel,
    },
    /// A part of a store holds one owner's memories.
    OtherOwner {
        /// The owner's name.
        scope: String,
        /// Whose memory was offered.
        offered: String,
    },
    /// Another process has changed the owner's memories in between.
    Overtaken,
    /// There is no room for a change.
    Full {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// An earlier change failed, so that file and memory may differ.
    Failed(PathBuf),
    /// A row cannot be put into bytes.
    Encoding(postcard::Error),
    /// There is nothing in a file that could be saved.
    NothingToSave(PathBuf),
    /// A file is not replaced.
    Exists(PathBuf),
    /// The database server failed, or cannot be reached.
    Server {
        /// Which one, without its password.
        place: PathBuf,
        /// What it says.
        reason: String,
    },
    /// The database failed.
    Database {
        /// Which file.
        path: PathBuf,
        /// What it says.
        error: Box<redb::Error>,
    },
    /// A memory cannot be added.
    Add(AddError),
    /// An owner's name cannot be used.
    Name(NameTaken),
    /// The encoder cannot be used.
    Model(ModelError),
    /// The encoder lacks working memory.
    Scratch(ScratchTooSmall),
    /// There is no random number for the origin of keys.
    Random(getrandom::Error),
    /// The bytes are not a snapshot.
    Snapshot(ReadError),
    /// The snapshot holds embeddings of another model.
    OtherSnapshot(OtherModel),
    /// A record of the snapshot cannot be kept.
    Record {
        /// Its number, from 0.
        record: u32,
        /// Why.
        error: RecordError,
    },
    /// A snapshot cannot be written.
    Export(WriteError),
}

impl StoreError {
    /// A file that is something else than it should be.
    pub(super) fn damaged(path: &std::path::Path, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

impl core::fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Missing(path) => write!(
                formatter,
                "there is no bank at {}; `memt add` makes one, --bank FILE names another",
                path.display()
            ),
            Self::InUse(path) => write!(
                formatter,
                "bank {} is in use by another process; wait until that has ended, or stop it",
                path.display()
            ),
            Self::ReadOnly(path) => write!(
                formatter,
                "bank {} cannot be written; make file and folder writable, or name another with --bank FILE",
                path.display()
            ),
            Self::Damaged { path, reason } => write!(
                formatter,
                "{} is not a bank or is damaged ({reason}); `memt fsck --repair NEW` saves what is good into a new bank",
                path.display()
            ),
            Self::Format { path, format } => write!(
                formatter,
                "bank {} has format {format}, this build reads format {THIS_FORMAT}; use the memt that wrote it, or a newer one",
                path.display()
            ),
            Self::OtherModel { path, error } => write!(
                formatter,
                "bank {} holds embeddings of model {}, not of {}; name its model with --model FILE, or encode its texts anew with `memt reencode`",
                path.display(),
                error.bank,
                error.offered
            ),
            Self::OtherOwner { scope, offered } => write!(
                formatter,
                "a memory of owner `{offered}` cannot be kept among those of `{scope}`"
            ),
            Self::Overtaken => formatter.write_str(
                "another process changes the same memories all the time; try again later",
            ),
            Self::Full { path, error } => write!(
                formatter,
                "no room for bank {}: {error}; this change was not kept, everything before it was",
                path.display()
            ),
            Self::Failed(path) => write!(
                formatter,
                "an earlier change of bank {} failed; open it again to go on",
                path.display()
            ),
            Self::Encoding(error) => write!(formatter, "a row cannot be written: {error}"),
            Self::NothingToSave(path) => {
                write!(formatter, "{} has nothing of a bank in it", path.display())
            }
            Self::Exists(path) => write!(
                formatter,
                "{} is there already; name a file that is not",
                path.display()
            ),
            Self::Server { place, reason } => {
                write!(formatter, "{}: {reason}", place.display())
            }
            Self::Database { path, error } => {
                write!(formatter, "bank {}: {error}", path.display())
            }
            Self::Add(error) => error.fmt(formatter),
            Self::Name(error) => error.fmt(formatter),
            Self::Model(error) => error.fmt(formatter),
            Self::Scratch(error) => error.fmt(formatter),
            Self::Random(error) => write!(formatter, "no random number for a new bank: {error}"),
            Self::Snapshot(error) => error.fmt(formatter),
            Self::OtherSnapshot(error) => write!(
                formatter,
                "snapshot holds embeddings of model {}, the bank of {}; import it into a new bank with its own model, then change that one with `memt reencode`",
                error.offered, error.bank
            ),
            Self::Record { record, error } => {
                write!(formatter, "snapshot record {record}: {error}")
            }
            Self::Export(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<AddError> for StoreError {
    fn from(error: AddError) -> Self {
        Self::Add(error)
    }
}

impl From<NameTaken> for StoreError {
    fn from(error: NameTaken) -> Self {
        Self::Name(error)
    }
}
