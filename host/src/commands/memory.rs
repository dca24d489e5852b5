//! A memory as commands print it.

use crate::clock;
use crate::store::Store;
use crate::terminal::{FAINT, Printable, STRONG};
use memt_core::slot::Key;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// A memory with everything about it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) owner: String,
    pub(crate) text: String,
    pub(crate) created: String,
    pub(crate) accessed: String,
    pub(crate) accesses: u32,
    pub(crate) strength: f32,
    pub(crate) importance: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Value>,
}

impl Memory {
    /// The memory of this key, if it is there.
    pub(crate) fn of(store: &Store, key: Key) -> Option<Self> {
        let slot = store.bank().get(key)?;
        let facts = slot.facts;
        let metadata = store.bank().metadata(key)?;
        Some(Self {
            key: key.to_string(),
            id: store.external_id(key).map(str::to_owned),
            owner: store.owner_name(facts.owner),
            text: slot.text.to_owned(),
            created: clock::format(facts.created),
            accessed: clock::format(facts.accessed),
            accesses: facts.accesses,
            strength: facts.strength.to_f32(),
            importance: facts.importance.to_f32(),
            metadata: (!metadata.is_empty()).then(|| readable(metadata)),
        })
    }

    /// One faint line: when, whose, which.
    pub(crate) fn write_origin(&self, mut output: impl Write) -> io::Result<()> {
        let Self {
            key,
            owner,
            created,
            ..
        } = self;
        write!(output, "{FAINT}{created}  owner {owner}  key {key}")?;
        if let Some(id) = &self.id {
            write!(output, "  id {id}")?;
        }
        if let Some(metadata) = &self.metadata {
            write!(output, "  {metadata}")?;
        }
        writeln!(output, "{FAINT:#}")
    }

    /// Everything, over several lines.
    pub(crate) fn write_whole(&self, mut output: impl Write) -> io::Result<()> {
        writeln!(output, "{STRONG}{}{STRONG:#}", Printable(&self.text))?;
        self.write_origin(&mut output)?;
        writeln!(
            output,
            "{FAINT}read {} times, last {}  strength {:.3}  importance {:.3}{FAINT:#}",
            self.accesses, self.accessed, self.strength, self.importance
        )
    }
}

/// JSON as it was given; other bytes, which only other programs write, as hexadecimal digits.
fn readable(metadata: &[u8]) -> Value {
    serde_json::from_slice(metadata).unwrap_or_else(|_| {
        let digits = metadata.iter().map(|byte| format!("{byte:02x}"));
        Value::String(digits.collect())
    })
}
