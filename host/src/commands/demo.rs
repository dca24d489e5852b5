//! `memt demo`.

mod bundle;
mod chip;
mod firmware;
mod recall;
mod report;
mod screen;

use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use bundle::Bundle;
use recall::Recall;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Remember bundled texts, ask about them, and ask a virtual chip the same
///
/// Writes 120 memories to a bank file in a temporary folder and asks questions that are worded
/// differently. Then hands model and snapshot to a Cortex-M4F in QEMU, asks there again, and compares
/// every answer and every byte of every embedding. The first run builds the firmware.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// Folder of the firmware; without it, that of the source checkout
    #[arg(long, value_name = "DIR")]
    firmware: Option<PathBuf>,
    /// Do not ask a chip
    #[arg(long, conflicts_with = "firmware")]
    no_chip: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let mut screen = anstream::stdout().lock();
    let mut show = |text: String| match arguments.output.json {
        true => Ok(()),
        false => screen
            .write_all(text.as_bytes())
            .and_then(|()| screen.flush())
            .map_err(Failure::of_output),
    };
    let model = arguments.model.load()?;
    let bundle = Bundle::load()?;
    let folder = tempfile::tempdir().map_err(Failure::failed)?;
    let recall = Recall::of(&bundle, &model, folder.path())?;
    show(screen::answers(&recall))?;
    show(screen::host(&recall, &model)?)?;
    let chip = if arguments.no_chip {
        chip::Outcome::Unavailable("--no-chip was given".to_owned())
    } else {
        let firmware = firmware::folder(arguments.firmware.as_deref());
        chip::ask(&recall, &model, &firmware, folder.path())?
    };
    show(screen::chip(&chip))?;
    show(screen::end(start.elapsed()))?;
    if arguments.output.json {
        let report = report::of(&recall, &model, &chip, start.elapsed())?;
        writeln!(screen, "{report}").map_err(Failure::of_output)?;
    }
    match chip {
        chip::Outcome::Asked(chip) if !(chip.answers_equal() && chip.embeddings_equal()) => Err(
            Failure::failed("the chip did not answer as this computer did"),
        ),
        _ => Ok(Outcome::Done),
    }
}
