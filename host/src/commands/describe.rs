//! `memt describe`.

use super::bank_file::{SearchOptions, find};
use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::insight::{Described, Lexicon};
use crate::terminal::{FAINT, Printable, STRONG, print_json, score_bar};
use memt_core::embedding::Embedding;
use serde_json::json;
use std::io::{self, Write};

/// Columns of a likeness's bar.
const BAR: usize = 12;

/// Say which words of the model a memory stands for
///
/// The words whose vectors are nearest to the memory's, without what all words have in common; forms
/// of one word count once. A memory that was told from similar ones shows it here.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Key as `memt list` prints it, or the id it was added with
    #[arg(value_name = "KEY|ID", required_unless_present = "text")]
    memory: Option<String>,
    /// Describe this text instead of a memory; needs no bank file
    #[arg(long, conflicts_with = "memory")]
    text: Option<String>,
    /// Most words
    #[arg(long, short = 'k', value_name = "N", default_value = "12")]
    words: usize,
    #[command(flatten)]
    bank: SearchOptions,
    /// Whose id
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (model, text, vector) = match &arguments.text {
        Some(text) => {
            let model = arguments.bank.model.load()?;
            let encoder = model.text_encoder(Default::default());
            let encoder = encoder.map_err(Failure::bad_input)?;
            let vector = encoder.encode_one(text).map_err(Failure::bad_input)?;
            (model, text.clone(), vector)
        }
        None => {
            let (store, model) = arguments.bank.open()?;
            let named = arguments.memory.as_deref().unwrap_or_default();
            let owner = store.owner(&arguments.owner).map_err(Failure::bad_input)?;
            let slot = find(&store, owner, named).and_then(|key| store.bank().get(key));
            let Some(slot) = slot else {
                return Err(Failure::failed(format!(
                    "owner {} has no memory `{named}`; `memt list` shows keys and ids",
                    arguments.owner
                )));
            };
            (model, slot.text.to_owned(), *slot.embedding)
        }
    };
    let words = words(&model, &vector, arguments.words)?;
    match arguments.output.json {
        true => print_json(&json!({ "text": text, "words": words }))?,
        false => print(&text, &words).map_err(Failure::of_output)?,
    }
    Ok(match words.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

fn words(
    model: &crate::model::Model,
    vector: &Embedding,
    most: usize,
) -> Result<Vec<Described>, Failure> {
    let encoder = model.text_encoder(Default::default());
    let encoder = encoder.map_err(Failure::bad_input)?;
    let lexicon = Lexicon::of(model, &encoder).map_err(Failure::bad_input)?;
    Ok(lexicon.describe(vector, most))
}

fn print(text: &str, words: &[Described]) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    writeln!(output, "{STRONG}{}{STRONG:#}", Printable(text))?;
    for Described { word, likeness } in words {
        let bar = score_bar(*likeness, BAR);
        writeln!(output, "{likeness:.2} {bar} {word}")?;
    }
    if words.is_empty() {
        writeln!(output, "{FAINT}no word of the model is near to it{FAINT:#}")?;
    }
    Ok(())
}
