//! `memt serve`.

use super::options::{ModelOptions, OutputOptions};
use super::reencode::with_bar;
use crate::bank::ApproximateError;
use crate::command_line::{Failure, Outcome};
use crate::model::TextEncoder;
use crate::server::keys::{KeyFile, NewKey};
use crate::server::serve;
use crate::server::settings::Given;
use crate::store::{Opening, Store};
use crate::terminal::{FAINT, GOOD, STRONG, print_json, progress};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The bank file in the data folder.
pub(super) const BANK: &str = "memt.redb";

/// Serve memories to applications over HTTP, as mem0's clients and others ask
///
/// Settings come from flags, else from the environment, else from memt.toml in the data folder (the
/// same names without dashes in front). Keys for some owners are made with --new-key.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder for memories, keys and settings; made if it is missing
    #[arg(long, value_name = "DIR", env = "MEMT_DATA")]
    data: PathBuf,
    /// Settings file; without it, memt.toml in the data folder
    #[arg(long, value_name = "FILE", env = "MEMT_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    model: ModelOptions,
    /// If the memories are of another model, encode all texts anew and keep that
    #[arg(long)]
    reencode: bool,
    #[command(flatten)]
    keys: Box<KeyOptions>,
    #[command(flatten)]
    output: OutputOptions,
}

/// What to do with keys, instead of serving.
#[derive(Debug, clap::Args)]
struct KeyOptions {
    /// Make a key with this name, print it once, and end
    #[arg(long, value_name = "NAME", group = "keys")]
    new_key: Option<String>,
    /// Whose memories the new key opens; all without it. May be repeated
    #[arg(
        long,
        value_name = "OWNER",
        requires = "new_key",
        value_delimiter = ','
    )]
    owner: Vec<String>,
    /// Let the new key only read
    #[arg(long, requires = "new_key")]
    read_only: bool,
    /// Remove the key with this name, and end
    #[arg(long, value_name = "NAME", group = "keys")]
    remove_key: Option<String>,
    /// List the keys, and end
    #[arg(long, group = "keys")]
    list_keys: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let data = &arguments.data;
    if let Some(done) = change_keys(&arguments)? {
        return Ok(done);
    }
    std::fs::create_dir_all(data).map_err(|error| {
        Failure::failed(format!("cannot make folder {}: {error}", data.display()))
    })?;
    let of_file = Given::read(data, arguments.config.as_deref()).map_err(Failure::bad_input)?;
    let given = arguments.given.clone().or(of_file);
    let place = Place::of(given.store.as_deref(), data)?;
    let approximate = given.approximate;
    let settings = given.settle(data.clone()).map_err(Failure::bad_input)?;
    let model = arguments.model.load()?;
    let encoder = model
        .text_encoder(Default::default())
        .map_err(Failure::bad_input)?;
    let mut store = place.open(&encoder, arguments.reencode)?;
    if let Some(from) = approximate {
        index(&mut store, from)?;
    }
    let scheme = if settings.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let json = arguments.output.json;
    let served = serve(settings, model, store, |addr| {
        let said = match json {
            true => print_json(&json!({ "url": format!("{scheme}://{addr}") })),
            false => say(&format!("{scheme}://{addr}"), data).map_err(Failure::of_output),
        };
        // Whoever started the server may have closed its output.
        drop(said);
    });
    served.map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

/// Builds the approximate indexes.
fn index(store: &mut Store, from: usize) -> Result<(), Failure> {
    let bar = progress(store.bank().len() as u64, "indexing");
    let indexed = store.approximate(from, |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    indexed.map_err(|error| match error {
        ApproximateError::NotBuilt => Failure::bad_input(error),
        _ => Failure::failed(error),
    })
}

fn say(url: &str, data: &Path) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    writeln!(
        output,
        "{GOOD}memt serves{GOOD:#} {STRONG}{url}{STRONG:#} {FAINT}from {}{FAINT:#}",
        data.display()
    )?;
    output.flush()
}

/// Where the memories are.
enum Place {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Database(String),
}

impl Place {
    /// That of a store's name.
    fn of(store: Option<&str>, data: &Path) -> Result<Self, Failure> {
        match store {
            None | Some("redb") => Ok(Self::File(data.join(BANK))),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::of_database(url)
            }
            Some(other) => Err(Failure::bad_input(format!(
                "--store is `{other}`; it is `redb` or postgres://USER:PASSWORD@HOST/DATABASE"
            ))),
        }
    }

    #[cfg(feature = "postgres")]
    fn of_database(url: &str) -> Result<Self, Failure> {
        Ok(Self::Database(url.to_owned()))
    }

    #[cfg(not(feature = "postgres"))]
    fn of_database(_: &str) -> Result<Self, Failure> {
        Err(Failure::bad_input(
            "this memt was built without PostgreSQL; build it with --features postgres",
        ))
    }

    fn open(&self, encoder: &TextEncoder<'_>, reencode: bool) -> Result<Store, Failure> {
        let fingerprint = encoder.fingerprint();
        match self {
            Self::File(path) => {
                let opening = Opening::or_new(path);
                if reencode {
                    with_bar(|show| opening.reencode(encoder, show))?;
                }
                Ok(opening.open(fingerprint)?)
            }
            #[cfg(feature = "postgres")]
            Self::Database(url) => {
                use crate::store::Server;
                if reencode {
                    let stores = Server::connect(url)?.open_any(fingerprint, 0)?;
                    with_bar(|show| stores.reencode(encoder, show, || {}))?;
                }
                Ok(Server::connect(url)?.open(fingerprint)?)
            }
        }
    }
}

fn change_keys(arguments: &Arguments) -> Result<Option<Outcome>, Failure> {
    let KeyOptions {
        new_key,
        owner,
        read_only,
        remove_key,
        list_keys,
    } = arguments.keys.as_ref();
    let data = &arguments.data;
    let json = arguments.output.json;
    if new_key.is_none() && remove_key.is_none() && !list_keys {
        return Ok(None);
    }
    let mut file = KeyFile::read(data).map_err(Failure::bad_input)?;
    if let Some(name) = new_key {
        let new = NewKey {
            name: name.clone(),
            owners: owner.clone(),
            read_only: *read_only,
        };
        let secret = file.add(new).map_err(Failure::bad_input)?;
        file.write(data).map_err(Failure::failed)?;
        match json {
            true => print_json(&json!({ "name": name, "key": secret }))?,
            false => print_line(&secret)?,
        }
    } else if let Some(name) = remove_key {
        file.remove(name).map_err(Failure::bad_input)?;
        file.write(data).map_err(Failure::failed)?;
    } else if json {
        print_json(&file)?;
    } else {
        for key in &file.keys {
            let whose = match &key.owners {
                None => "all owners".to_owned(),
                Some(owners) => owners.iter().cloned().collect::<Vec<_>>().join(", "),
            };
            let only = if key.read_only { ", only reads" } else { "" };
            print_line(&format!("{}: {whose}{only}", key.name))?;
        }
    }
    Ok(Some(Outcome::Done))
}

fn print_line(line: &str) -> Result<(), Failure> {
    writeln!(anstream::stdout().lock(), "{line}").map_err(Failure::of_output)
}
