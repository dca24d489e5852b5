//! Runs a recipe: `train RECIPE.toml DATA OUT [--resume]`.

use memt_trainer::{Event, Observer, Paths, Recipe, Start, train};
use std::ops::ControlFlow;
use std::process::ExitCode;

struct Printer;

impl Observer for Printer {
    fn observe(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Preparing(what) => eprintln!("{what}"),
            Event::Stage { name, index, count } => eprintln!("stage {}/{count}: {name}", index + 1),
            Event::Step(progress) if progress.step.is_multiple_of(100) => eprintln!(
                "{} {}/{} loss {:.4}, {:.0} texts/s, {:.0?} left",
                progress.stage,
                progress.step,
                progress.steps,
                progress.loss,
                progress.samples_per_second,
                progress.remaining
            ),
            Event::Measured(measurements) => {
                for (name, value) in measurements.iter() {
                    eprint!("{name} {value:.1}  ");
                }
                eprintln!();
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [recipe, data, out, rest @ ..] = &arguments[..] else {
        eprintln!("usage: train RECIPE.toml DATA OUT [--resume]");
        return ExitCode::from(2);
    };
    let start = if rest.iter().any(|word| word == "--resume") {
        Start::Resume
    } else {
        Start::Fresh
    };
    let paths = Paths {
        data: data.into(),
        out: out.into(),
        start,
    };
    match Recipe::read(recipe.as_ref()).and_then(|recipe| train(&recipe, &paths, &mut Printer)) {
        Ok(outcome) => {
            println!("{}: {} bytes", outcome.image.display(), outcome.bytes);
            for (name, value) in &outcome.integers {
                println!("{name}\t{value:.1}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
