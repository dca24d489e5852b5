//! Commands on a bank file: which file, opened how, and what its errors mean.

use super::options::ModelOptions;
use super::reencode::with_bar;
use crate::command_line::Failure;
use crate::model::Model;
use crate::store::{Opening, Store, StoreError};
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Key, Owner};
use std::path::PathBuf;

/// The bank file where none is named.
pub(crate) const DEFAULT_BANK: &str = "memt.redb";

/// Which bank file.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct BankOptions {
    /// Bank file; without it, memt.redb in the current folder
    #[arg(long, value_name = "FILE", env = "MEMT_BANK", default_value = DEFAULT_BANK)]
    pub(crate) bank: PathBuf,
}

impl BankOptions {
    /// Opens the file whatever model its embeddings are of.
    pub(crate) fn open_any(&self) -> Result<Store, Failure> {
        self.open_any_of(None)
    }

    /// As [`open_any`](Self::open_any), with the memories of this owner only, if one is named.
    pub(crate) fn open_any_of(&self, owner: Option<&str>) -> Result<Store, Failure> {
        let opening = of_owner(Opening::existing(&self.bank), owner);
        Ok(opening.open_any(Fingerprint::default())?)
    }
}

/// Which bank file, and which model it is searched with.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SearchOptions {
    #[command(flatten)]
    pub(crate) bank: BankOptions,
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// If the bank is of another model, encode all its texts anew and keep that
    #[arg(long)]
    pub(crate) reencode: bool,
}

impl SearchOptions {
    /// Opens a file that is there.
    pub(crate) fn open(&self) -> Result<(Store, Model), Failure> {
        self.open_of(None)
    }

    /// As [`open`](Self::open), with the memories of this owner only, if one is named.
    pub(crate) fn open_of(&self, owner: Option<&str>) -> Result<(Store, Model), Failure> {
        self.open_with(&of_owner(Opening::existing(&self.bank.bank), owner))
    }

    /// Opens the file, or makes it.
    pub(crate) fn open_or_make(&self) -> Result<(Store, Model), Failure> {
        self.open_or_make_of(None)
    }

    /// As [`open_or_make`](Self::open_or_make), with the memories of this owner only, if one is named.
    pub(crate) fn open_or_make_of(&self, owner: Option<&str>) -> Result<(Store, Model), Failure> {
        self.open_with(&of_owner(Opening::or_new(&self.bank.bank), owner))
    }

    fn open_with(&self, opening: &Opening) -> Result<(Store, Model), Failure> {
        let model = self.model.load()?;
        let encoder = model
            .text_encoder(Default::default())
            .map_err(Failure::bad_input)?;
        if self.reencode {
            with_bar(|show| opening.reencode(&encoder, show))?;
        }
        let store = opening.open(encoder.fingerprint())?;
        Ok((store, model))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(_)
            | StoreError::InUse(_)
            | StoreError::ReadOnly(_)
            | StoreError::Full { .. }
            | StoreError::Failed(_)
            | StoreError::Encoding(_)
            | StoreError::Database { .. }
            | StoreError::Server { .. }
            | StoreError::Overtaken
            | StoreError::Random(_)
            | StoreError::Scratch(_)
            | StoreError::Export(_) => Self::failed(error),
            _ => Self::bad_input(error),
        }
    }
}

fn of_owner(opening: Opening, owner: Option<&str>) -> Opening {
    match owner {
        Some(owner) => opening.only(owner),
        None => opening,
    }
}

/// The owner of a name, if one was given.
pub(crate) fn owner_option(store: &Store, name: Option<&str>) -> Result<Option<Owner>, Failure> {
    let owner = name.map(|name| store.owner(name)).transpose();
    owner.map_err(Failure::bad_input)
}

/// The memory that a person means: by key as `memt list` prints it, else by external id.
pub(crate) fn find(store: &Store, owner: Owner, named: &str) -> Option<Key> {
    let by_key = parse_key(named).filter(|&key| store.bank().get(key).is_some());
    by_key.or_else(|| store.key_of(owner, named))
}

/// Reads a key as it is printed.
pub(crate) fn parse_key(written: &str) -> Option<Key> {
    let (origin, counter) = written.split_once('-')?;
    Some(Key {
        origin: origin.parse().ok()?,
        counter: counter.parse().ok()?,
    })
}
