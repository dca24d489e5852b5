//! Times training steps on a made-up problem: `step FOLDER [STEPS]`; leaves the problem in FOLDER for
//! other implementations and prints lines of JSON.

use memt_trainer::TrainError;
use memt_trainer::comparison::Steps;
use std::process::ExitCode;
use std::time::Instant;

/// Steps before the clock starts.
const WARM_UP: usize = 4;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next();
    let steps = arguments.next().map_or(Ok(20), |steps| steps.parse());
    let (Some(folder), Ok(steps)) = (folder, steps) else {
        eprintln!("usage: step FOLDER [STEPS]");
        return ExitCode::from(2);
    };
    for (candidate, quantise) in [("memt-trainer", false), ("memt-trainer, integers", true)] {
        match measure(candidate, quantise, folder.as_ref(), steps) {
            Ok(line) => println!("{line}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn measure(
    candidate: &str,
    quantise: bool,
    folder: &std::path::Path,
    steps: usize,
) -> Result<serde_json::Value, TrainError> {
    let mut problem = Steps::new(quantise)?;
    problem.write(folder)?;
    let (mut milliseconds, mut losses) = (Vec::new(), Vec::new());
    for step in 0..WARM_UP + steps {
        let began = Instant::now();
        losses.push(problem.step());
        if step >= WARM_UP {
            milliseconds.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    milliseconds.sort_by(f64::total_cmp);
    Ok(serde_json::json!({
        "candidate": candidate,
        "version": env!("CARGO_PKG_VERSION"),
        "milliseconds": milliseconds.first(),
        "median": milliseconds.get(milliseconds.len() / 2),
        "losses": &losses[..5.min(losses.len())],
    }))
}
