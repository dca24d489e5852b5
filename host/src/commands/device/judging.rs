//! What is said of a device's answers.

use super::reading::key;
use super::{PortOptions, print};
use crate::command_line::{Failure, Outcome};
use crate::commands::options::OutputOptions;
use crate::device::LinkError;
use memt_core::feedback::Verdict;
use memt_core::link::{Call, Done};
use memt_core::slot::Key;
use serde_json::json;

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Said {
    /// It answers the question
    Positive,
    /// It does not
    Negative,
    /// It does not at all
    VeryNegative,
    /// Take back what was said before
    Nothing,
}

impl Said {
    fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Positive => Some(Verdict::Positive),
            Self::Negative => Some(Verdict::Negative),
            Self::VeryNegative => Some(Verdict::VeryNegative),
            Self::Nothing => None,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Judge {
    /// The memory's key, as `memt device query` prints it
    #[arg(value_name = "KEY", value_parser = key)]
    key: Key,
    /// The question
    #[arg(value_name = "QUESTION")]
    question: String,
    /// What is said of the memory as an answer
    #[arg(value_enum, value_name = "VERDICT")]
    said: Said,
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn judge(arguments: &Judge) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let done = client.judge(Call::Judge {
        key: arguments.key,
        text: &arguments.question,
        verdict: arguments.said.verdict(),
    })?;
    let (told, outcome) = match done {
        Done::Judged { weight, replaced } => (
            json!({
                "learned": weight.to_f32(),
                "replaced": replaced.map(|key| key.to_string()),
            }),
            Outcome::Done,
        ),
        Done::Changed(0) => (json!({ "taken_back": 0 }), Outcome::NothingFound),
        Done::Changed(count) => (json!({ "taken_back": count }), Outcome::Done),
        _ => return Err(LinkError::Unexpected.into()),
    };
    print(&told, arguments.output)?;
    Ok(outcome)
}
