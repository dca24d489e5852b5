//! mem0's language of filters, that of the hosted service and that of its open server.

mod parse;
mod time;

pub use time::micros;

use super::index::Index;
use super::memory::Memory;
use super::scope::Kind;
use crate::server::error::ApiError;
use memt_core::slot::Owner;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use time::start_of;

/// Which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Keys are known; metadata is under `metadata`.
    Hosted,
    /// Any other key is one of the metadata.
    Open,
}

/// Which memories are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Those that all of these mean; all memories, if there are none.
    And(Vec<Filter>),
    /// Those that any of these means.
    Or(Vec<Filter>),
    /// Those that this does not mean.
    Not(Box<Filter>),
    /// Those whose field is so.
    Is(Field, Test),
}

/// What a filter looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Whose it is.
    Entity(Kind),
    /// When it was written.
    Created,
    /// When it was changed.
    Updated,
    /// Its last day.
    Expiration,
    /// Its categories; any of them.
    Categories,
    /// A value of the metadata.
    Metadata(String),
    /// The text.
    Text,
    /// The id.
    Id,
}

/// What must be true of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal.
    Equal(Value),
    /// One of these.
    In(Vec<Value>),
    /// There, and not null.
    Any,
    /// Greater.
    Greater(Value),
    /// Greater or equal.
    AtLeast(Value),
    /// Less.
    Less(Value),
    /// Less or equal.
    AtMost(Value),
    /// Contains this, letter by letter.
    Contains(String),
    /// Contains this, capital or small.
    ContainsAnyCase(String),
}

impl Filter {
    /// All memories.
    pub const fn all() -> Self {
        Self::And(Vec::new())
    }

    /// The memories of an entity; `*` is every one of its kind.
    pub fn of_entity(kind: Kind, name: &str) -> Self {
        let test = match name {
            "*" => Test::Any,
            name => Test::Equal(Value::String(name.to_owned())),
        };
        Self::Is(Field::Entity(kind), test)
    }

    /// Both.
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut parts) => {
                parts.push(other);
                Self::And(parts)
            }
            one => Self::And(vec![one, other]),
        }
    }

    /// Reads what a client sends.
    pub fn parse(value: &Value, dialect: Dialect) -> Result<Self, ApiError> {
        parse::parse(value, dialect, 0)
    }

    /// Whether every way through the filter names an entity whose memories are meant.
    pub fn names_an_entity(&self) -> bool {
        match self {
            Self::And(parts) => parts.iter().any(Self::names_an_entity),
            Self::Or(parts) => !parts.is_empty() && parts.iter().all(Self::names_an_entity),
            Self::Is(Field::Entity(_), Test::Equal(_) | Test::In(_) | Test::Any) => true,
            Self::Not(_) | Self::Is(..) => false,
        }
    }

    /// The bank's owners that can have memories that are meant; `None` for all.
    pub(crate) fn owners(&self, index: &Index) -> Option<BTreeSet<Owner>> {
        let of = |kind: Kind, name: &Value| -> BTreeSet<Owner> {
            let Value::String(name) = name else {
                return BTreeSet::new();
            };
            let entity = index.entities().get(&(kind, name.clone()));
            entity
                .map(|entity| entity.owners.keys().copied().collect())
                .unwrap_or_default()
        };
        match self {
            Self::And(parts) => {
                let sets = parts.iter().filter_map(|part| part.owners(index));
                sets.reduce(|a, b| a.intersection(&b).copied().collect())
            }
            Self::Or(parts) => {
                let mut all = BTreeSet::new();
                for part in parts {
                    all.extend(part.owners(index)?);
                }
                Some(all)
            }
            Self::Is(Field::Entity(kind), Test::Equal(name)) => Some(of(*kind, name)),
            Self::Is(Field::Entity(kind), Test::In(names)) => {
                Some(names.iter().flat_map(|name| of(*kind, name)).collect())
            }
            Self::Is(..) | Self::Not(_) => None,
        }
    }

    /// Whether the filter says no more than that a memory is of one person.
    pub(crate) fn is_one_user(&self) -> bool {
        match self {
            Self::And(parts) => parts.len() == 1 && parts[0].is_one_user(),
            Self::Is(Field::Entity(Kind::User), Test::Equal(_)) => true,
            _ => false,
        }
    }

    /// Whether a memory is meant.
    pub fn accepts(&self, memory: &Memory) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.accepts(memory)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(memory)),
            Self::Not(part) => !part.accepts(memory),
            Self::Is(field, test) => accepts(field, test, memory),
        }
    }
}

fn accepts(field: &Field, test: &Test, memory: &Memory) -> bool {
    let text = |text: &str| test.accepts(&Value::String(text.to_owned()));
    match field {
        Field::Entity(kind) => memory
            .scope
            .get(*kind)
            .map_or_else(|| test.accepts(&Value::Null), text),
        Field::Created => test.accepts(&Value::from(memory.created)),
        Field::Updated => test.accepts(&Value::from(memory.updated)),
        Field::Expiration => match memory.details.expires {
            Some(last) => test.accepts(&Value::from(start_of(last))),
            None => test.accepts(&Value::Null),
        },
        Field::Categories => match &memory.details.categories[..] {
            [] => test.accepts(&Value::Null),
            categories => categories.iter().any(|category| text(category)),
        },
        Field::Metadata(name) => match value_at(&memory.metadata, name) {
            Some(Value::Array(values)) => {
                let values_themselves = values.iter().any(|value| test.accepts(value));
                values_themselves || test.accepts(&Value::Array(values.clone()))
            }
            Some(value) => test.accepts(value),
            None => test.accepts(&Value::Null),
        },
        Field::Text => text(&memory.text),
        Field::Id => text(&memory.id.to_string()),
    }
}

/// The value of a name, which may be a path with points.
fn value_at<'m>(metadata: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    if let Some(value) = metadata.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    value_at(metadata.get(first)?.as_object()?, rest)
}

impl Test {
    fn accepts(&self, value: &Value) -> bool {
        use core::cmp::Ordering::{Equal, Greater, Less};
        let is = |wanted: &[core::cmp::Ordering], other: &Value| {
            compare(value, other).is_some_and(|order| wanted.contains(&order))
        };
        match self {
            Self::Equal(other) => equal(value, other),
            Self::In(others) => others.iter().any(|other| equal(value, other)),
            Self::Any => !value.is_null(),
            Self::Greater(other) => is(&[Greater], other),
            Self::AtLeast(other) => is(&[Greater, Equal], other),
            Self::Less(other) => is(&[Less], other),
            Self::AtMost(other) => is(&[Less, Equal], other),
            Self::Contains(part) => value.as_str().is_some_and(|text| text.contains(part)),
            Self::ContainsAnyCase(part) => {
                let text = value.as_str().map(str::to_lowercase);
                text.is_some_and(|text| text.contains(&part.to_lowercase()))
            }
        }
    }
}

/// Equal values; numbers by what they are worth.
fn equal(value: &Value, other: &Value) -> bool {
    match (value.as_f64(), other.as_f64()) {
        (Some(value), Some(other)) => value == other,
        _ => value == other,
    }
}

fn compare(value: &Value, other: &Value) -> Option<core::cmp::Ordering> {
    match (value, other) {
        (Value::String(value), Value::String(other)) => Some(value.cmp(other)),
        _ => value.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

#[cfg(test)]
mod tests;
