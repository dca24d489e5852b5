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
pub(crate) struct Checkpoint<'r> {
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

/// What a run has done.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) recipe: Recipe,
    /// Steps of gradient descent in all stages.
    pub(crate) steps: u64,
    /// Seconds of training.
    pub(crate) seconds: f64,
}

impl<'r> Checkpoint<'r> {
    pub(crate) fn new(recipe: &'r Recipe, paths: &Paths) -> Self {
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

    /// What another run's checkpoint tells of it; `None` if the file is not there.
    pub(crate) fn account(path: &Path) -> Result<Option<Account>, TrainError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(TrainError::file(path)(error)),
        };
        // After the recipe a state begins with these.
        type Front = (String, (Parameters, usize, u64, f64));
        let ((recipe, (_, stage, step, seconds)), _): (Front, _) =
            postcard::take_from_bytes(&bytes)
                .map_err(|error| TrainError::content(path, error.to_string()))?;
        let recipe: Recipe = serde_json::from_str(&recipe)
            .map_err(|error| TrainError::content(path, error.to_string()))?;
        let before = recipe.stages.iter().take(stage).map(|stage| stage.steps);
        Ok(Some(Account {
            steps: before.sum::<u64>() + step,
            seconds,
            recipe,
        }))
    }

    /// Replaces the checkpoint; a crash leaves the old one or the new one.
    pub(crate) fn save(&self, state: &State) -> Result<(), TrainError> {
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
