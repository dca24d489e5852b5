//! JSON lines, and what mem0 gives.

use super::item::{self, BadRecord, Item, ItemError};
use super::text::numbered;
use serde_json::{Map, Value};
use std::io::BufRead;

/// One object a line.
pub(super) fn lines(
    input: impl BufRead + Send,
) -> impl Iterator<Item = Result<Item, BadRecord>> + Send {
    numbered(input).map(|line| {
        let (place, line) = line?;
        let fields = serde_json::from_str(&line).map_err(ItemError::Json);
        let item = fields.and_then(|fields| of_fields(place, fields));
        item.map_err(|error| BadRecord { place, error })
    })
}

fn of_fields(place: u64, mut fields: Map<String, Value>) -> Result<Item, ItemError> {
    let text = item::string(fields.remove("text"), "text")?;
    Ok(Item {
        place,
        text: text.ok_or(ItemError::Missing("text"))?,
        id: item::string(fields.remove("id"), "id")?,
        owner: item::string(fields.remove("owner"), "owner")?,
        created: item::time(item::string(fields.remove("created"), "created")?)?,
        importance: item::importance(fields.remove("importance"))?,
        metadata: item::metadata(fields.remove("metadata")),
    })
}

/// The memories of one JSON document: a list, or an object whose `results` or `memories` is one. The document is in
/// memory as a whole.
pub(super) fn mem0<'r>(
    input: impl BufRead + Send + 'r,
) -> Box<dyn Iterator<Item = Result<Item, BadRecord>> + Send + 'r> {
    let whole = |error| {
        let bad = Err(BadRecord { place: 1, error });
        Box::new(core::iter::once(bad))
    };
    let document: Value = match serde_json::from_reader(input) {
        Ok(document) => document,
        Err(error) => return whole(ItemError::Json(error)),
    };
    let list = match document {
        Value::Array(list) => Some(list),
        Value::Object(mut fields) => {
            let list = fields
                .remove("results")
                .or_else(|| fields.remove("memories"));
            list.and_then(|list| match list {
                Value::Array(list) => Some(list),
                _ => None,
            })
        }
        _ => None,
    };
    let Some(list) = list else {
        return whole(ItemError::Missing("results"));
    };
    Box::new((1..).zip(list).map(|(place, memory)| {
        of_memory(place, memory).map_err(|error| BadRecord { place, error })
    }))
}

fn of_memory(place: u64, memory: Value) -> Result<Item, ItemError> {
    let Value::Object(mut fields) = memory else {
        return Err(ItemError::Type {
            field: "results",
            wanted: "a list of objects",
        });
    };
    let text = item::string(fields.remove("memory"), "memory")?;
    let mut owner = None;
    for whose in ["user_id", "agent_id", "run_id"] {
        owner = owner.or(item::string(fields.remove(whose), whose)?);
    }
    Ok(Item {
        place,
        text: text.ok_or(ItemError::Missing("memory"))?,
        id: item::string(fields.remove("id"), "id")?,
        owner,
        created: item::time(item::string(fields.remove("created_at"), "created_at")?)?,
        importance: memt_core::slot::Factor::ONE,
        metadata: item::metadata(fields.remove("metadata")),
    })
}
