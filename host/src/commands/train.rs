//! `memt train`.

use std::path::PathBuf;

/// Train a model from text files (needs the cargo feature `train`)
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The recipe, a TOML file
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    /// Folder of corpora, teacher vectors and evaluation sets
    #[arg(
        long,
        value_name = "DIR",
        env = "MEMT_DATA",
        default_value = "../shared/data"
    )]
    data: PathBuf,
    /// Folder for image, words, card, log, curves and checkpoint; runs/CONFIG without it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on from the checkpoint in the output folder
    #[arg(long)]
    resume: bool,
    /// Print the metrics of the image as JSON
    #[arg(long)]
    json: bool,
}

#[cfg(feature = "train")]
pub(crate) use with_trainer::run;
#[cfg(not(feature = "train"))]
pub(crate) use without_trainer::run;

#[cfg(not(feature = "train"))]
mod without_trainer {
    use super::Arguments;
    use crate::command_line::{Failure, Outcome};

    pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
        Err(Failure::failed(format!(
            "cannot train {}: this memt was built without the trainer; build it with `cargo build --release -p memt-host --features train`",
            arguments.config.display()
        )))
    }
}

#[cfg(feature = "train")]
mod with_trainer {
    use super::Arguments;
    use crate::command_line::{Failure, Outcome};
    use crate::terminal;
    use indicatif::ProgressBar;
    use memt_trainer::{Event, Observer, Paths, Recipe, Start, TrainError, train};
    use std::io::Write;
    use std::ops::ControlFlow;

    pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
        let recipe = Recipe::read(&arguments.config).map_err(Failure::bad_input)?;
        let out = arguments
            .out
            .unwrap_or_else(|| std::path::Path::new("runs").join(&recipe.name));
        let start = if arguments.resume {
            Start::Resume
        } else {
            Start::Fresh
        };
        let paths = Paths {
            data: arguments.data,
            out,
            start,
        };
        let trained = train(&recipe, &paths, &mut Bars::default()).map_err(failure)?;
        let mut output = anstream::stdout().lock();
        let printed = if arguments.json {
            let metrics: serde_json::Map<_, _> = trained
                .integers
                .iter()
                .map(|(name, value)| (name.clone(), (*value).into()))
                .collect();
            let summary = serde_json::json!({
                "image": trained.image,
                "bytes": trained.bytes,
                "metrics": metrics,
            });
            writeln!(output, "{summary}")
        } else {
            writeln!(
                output,
                "{}: {} bytes; card {}, curves {}",
                trained.image.display(),
                trained.bytes,
                trained.card.display(),
                trained.curves.display()
            )
        };
        printed.map_err(Failure::of_output)?;
        Ok(Outcome::Done)
    }

    fn failure(error: TrainError) -> Failure {
        match error {
            TrainError::Recipe(_) | TrainError::Syntax(_) | TrainError::Content { .. } => {
                Failure::bad_input(error)
            }
            other => Failure::failed(other),
        }
    }

    /// One bar a stage, with the loss beside it; measurements stay above the bar.
    #[derive(Default)]
    struct Bars {
        bar: Option<ProgressBar>,
    }

    impl Bars {
        fn say(&self, line: String) {
            match &self.bar {
                Some(bar) => bar.suspend(|| eprintln!("{line}")),
                None => eprintln!("{line}"),
            }
        }

        fn begin_stage(&mut self) {
            if let Some(bar) = self.bar.take() {
                bar.finish_and_clear();
            }
        }
    }

    impl Observer for Bars {
        fn observe(&mut self, event: &Event<'_>) -> ControlFlow<()> {
            match event {
                Event::Preparing(what) => self.say((*what).to_owned()),
                Event::Stage { name, index, count } => {
                    self.begin_stage();
                    self.say(format!("stage {} of {count}: {name}", index + 1));
                }
                Event::Step(progress) => {
                    let bar = self
                        .bar
                        .get_or_insert_with(|| terminal::progress(progress.steps, ""));
                    bar.set_position(progress.step);
                    let speed = progress.samples_per_second;
                    bar.set_message(format!("loss {:.4}  {speed:.0} texts/s", progress.loss));
                }
                Event::Measured(measurements) => {
                    let values = measurements.iter();
                    let line: Vec<String> = values
                        .map(|(name, value)| format!("{name} {value:.1}"))
                        .collect();
                    self.say(format!("  {}", line.join(", ")));
                }
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
}
