//! The measured steps with the backward passes of this package.

use std::convert::Infallible;
use std::process::ExitCode;

use memt_foundation::adam::AdamSettings;
use memt_foundation::distillation::Distillation;
use memt_foundation::encoder::Encoder;
use memt_foundation::measurement::{BATCHES, Measurement};
use memt_foundation::problem::{MEASURED, bag, transformer};

fn main() -> ExitCode {
    let measurement = match Measurement::from_arguments() {
        Ok(measurement) => measurement,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    measure(measurement, "transformer", transformer());
    measure(measurement, "bag", bag());
    ExitCode::SUCCESS
}

fn measure<E: Encoder>(measurement: Measurement, encoder: &str, body: E) {
    let batches: Vec<_> = (0..BATCHES).map(|number| MEASURED.batch(number)).collect();
    let settings = AdamSettings::default();
    let mut training = Distillation::new(settings, MEASURED.table(), body);
    let step = |batch: usize| Ok::<_, Infallible>(training.step(&batches[batch]));
    let Ok(()) = measurement.run("own", encoder, step);
}
