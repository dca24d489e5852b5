//! The state of a run on disk.

use crate::TrainError;
use crate::descent::State;
use crate::model::Parameters;
use crate::paths::Paths;
use crate::recipe::Recipe;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where a run's checkpoint lies: `NAME.checkpoint`, postcard of the recipe and the state.
#[derive(Debug)]
pub(super) struct Checkpoint<'r> {
    recipe: &'r Recipe,
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Stored<R, S> {
    /// The recipe as JSON, so that a checkpoint of another recipe is recognised; stages that had not
    /// begun may differ.
    recipe: R,
    state: S,
}

impl<'r> Checkpoint<'r> {
    pub(super) fn new(recipe: &'r Recipe, paths: &Paths) -> Self {
        Self {
            recipe,
            path: paths.output(&recipe.name, "checkpoint"),
        }
    }

    /// The state that was saved last, if any was.
    pub(super) fn load(&self) -> Result<Option<State>, TrainError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TrainError::file(&self.path)(error)),
        };
        let stored: Stored<String, State> = postcard::from_bytes(&bytes)
            .map_err(|error| TrainError::content(&self.path, error.to_string()))?;
        let recipe: Recipe = serde_json::from_str(&stored.recipe)
            .map_err(|error| TrainError::content(&self.path, error.to_string()))?;
        if !recipe.agrees_until(self.recipe, stored.state.stage) {
            return Err(TrainError::OtherRecipe(self.path.clone()));
        }
        Ok(Some(stored.state))
    }

    /// The recipe and the parameters of another run's checkpoint.
    pub(super) fn of_other(path: &Path) -> Result<(Recipe, Parameters), TrainError> {
        let bytes = std::fs::read(path).map_err(TrainError::file(path))?;
        // Recipe and parameters come first.
        let (stored, _): ((String, Parameters), _) = postcard::take_from_bytes(&bytes)
            .map_err(|error| TrainError::content(path, error.to_string()))?;
        let recipe = serde_json::from_str(&stored.0)
            .map_err(|error| TrainError::content(path, error.to_string()))?;
        Ok((recipe, stored.1))
    }

    /// Replaces the checkpoint; a crash leaves the old one or the new one.
    pub(super) fn save(&self, state: &State) -> Result<(), TrainError> {
        let stored = Stored {
            recipe: self.recipe_text()?,
            state,
        };
        let bytes = postcard::to_stdvec(&stored)
            .map_err(|error| TrainError::content(&self.path, error.to_string()))?;
        write_whole(&self.path, &bytes)
    }

    fn recipe_text(&self) -> Result<String, TrainError> {
        serde_json::to_string(self.recipe)
            .map_err(|error| TrainError::content(&self.path, error.to_string()))
    }
}

/// Writes a file so that a crash leaves the old content or the new one: beside it, synced, renamed.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let beside = path.with_extension("partial");
    let write = || {
        let mut file = BufWriter::new(File::create(&beside)?);
        file.write_all(bytes)?;
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(TrainError::file(path))
}
