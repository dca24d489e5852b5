//! Who asks, whose memories they may see, and how often.

pub mod keys;

mod pace;

pub(super) use keys::{KeyFileError, Keys};
pub(super) use pace::Pace;

use super::app::Shared;
use super::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a request may do: taken from its key, and carried through the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The name of the key.
    pub name: Arc<str>,
    /// The owners whose memories it opens; `None` for all.
    pub owners: Option<Arc<BTreeSet<String>>>,
    /// Whether it only reads.
    pub read_only: bool,
}

impl Access {
    /// Everything: the only key, or no key at all.
    pub fn whole(name: &str) -> Self {
        Self {
            name: name.into(),
            owners: None,
            read_only: false,
        }
    }

    /// Whether memories of this owner may be seen.
    pub fn opens(&self, owner: &str) -> bool {
        let owners = self.owners.as_ref();
        owners.is_none_or(|owners| owners.contains(owner))
    }

    /// Fails unless this opens an owner's memories.
    pub fn may_touch(&self, owner: &str) -> Result<(), ApiError> {
        match self.opens(owner) {
            true => Ok(()),
            false => Err(ApiError::forbidden(format!(
                "key `{}` does not open memories of `{owner}`",
                self.name
            ))),
        }
    }

    /// Fails unless this may write.
    pub fn may_write(&self) -> Result<(), ApiError> {
        match self.read_only {
            false => Ok(()),
            true => Err(ApiError::forbidden(format!(
                "key `{}` only reads; use one that writes",
                self.name
            ))),
        }
    }

    /// Fails unless this has the memories of all owners.
    pub fn has_all(&self) -> Result<(), ApiError> {
        match &self.owners {
            None => Ok(()),
            Some(_) => Err(ApiError::forbidden(format!(
                "key `{}` is bound to some owners; this needs a key for all",
                self.name
            ))),
        }
    }
}

impl FromRequestParts<Shared> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let access = parts.extensions.get::<Self>().cloned();
        // Only a route that was put outside the guard lacks it.
        access.ok_or_else(|| ApiError::internal("this route asks nobody for a key"))
    }
}
