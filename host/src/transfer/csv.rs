//! Comma-separated values.

use super::item::{self, BadRecord, Item, ItemError};
use csv::{Reader, StringRecord};
use serde_json::{Map, Value};
use std::io::BufRead;

/// The rows of a table whose first row names the columns. An empty field is a missing one.
pub(super) fn rows<'r>(
    input: impl BufRead + Send + 'r,
) -> Box<dyn Iterator<Item = Result<Item, BadRecord>> + Send + 'r> {
    let mut reader = Reader::from_reader(input);
    let columns = match reader.headers() {
        Ok(columns) if columns.iter().any(|column| column == "text") => columns.clone(),
        other => {
            let error = match other {
                Ok(_) => ItemError::Missing("text"),
                Err(error) => ItemError::Csv(error),
            };
            let bad = Err(BadRecord { place: 1, error });
            return Box::new(core::iter::once(bad));
        }
    };
    // The columns are record 1, as they are line 1.
    Box::new((2..).zip(reader.into_records()).map(move |(place, row)| {
        let item = row.map_err(ItemError::Csv);
        let item = item.and_then(|row| of_row(place, &columns, &row));
        item.map_err(|error| BadRecord { place, error })
    }))
}

fn of_row(place: u64, columns: &StringRecord, row: &StringRecord) -> Result<Item, ItemError> {
    let mut item = Item::of_text(place, String::new());
    let mut others = Map::new();
    let mut metadata = None;
    for (column, field) in columns.iter().zip(row) {
        let given = (!field.is_empty()).then(|| field.to_owned());
        match column {
            "text" => item.text = given.ok_or(ItemError::Missing("text"))?,
            "id" => item.id = given,
            "owner" => item.owner = given,
            "created" => item.created = item::time(given)?,
            "importance" => {
                let number = given.map(|number| number.parse().unwrap_or(Value::Bool(false)));
                item.importance = item::importance(number)?;
            }
            "metadata" => {
                let parsed = given.map(|given| serde_json::from_str(&given));
                metadata = parsed.transpose().map_err(ItemError::Json)?;
            }
            // What `memt export` tells beside these; an import begins anew.
            "key" | "accessed" | "accesses" | "strength" => {}
            other => {
                if let Some(given) = given {
                    others.insert(other.to_owned(), Value::String(given));
                }
            }
        }
    }
    item.metadata = match (metadata, others.is_empty()) {
        (metadata, true) => item::metadata(metadata),
        (None, false) => item::metadata(Some(Value::Object(others))),
        (Some(Value::Object(mut fields)), false) => {
            fields.extend(others);
            item::metadata(Some(Value::Object(fields)))
        }
        (Some(_), false) => {
            return Err(ItemError::Type {
                field: "metadata",
                wanted: "an object, as the other columns would need",
            });
        }
    };
    Ok(item)
}
