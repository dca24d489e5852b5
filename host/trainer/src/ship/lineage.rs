//! The runs that an image is made of.

use crate::TrainError;
use crate::descent::State;
use crate::recipe::{Recipe, StageRecipe};
use crate::run::Checkpoint;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A run: the one that made an image, or one that another began from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its name and that of its recipe.
    pub name: String,
    /// What is known of it; nothing if its checkpoint was gone when the image was made.
    pub made: Option<Made>,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// Names of the runs whose parameters it began from, or the mean of them.
    pub starts: Vec<String>,
    /// Folders of further texts that it learned from.
    pub texts: Vec<PathBuf>,
    /// Its stages.
    pub stages: Vec<StageRecipe>,
    /// Steps of gradient descent that it made.
    pub steps: u64,
    /// Seconds of training, measuring the development sets included.
    pub seconds: f64,
}

/// Every run that the parameters in `state` come from, each once and after those that it began from; the last is
/// that of `recipe`.
///
/// # Errors
/// A checkpoint is there and cannot be read. One that is not there is a run of which nothing is known.
pub(super) fn runs(recipe: &Recipe, state: &State) -> Result<Vec<Run>, TrainError> {
    let mut runs = Vec::new();
    before(recipe, &mut Vec::new(), &mut runs)?;
    let stages = recipe.stages.iter().map(|stage| stage.steps);
    runs.push(made(recipe, stages.sum(), state.seconds));
    Ok(runs)
}

/// Steps of all runs that are known.
pub(super) fn steps(runs: &[Run]) -> u64 {
    let made = runs.iter().filter_map(|run| run.made.as_ref());
    made.map(|made| made.steps).sum()
}

/// Seconds of all runs that are known.
pub(super) fn seconds(runs: &[Run]) -> f64 {
    let made = runs.iter().filter_map(|run| run.made.as_ref());
    made.map(|made| made.seconds).sum()
}

/// Adds the runs before that of `recipe`. `seen` are checkpoints that were met: a run may even have begun from a
/// file that its own checkpoint has replaced.
fn before(recipe: &Recipe, seen: &mut Vec<PathBuf>, runs: &mut Vec<Run>) -> Result<(), TrainError> {
    for path in checkpoints(recipe) {
        if seen.contains(path) {
            continue;
        }
        seen.push(path.clone());
        let run = match Checkpoint::account(path)? {
            Some(account) => {
                before(&account.recipe, seen, runs)?;
                made(&account.recipe, account.steps, account.seconds)
            }
            None => Run {
                name: name(path),
                made: None,
            },
        };
        runs.push(run);
    }
    Ok(())
}

fn made(recipe: &Recipe, steps: u64, seconds: f64) -> Run {
    let starts = checkpoints(recipe).iter();
    Run {
        name: recipe.name.clone(),
        made: Some(Made {
            starts: starts.map(|path| name(path)).collect(),
            texts: recipe.texts.clone(),
            stages: recipe.stages.clone(),
            steps,
            seconds,
        }),
    }
}

fn checkpoints(recipe: &Recipe) -> &[PathBuf] {
    recipe
        .start
        .as_ref()
        .map_or(&[], |start| &start.checkpoints)
}

