//! `memt map`.

use super::bank_file::{BankOptions, owner_option};
use super::options::OutputOptions;
use super::picture::write_picture;
use crate::command_line::{Failure, Outcome};
use crate::insight::{Colouring, Map, draw_map};
use crate::store::Store;
use crate::terminal::{FAINT, STRONG, print_json};
use memt_core::slot::Owner;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;

/// Draw a bank in two dimensions: memories that say alike things lie side by side
///
/// Prints the clusters with the words that set each apart, and writes an SVG in which every memory is
/// a dot that shows its text when pointed at. One bank gives one picture.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = "map.svg")]
    svg: PathBuf,
    /// What colours say
    #[arg(long, value_enum, default_value_t)]
    colour: Colouring,
    /// Most memories; of more, as many are drawn, evenly spaced in age
    #[arg(long, value_name = "N", default_value = "5000")]
    most: usize,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let store = arguments.bank.open_any()?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let map = Map::of(
        store.bank(),
        owner.as_ref().map(std::slice::from_ref),
        arguments.most,
    );
    if map.points.is_empty() {
        return Err(Failure::failed("there are no memories to draw"));
    }
    let name = |owner: Owner| store.owner_name(owner);
    let picture = draw_map(&map, store.bank(), name, arguments.colour);
    write_picture(&arguments.svg, &picture.map_err(Failure::failed)?)?;
    match arguments.output.json {
        true => print_json(&described(&map, &store))?,
        false => print(&map, &store, &arguments, owner).map_err(Failure::of_output)?,
    }
    Ok(Outcome::Done)
}

fn described(map: &Map, store: &Store) -> Value {
    let points = map.points.iter().filter_map(|point| {
        let slot = store.bank().get(point.key)?;
        Some(json!({
            "key": point.key.to_string(),
            "x": point.x,
            "y": point.y,
            "cluster": point.cluster,
            "owner": store.owner_name(slot.facts.owner),
            "text": slot.text,
        }))
    });
    let clusters = map.clusters.iter().map(|cluster| {
        json!({
            "words": cluster.words,
            "size": cluster.size,
            "x": cluster.x,
            "y": cluster.y,
        })
    });
    json!({
        "points": points.collect::<Vec<_>>(),
        "clusters": clusters.collect::<Vec<_>>(),
    })
}

fn print(map: &Map, store: &Store, arguments: &Arguments, owner: Option<Owner>) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for cluster in &map.clusters {
        let (size, words) = (cluster.size, cluster.words.join(", "));
        writeln!(output, "{size:>6}  {STRONG}{words}{STRONG:#}")?;
    }
    let (shown, there) = (map.points.len(), store.bank().statistics(owner).memories);
    writeln!(
        output,
        "{FAINT}{shown} of {there} memories drawn into {}{FAINT:#}",
        arguments.svg.display()
    )
}
