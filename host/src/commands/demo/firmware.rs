//! Starting a program of the firmware on a virtual machine, through `firmware/run.sh`.

use crate::command_line::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The machine of `firmware/machines.json` that the demo runs on.
const MACHINE: &str = "m4f";

/// `run.sh`'s exit status when QEMU or the compiler is missing.
const TOOLS_MISSING: i32 = 3;

/// What became of the attempt.
pub(super) enum Run {
    /// What the program printed.
    Finished(String),
    /// Why there is no machine, and what to do.
    Unavailable(String),
}

/// The firmware's folder: the one given, else that of the source checkout.
pub(super) fn folder(given: Option<&Path>) -> PathBuf {
    let checkout = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../firmware");
    let folder = given.map_or_else(checkout, Path::to_owned);
    let whole = folder.canonicalize().unwrap_or(folder);
    let here = std::env::current_dir().unwrap_or_default();
    whole
        .strip_prefix(here)
        .map_or(whole.clone(), Path::to_owned)
}

/// Builds the program if need be and runs it with these files in the machine's mailbox.
pub(super) fn run(
    folder: &Path,
    program: &str,
    [model, snapshot, script]: [&Path; 3],
) -> Result<Run, Failure> {
    let run = folder.join("run.sh");
    if !run.is_file() {
        return Ok(Run::Unavailable(format!(
            "there is no firmware in {}: name its folder with --firmware DIR",
            folder.display()
        )));
    }
    let started = Command::new("bash")
        .arg(&run)
        .args([MACHINE, program])
        .arg("--model")
        .arg(model)
        .arg("--snapshot")
        .arg(snapshot)
        .arg("--script")
        .arg(script)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match started {
        Ok(child) => follow(child, folder),
        Err(error) => Ok(Run::Unavailable(format!("cannot start bash: {error}"))),
    }
}

fn follow(mut child: Child, folder: &Path) -> Result<Run, Failure> {
    let messages = child
        .stderr
        .take()
        .map(|stderr| thread::spawn(|| show(stderr)));
    let mut printed = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout
            .read_to_string(&mut printed)
            .map_err(Failure::failed)?;
    }
    let status = child.wait().map_err(Failure::failed)?;
    let messages = messages.and_then(|thread| thread.join().ok());
    let messages = messages.unwrap_or_default();
    if status.success() {
        return Ok(Run::Finished(printed));
    }
    let last = messages.last().map_or("no message", String::as_str);
    if status.code() == Some(TOOLS_MISSING) {
        let what = last.split_once(':').map_or(last, |(what, _)| what);
        let setup = folder.join("setup.sh");
        return Ok(Run::Unavailable(format!("{what}: run {}", setup.display())));
    }
    Err(Failure::failed(format!(
        "the program on the virtual chip failed ({status}):\n{}",
        messages.join("\n")
    )))
}

/// Shows what is being built while it lasts, and keeps every line.
fn show(messages: impl Read) -> Vec<String> {
    const STARTING: &str = "starting a Cortex-M4F in QEMU";
    let style = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}");
    let spinner = ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        .with_message(STARTING);
    spinner.enable_steady_tick(Duration::from_millis(100));
    let mut lines = Vec::new();
    for line in BufReader::new(messages).lines().map_while(Result::ok) {
        match line.trim().split_once(' ') {
            Some(("building", _)) => spinner.suspend(|| eprintln!("{line}")),
            Some(("Compiling", what)) => {
                let what = what.split_once(" (").map_or(what, |(what, _)| what);
                spinner.set_message(format!("building the firmware, once: {what}"));
            }
            Some(("Finished", _)) => spinner.set_message(STARTING),
            _ => {}
        }
        lines.push(line);
    }
    spinner.finish_and_clear();
    lines
}
