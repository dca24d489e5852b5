//! `memt env`.

use super::bank_file::BankOptions;
use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::server::settings::DEFAULT_PORT;
use crate::terminal::{print_json, print_pairs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What Python runs at its start, and what Node does.
const SHIMS: [(&str, &str); 2] = [
    ("sitecustomize.py", include_str!("env/sitecustomize.py")),
    ("preload.cjs", include_str!("env/preload.cjs")),
];

/// Print the settings that commands would use here, or those that point mem0's clients to a server
///
/// With --clients, writes what redirects mem0's clients into a folder and prints variables for a shell:
/// eval "$(memt env --clients ~/.memt-clients --api-key KEY)". Programs started from there ask memt, even
/// if they let nobody set a host.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    #[command(flatten)]
    model: ModelOptions,
    /// Folder for what redirects mem0's clients
    #[arg(long, value_name = "DIR")]
    clients: Option<PathBuf>,
    /// Where the server is; http://127.0.0.1:8123 without it
    #[arg(long, value_name = "URL", env = "MEMT_URL")]
    url: Option<String>,
    /// The key of the server
    #[arg(long, value_name = "KEY", env = "MEMT_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    if let Some(folder) = &arguments.clients {
        return clients(folder, &arguments);
    }
    let model = arguments.model.load()?;
    let image = model.image().map_err(Failure::bad_input)?;
    let settings = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "bank": arguments.bank.bank.display().to_string(),
        "bank_exists": arguments.bank.bank.exists(),
        "model": model.source().to_string(),
        "model_fingerprint": image.fingerprint().to_string(),
        "model_bytes": image.bytes().len(),
        "data": std::env::var_os("MEMT_DATA").map(|data| data.to_string_lossy().into_owned()),
        "threads": rayon::current_num_threads(),
        "trainer": cfg!(feature = "train"),
    });
    match arguments.output.json {
        true => print_json(&settings)?,
        false => print_pairs(&settings)?,
    }
    Ok(Outcome::Done)
}

fn clients(folder: &Path, arguments: &Arguments) -> Result<Outcome, Failure> {
    let written = || -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        for (name, text) in SHIMS {
            std::fs::write(folder.join(name), text)?;
        }
        folder.canonicalize()
    };
    let folder = written().map_err(|error| {
        Failure::failed(format!("cannot write into {}: {error}", folder.display()))
    })?;
    let here = format!("http://127.0.0.1:{DEFAULT_PORT}");
    let url = arguments.url.clone().unwrap_or(here);
    // Clients insist on some key, even where the server asks for none.
    let key = arguments
        .api_key
        .clone()
        .unwrap_or_else(|| "none".to_owned());
    let preload = folder.join("preload.cjs").display().to_string();
    let variables = [
        ("MEMT_URL", url.clone()),
        ("MEM0_HOST", url.clone()),
        ("MEM0_BASE_URL", url),
        ("MEM0_API_KEY", key),
        ("MEM0_TELEMETRY", "false".to_owned()),
        (
            "PYTHONPATH",
            before(&folder.display().to_string(), "PYTHONPATH", ":"),
        ),
        (
            "NODE_OPTIONS",
            before(&format!("--require {preload}"), "NODE_OPTIONS", " "),
        ),
    ];
    if arguments.output.json {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.to_owned(), Value::String(value)));
        print_json(&Value::Object(variables.collect()))?;
        return Ok(Outcome::Done);
    }
    let mut output = anstream::stdout().lock();
    for (name, value) in variables {
        let quoted = value.replace('\'', "'\\''");
        writeln!(output, "export {name}='{quoted}'").map_err(Failure::of_output)?;
    }
    Ok(Outcome::Done)
}

/// A value before what a variable has already.
fn before(value: &str, variable: &str, between: &str) -> String {
    match std::env::var(variable) {
        Ok(present) if present.split(between).any(|part| part == value) => present,
        Ok(present) if !present.is_empty() => format!("{value}{between}{present}"),
        _ => value.to_owned(),
    }
}
