//! `memt encode`.

use super::input::{Text, texts};
use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::model::{Arithmetic, TextEncoder, encode_all_floats};
use crate::terminal::print_json;
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};

/// Print the embeddings of texts: 128 numbers each
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Texts; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "TEXT")]
    texts: Vec<String>,
    #[command(flatten)]
    model: ModelOptions,
    /// Integers from -127 to 127, or floats of unit length
    #[arg(long, value_enum, default_value_t)]
    arith: Arithmetic,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let texts = texts(&arguments.texts)?;
    let model = arguments.model.load()?;
    let encoder = model
        .text_encoder(arguments.arith)
        .map_err(Failure::bad_input)?;
    let texts: Vec<&str> = texts.iter().map(|text: &Text| text.text.as_str()).collect();
    let vectors = vectors(&encoder, &texts)?;
    match arguments.output.json {
        true => print_json(&json!({ "vectors": vectors }))?,
        false => print(&vectors).map_err(Failure::of_output)?,
    }
    Ok(Outcome::Done)
}

fn vectors(encoder: &TextEncoder<'_>, texts: &[&str]) -> Result<Vec<Vec<Value>>, Failure> {
    Ok(match encoder {
        TextEncoder::Fixed(_) => {
            let embeddings = encoder.encode_all(texts).map_err(Failure::bad_input)?;
            let numbers = embeddings.iter();
            numbers
                .map(|embedding| embedding.0.iter().map(|&number| number.into()).collect())
                .collect()
        }
        TextEncoder::F32(reference) => {
            let embeddings = encode_all_floats(reference, texts).map_err(Failure::bad_input)?;
            let numbers = embeddings.iter();
            numbers
                .map(|embedding| embedding.iter().map(|&number| number.into()).collect())
                .collect()
        }
    })
}

fn print(vectors: &[Vec<Value>]) -> io::Result<()> {
    let mut output = BufWriter::new(io::stdout().lock());
    for vector in vectors {
        let numbers: Vec<String> = vector.iter().map(Value::to_string).collect();
        writeln!(output, "{}", numbers.join(" "))?;
    }
    output.flush()
}
