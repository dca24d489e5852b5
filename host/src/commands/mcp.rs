//! `memt mcp`.

use super::options::ModelOptions;
use crate::command_line::{Failure, Outcome};
use crate::server::mcp::{DEFAULT_USER, serve_stdio};
use crate::store::Opening;
use std::path::PathBuf;

/// Offer a bank file to an assistant as tools of the Model Context Protocol, on standard input and output
///
/// The tools have mem0's names: add_memory, search_memories, get_memories and so on. A bank file is open in
/// one program at a time: where `memt serve` runs, use its /mcp instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of the memories, as `memt serve` has it; made if it is missing
    #[arg(long, value_name = "DIR", env = "MEMT_DATA")]
    data: PathBuf,
    /// Whose memories are meant where the assistant does not say
    #[arg(long, value_name = "NAME", env = "MEM0_DEFAULT_USER_ID", default_value = DEFAULT_USER)]
    user: String,
    /// Offer the tools of OpenMemory too: add_memories, search_memory, list_memories, delete_memories
    #[arg(long, env = "MEMT_OPENMEMORY")]
    openmemory: bool,
    #[command(flatten)]
    model: ModelOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let data = &arguments.data;
    std::fs::create_dir_all(data).map_err(|error| {
        Failure::failed(format!("cannot make folder {}: {error}", data.display()))
    })?;
    let model = arguments.model.load()?;
    let encoder = model.text_encoder(Default::default());
    let fingerprint = encoder.map_err(Failure::bad_input)?.fingerprint();
    let store = Opening::or_new(&data.join(super::serve::BANK)).open(fingerprint)?;
    serve_stdio(store, model, &arguments.user, arguments.openmemory).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}
