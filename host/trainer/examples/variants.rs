//! Writes variants of the teacher's texts, one a line, for the example `vectors` of `memt-teacher`:
//! `cargo run --release -p memt-trainer --example variants -- DATA FAMILIES TEXTS.txt`

use std::path::Path;
use std::process::ExitCode;

const SEED: u64 = 1;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, families, texts] = &arguments[..] else {
        return usage();
    };
    let Ok(families) = families.parse() else {
        return usage();
    };
    match write(data.as_ref(), families, texts.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: variants DATA FAMILIES TEXTS.txt");
    ExitCode::from(2)
}

fn write(data: &Path, families: usize, texts: &Path) -> Result<(), memt_trainer::TrainError> {
    let mut lines = memt_trainer::variants(data, families, SEED)?.join("\n");
    lines.push('\n');
    std::fs::write(texts, lines).map_err(|source| memt_trainer::TrainError::File {
        path: texts.to_owned(),
        source,
    })
}
