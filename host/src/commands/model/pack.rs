//! `memt model pack`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The image to read
    #[arg(value_name = "IMAGE")]
    image: PathBuf,
    /// The image to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How the rows are stored
    #[arg(long, value_enum, default_value_t)]
    rows: Rows,
}

/// How rows are stored.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Rows {
    /// Two bits and a scale a row
    #[value(name = "2")]
    Bits2,
    /// Four bits and a scale a row
    #[default]
    #[value(name = "4")]
    Bits4,
    /// Eight bits and a scale a row
    #[value(name = "8")]
    Bits8,
    /// Floats, which only `--arith f32` reads
    F32,
}

#[cfg(feature = "train")]
pub(super) use with_trainer::run;
#[cfg(not(feature = "train"))]
pub(super) use without_trainer::run;

#[cfg(not(feature = "train"))]
mod without_trainer {
    use super::Arguments;
    use crate::command_line::{Failure, Outcome};

    pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
        let Arguments { image, out, rows } = arguments;
        Err(Failure::failed(format!(
            "cannot pack {} with {rows:?} into {}: this memt was built without the trainer; build it with `cargo build --release -p memt-host --features train`",
            image.display(),
            out.display()
        )))
    }
}

#[cfg(feature = "train")]
mod with_trainer {
    use super::{Arguments, Rows};
    use crate::command_line::{Failure, Outcome};
    use crate::model::Model;
    use memt_trainer::{RowFormat, pack};
    use std::io::Write;

    pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
        let model = Model::read(&arguments.image).map_err(Failure::bad_input)?;
        let image = model.image().map_err(Failure::bad_input)?;
        let format = match arguments.rows {
            Rows::Bits2 => RowFormat::Bits2,
            Rows::Bits4 => RowFormat::Bits4,
            Rows::Bits8 => RowFormat::Bits8,
            Rows::F32 => RowFormat::Floats,
        };
        let packed = pack(&image, format).map_err(Failure::failed)?;
        let out = &arguments.out;
        std::fs::write(out, &packed)
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", out.display())))?;
        writeln!(
            anstream::stdout(),
            "{}: {} bytes",
            out.display(),
            packed.len()
        )
        .map_err(Failure::of_output)?;
        Ok(Outcome::Done)
    }
}
