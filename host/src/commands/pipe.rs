//! `memt pipe`.

use super::options::{ModeOption, ModelOptions, least_score};
use crate::command_line::{Failure, Outcome};
use crate::model::Arithmetic;
use crate::pipe::{EngineKind, Session, Settings, run as answer};
use std::io::{self, BufWriter};

/// Answer requests in JSON lines on standard input
///
/// Every line gets one reply line. The memories are kept in memory only and have one owner.
///
/// {"op":"hello"} {"op":"reset"} {"op":"bye"}
/// {"op":"add","id":"1","text":"...","meta":{"ts":"2023-05-08T13:56:00"}}
/// {"op":"add_batch","items":[...]}
/// {"op":"query","text":"...","k":10}
/// {"op":"query_batch","texts":["..."],"k":10}
/// {"op":"embed","texts":["..."]}
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    #[command(flatten)]
    model: ModelOptions,
    /// Which bank answers
    #[arg(long, value_enum, default_value_t)]
    engine: EngineKind,
    /// Which numbers embeddings are computed with
    #[arg(long, value_enum, default_value_t)]
    arith: Arithmetic,
    /// Which evidence counts
    #[arg(long, value_enum, default_value_t)]
    mode: ModeOption,
    /// Prefer memories written just before and after good ones
    #[arg(long)]
    neighbours: bool,
    /// Prefer recent memories; the present is the newest memory's time
    #[arg(long)]
    recency: bool,
    /// Leave out hits below this score, 0 to 1
    #[arg(long, value_name = "SCORE", default_value = "0", value_parser = least_score)]
    min_score: f32,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let model = arguments.model.load()?;
    let settings = Settings {
        engine: arguments.engine,
        arithmetic: arguments.arith,
        mode: arguments.mode.into(),
        neighbours: arguments.neighbours,
        recency: arguments.recency,
        min_score: arguments.min_score,
    };
    let mut session = Session::new(&model, settings).map_err(Failure::bad_input)?;
    let output = BufWriter::new(io::stdout().lock());
    answer(&mut session, io::stdin().lock(), output).map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}
