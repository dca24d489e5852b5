//! The memories of a store for other programs.

use crate::clock;
use crate::store::Store;
use memt_core::slot::{Key, Owner};
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// A memory as files tell of it.
#[derive(Debug, Serialize)]
struct Row<'s> {
    key: String,
    id: Option<&'s str>,
    owner: String,
    text: &'s str,
    created: String,
    accessed: String,
    accesses: u32,
    strength: f32,
    importance: f32,
}

/// A line of JSON: the row, and metadata as JSON.
#[derive(Debug, Serialize)]
struct Line<'s> {
    #[serde(flatten)]
    row: Row<'s>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
}

fn row(store: &Store, key: Key) -> Option<(Row<'_>, &[u8])> {
    let (slot, metadata) = store.bank().whole(key)?;
    let facts = slot.facts;
    let row = Row {
        key: key.to_string(),
        id: store.external_id(key),
        owner: store.owner_name(facts.owner),
        text: slot.text,
        created: clock::format(facts.created),
        accessed: clock::format(facts.accessed),
        accesses: facts.accesses,
        strength: facts.strength.to_f32(),
        importance: facts.importance.to_f32(),
    };
    Some((row, metadata))
}

/// Metadata that is not JSON, which only other programs write, becomes a string of what can be read.
fn json(metadata: &[u8]) -> Option<Value> {
    let text = || Value::String(String::from_utf8_lossy(metadata).into_owned());
    (!metadata.is_empty()).then(|| serde_json::from_slice(metadata).unwrap_or_else(|_| text()))
}

/// Writes an owner's memories, or all, as JSON lines, old to new; says how many. `progress` hears how many are
/// written.
pub fn write_jsonl(
    store: &Store,
    owner: Option<Owner>,
    output: &mut impl Write,
    mut progress: impl FnMut(usize),
) -> std::io::Result<usize> {
    let mut count = 0;
    for key in store.bank().keys_of(owner) {
        if let Some((row, metadata)) = row(store, key) {
            let metadata = json(metadata);
            serde_json::to_writer(&mut *output, &Line { row, metadata })?;
            output.write_all(b"\n")?;
            count += 1;
            progress(count);
        }
    }
    Ok(count)
}

/// As [`write_jsonl`], as comma-separated values whose first row names the columns.
pub fn write_csv(
    store: &Store,
    owner: Option<Owner>,
    output: &mut impl Write,
    mut progress: impl FnMut(usize),
) -> std::io::Result<usize> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(output);
    writer.write_record([
        "key",
        "id",
        "owner",
        "text",
        "created",
        "accessed",
        "accesses",
        "strength",
        "importance",
        "metadata",
    ])?;
    let mut count = 0;
    for key in store.bank().keys_of(owner) {
        if let Some((row, metadata)) = row(store, key) {
            let metadata = json(metadata).map(|value| value.to_string());
            writer.serialize((row, metadata))?;
            count += 1;
            progress(count);
        }
    }
    writer.flush()?;
    Ok(count)
}