/// Checkpoints are called by the name of their run.
fn name(checkpoint: &Path) -> String {
    let stem = checkpoint.file_stem().unwrap_or(checkpoint.as_os_str());
    stem.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, Fixture};
    use crate::model::Parameters;
    use crate::recipe::StartRecipe;
    use crate::ship::card::Card;
    use crate::{Measurements, Start};

    fn parameters() -> Parameters {
        Parameters {
            row_width: 2,
            rows: vec![0.5; 6],
            projection: vec![0.25; 4],
            body: None,
        }
    }

    fn named(name: &str, starts: &[&Path]) -> Recipe {
        let mut recipe = Recipe::parse(fixture::RECIPE).unwrap();
        recipe.name = name.to_owned();
        recipe.start = (!starts.is_empty()).then(|| StartRecipe {
            checkpoints: starts.iter().map(|path| path.to_path_buf()).collect(),
        });
        recipe
    }

    /// Writes the checkpoint of a run that is in its last stage, `seconds` old, and gives its path.
    fn run(fixture: &Fixture, name: &str, starts: &[&Path], seconds: f64) -> PathBuf {
        let paths = fixture.paths(name, Start::Fresh);
        std::fs::create_dir_all(&paths.out).unwrap();
        let recipe = named(name, starts);
        let mut state = State::new(parameters());
        state.stage = recipe.stages.len() - 1;
        state.step = recipe.stages[state.stage].steps;
        state.seconds = seconds;
        Checkpoint::new(&recipe, &paths).save(&state).unwrap();
        paths.output(name, "checkpoint")
    }

    fn names(runs: &[Run]) -> Vec<&str> {
        runs.iter().map(|run| run.name.as_str()).collect()
    }

    fn card(recipe: Recipe, runs: Vec<Run>) -> String {
        let card = Card {
            name: recipe.name.clone(),
            bytes: 1,
            fingerprint: String::new(),
            recipe,
            steps: steps(&runs),
            seconds: seconds(&runs),
            runs,
            machine: "a machine".to_owned(),
            integers: Measurements::new(),
            reference: Measurements::new(),
            unrounded: Measurements::new(),
            sources: Vec::new(),
        };
        card.markdown()
    }

    #[test]
    fn every_run_is_named_once_after_those_before_it() {
        let fixture = Fixture::new("lineage");
        let floats = run(&fixture, "floats", &[], 100.0);
        let rounded = run(&fixture, "rounded", &[&floats], 1.0);
        let first = run(&fixture, "first", &[&floats], 20.0);
        let last = named("last", &[&rounded, &first]);
        let mut state = State::new(parameters());
        state.seconds = 3.0;
        let runs = runs(&last, &state).unwrap();
        assert_eq!(names(&runs), ["floats", "rounded", "first", "last"]);
        let each: u64 = last.stages.iter().map(|stage| stage.steps).sum();
        assert_eq!((steps(&runs), seconds(&runs)), (4 * each, 124.0));
        let of_last = runs[3].made.as_ref().unwrap();
        assert_eq!(of_last.starts, ["rounded", "first"]);

        let text = card(last.clone(), runs);
        let commands = text
            .lines()
            .filter(|line| line.starts_with("    memt train"));
        let commands: Vec<&str> = commands.collect();
        assert_eq!(commands.len(), 4, "{text}");
        for (command, name) in commands.iter().zip(["floats", "rounded", "first", "last"]) {
            assert!(
                command.contains(&format!("host/training/{name}.toml")),
                "{command}"
            );
        }
        assert!(
            text.contains(&format!("{} steps in 124 s", 4 * each)),
            "{text}"
        );
        assert!(!text.contains("not there"), "{text}");
        for name in ["floats", "rounded", "first", "last"] {
            let rows = text
                .lines()
                .filter(|line| line.starts_with(&format!("| {name} |")));
            assert_eq!(rows.count(), last.stages.len(), "{text}");
        }
    }

    #[test]
    fn a_checkpoint_that_is_gone_is_said() {
        let fixture = Fixture::new("lineage-gone");
        let floats = run(&fixture, "floats", &[], 100.0);
        let first = run(&fixture, "first", &[&floats], 20.0);
        std::fs::remove_file(&floats).unwrap();
        let last = named("last", &[&first]);
        let runs = runs(&last, &State::new(parameters())).unwrap();
        assert_eq!(names(&runs), ["floats", "first", "last"]);
        assert_eq!(runs[0].made, None);
        let text = card(last, runs);
        let said = "The checkpoint of `floats` was not there when this was written";
        assert!(text.contains(said), "{text}");
        std::fs::write(&first, b"no checkpoint").unwrap();
        let error = super::runs(&named("last", &[&first]), &State::new(parameters()));
        assert!(matches!(error, Err(TrainError::Content { .. })));
    }

    #[test]
    fn a_run_from_its_own_checkpoint_ends() {
        let fixture = Fixture::new("lineage-own");
        let path = fixture
            .paths("own", Start::Fresh)
            .output("own", "checkpoint");
        let path = run(&fixture, "own", &[&path], 1.0);
        let runs = runs(&named("own", &[&path]), &State::new(parameters())).unwrap();
        assert_eq!(names(&runs), ["own", "own"]);
    }
}
