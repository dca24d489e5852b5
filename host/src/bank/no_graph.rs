//! In place of the approximate index, in builds without the feature `approximate`: there never is one.

use memt_core::embedding::Embedding;
use memt_core::slot::Key;

/// What cannot happen.
pub(super) type GraphError = core::convert::Infallible;

/// No index.
#[derive(Debug, Default)]
pub(super) struct Graphs;

impl Graphs {
    pub(super) fn are_used(&self) -> bool {
        false
    }

    pub(super) fn insert(
        &mut self,
        _memories: &[(Key, &Embedding)],
        _coming: usize,
    ) -> Result<(), GraphError> {
        Ok(())
    }

    pub(super) fn remove(&mut self, _key: Key) -> Result<(), GraphError> {
        Ok(())
    }

    pub(super) fn nearest(
        &self,
        _direction: &Embedding,
        _count: usize,
    ) -> Result<Vec<Key>, GraphError> {
        Ok(Vec::new())
    }
}
