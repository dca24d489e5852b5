//! mem0's language of filters, that of the hosted service and that of its open server.

use super::index::Index;
use super::memory::{Memory, Micros};
use super::scope::Kind;
use crate::server::error::ApiError;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use memt_core::slot::Owner;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Filters nested deeper than this are refused.
const MAX_DEPTH: usize = 32;

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
        parse(value, dialect, 0)
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

fn parse(value: &Value, dialect: Dialect, depth: usize) -> Result<Filter, ApiError> {
    if depth > MAX_DEPTH {
        return Err(ApiError::bad_request(format!(
            "filters are nested more than {MAX_DEPTH} deep"
        )));
    }
    let Value::Object(fields) = value else {
        return Err(ApiError::bad_request(
            "filters must be an object, such as {\"user_id\": \"anna\"}",
        ));
    };
    let mut parts = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        let all = |value: &Value| -> Result<Vec<Filter>, ApiError> {
            match value {
                Value::Array(parts) => {
                    let parts = parts.iter().map(|part| parse(part, dialect, depth + 1));
                    parts.collect()
                }
                part => Ok(vec![parse(part, dialect, depth + 1)?]),
            }
        };
        match name.as_str() {
            "AND" | "and" | "$and" => parts.push(Filter::And(all(value)?)),
            "OR" | "or" | "$or" => parts.push(Filter::Or(all(value)?)),
            "NOT" | "not" | "$not" => {
                let none_of = Filter::Or(all(value)?);
                parts.push(Filter::Not(Box::new(none_of)));
            }
            name => parts.push(leaf(name, value, dialect)?),
        }
    }
    Ok(match parts.len() {
        1 => parts.swap_remove(0),
        _ => Filter::And(parts),
    })
}

fn leaf(name: &str, value: &Value, dialect: Dialect) -> Result<Filter, ApiError> {
    if let Some(kind) = Kind::of(name).filter(|_| name.ends_with("id") || name.ends_with("Id")) {
        return tests(Field::Entity(kind), name, value);
    }
    match (name, dialect) {
        ("created_at" | "createdAt" | "timestamp", _) => tests(Field::Created, name, value),
        ("updated_at" | "updatedAt", _) => tests(Field::Updated, name, value),
        ("expiration_date" | "expirationDate", _) => tests(Field::Expiration, name, value),
        ("categories", _) => tests(Field::Categories, name, value),
        ("keywords" | "keywords_search" | "text", _) => words(name, value),
        ("memory_ids" | "memoryIds", _) => ids(value),
        ("metadata", _) => metadata(value),
        (name, Dialect::Open) => tests(Field::Metadata(name.to_owned()), name, value),
        (name, Dialect::Hosted) => Err(ApiError::bad_request(format!(
            "`{name}` is no filter; there are user_id, agent_id, app_id, run_id, created_at, updated_at, timestamp, expiration_date, categories, metadata, keywords, memory_ids, text, AND, OR, NOT"
        ))),
    }
}

fn metadata(value: &Value) -> Result<Filter, ApiError> {
    let Value::Object(fields) = value else {
        return Err(ApiError::bad_request("`metadata` must be an object"));
    };
    let parts = fields
        .iter()
        .map(|(name, value)| tests(Field::Metadata(name.clone()), name, value));
    Ok(Filter::And(parts.collect::<Result<_, _>>()?))
}

fn words(name: &str, value: &Value) -> Result<Filter, ApiError> {
    match value {
        Value::String(text) => Ok(Filter::Is(Field::Text, Test::ContainsAnyCase(text.clone()))),
        Value::Array(parts) => {
            let parts = parts.iter().map(|part| words(name, part));
            Ok(Filter::And(parts.collect::<Result<_, _>>()?))
        }
        value => tests(Field::Text, name, value),
    }
}

fn ids(value: &Value) -> Result<Filter, ApiError> {
    match value {
        Value::Array(ids) => Ok(Filter::Is(Field::Id, Test::In(ids.clone()))),
        value => tests(Field::Id, "memory_ids", value),
    }
}

/// The tests of one field: a bare value, or an object of operators, all of which must hold.
fn tests(field: Field, name: &str, value: &Value) -> Result<Filter, ApiError> {
    let is = |test| Filter::Is(field.clone(), test);
    let operators = match value {
        Value::String(every) if every == "*" => return Ok(is(Test::Any)),
        Value::Null => return Ok(Filter::Not(Box::new(is(Test::Any)))),
        Value::Array(values) => return Ok(is(Test::In(operands(&field, name, values)?))),
        Value::Object(operators) if !operators.is_empty() => operators,
        value => {
            let value = operand(&field, name, value)?;
            return Ok(match (&field, day(&field, &value)) {
                // A bare date means the whole day.
                (_, Some((start, end))) => Filter::And(vec![
                    is(Test::AtLeast(start.into())),
                    is(Test::Less(end.into())),
                ]),
                _ => is(Test::Equal(micros_or(&field, name, value)?)),
            });
        }
    };
    let mut parts = Vec::with_capacity(operators.len());
    for (operator, value) in operators {
        let one = || -> Result<Value, ApiError> {
            micros_or(&field, name, operand(&field, name, value)?)
        };
        let list = || -> Result<Vec<Value>, ApiError> {
            match value {
                Value::Array(values) => operands(&field, name, values),
                _ => Err(ApiError::bad_request(format!(
                    "`{operator}` of `{name}` must be a list"
                ))),
            }
        };
        let string = || -> Result<String, ApiError> {
            value.as_str().map(str::to_owned).ok_or_else(|| {
                ApiError::bad_request(format!("`{operator}` of `{name}` must be a string"))
            })
        };
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        parts.push(match operator.trim_start_matches('$') {
            "eq" => tests(field.clone(), name, value)?,
            "ne" => not(tests(field.clone(), name, value)?),
            "in" => is(Test::In(list()?)),
            "nin" | "not_in" => not(is(Test::In(list()?))),
            "gt" => is(Test::Greater(one()?)),
            "gte" => is(Test::AtLeast(one()?)),
            "lt" => is(Test::Less(one()?)),
            "lte" => is(Test::AtMost(last_of_day(&field, one()?, value))),
            "contains" if field == Field::Categories => is(Test::ContainsAnyCase(string()?)),
            "contains" => is(Test::Contains(string()?)),
            "icontains" => is(Test::ContainsAnyCase(string()?)),
            "exists" => match value {
                Value::Bool(false) => not(is(Test::Any)),
                _ => is(Test::Any),
            },
            other => {
                return Err(ApiError::bad_request(format!(
                    "`{other}` of `{name}` is no operator; there are eq, ne, in, nin, gt, gte, lt, lte, contains, icontains, exists"
                )));
            }
        });
    }
    Ok(match parts.len() {
        1 => parts.swap_remove(0),
        _ => Filter::And(parts),
    })
}

fn is_time(field: &Field) -> bool {
    matches!(field, Field::Created | Field::Updated | Field::Expiration)
}

/// A value in the form of its field: names are strings, and strings of times are left for
/// [`micros_or`].
fn operand(field: &Field, name: &str, value: &Value) -> Result<Value, ApiError> {
    match (field, value) {
        (Field::Entity(_), Value::Number(number)) => Ok(Value::String(number.to_string())),
        (Field::Entity(_), Value::String(text)) if text.is_empty() => Err(ApiError::bad_request(
            format!("`{name}` is empty; name somebody, or `*` for all"),
        )),
        (Field::Entity(_) | Field::Id | Field::Text | Field::Categories, Value::String(_)) => {
            Ok(value.clone())
        }
        (Field::Entity(_) | Field::Id | Field::Text | Field::Categories, _) => Err(
            ApiError::bad_request(format!("`{name}` must be a string, not {value}")),
        ),
        _ => Ok(value.clone()),
    }
}

fn operands(field: &Field, name: &str, values: &[Value]) -> Result<Vec<Value>, ApiError> {
    let values = values
        .iter()
        .map(|value| micros_or(field, name, operand(field, name, value)?));
    values.collect()
}

/// A time as a number, any other value as it is.
fn micros_or(field: &Field, name: &str, value: Value) -> Result<Value, ApiError> {
    if !is_time(field) {
        return Ok(value);
    }
    Ok(Value::from(micros(name, &value)?))
}

/// Reads a date, a date and time, or seconds since 1970.
pub fn micros(name: &str, value: &Value) -> Result<Micros, ApiError> {
    let bad = || {
        ApiError::bad_request(format!(
            "`{name}` is {value}, which is no time; write 2023-05-08, 2023-05-08T13:56:00Z or seconds since 1970"
        ))
    };
    const FURTHEST: f64 = 1e11;
    let of_seconds = |seconds: f64| match seconds.abs() < FURTHEST {
        true => Ok((seconds * 1e6) as Micros),
        false => Err(bad()),
    };
    match value {
        Value::Number(number) => of_seconds(number.as_f64().ok_or_else(bad)?),
        Value::String(text) => {
            if let Ok(seconds) = text.parse::<f64>() {
                return of_seconds(seconds);
            }
            if let Ok(time) = text.parse::<jiff::Timestamp>() {
                return Ok(time.as_microsecond());
            }
            if let Ok(time) = text.parse::<DateTime>() {
                let zoned = time.to_zoned(TimeZone::UTC).map_err(|_| bad())?;
                return Ok(zoned.timestamp().as_microsecond());
            }
            text.parse::<Date>().map(start_of).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}

/// The first moment of a day in UTC.
pub fn start_of(date: Date) -> Micros {
    let zoned = date.to_zoned(TimeZone::UTC);
    zoned.map_or(0, |zoned| zoned.timestamp().as_microsecond())
}

const DAY: Micros = 86_400_000_000;

/// The first moment of a bare date and the first after it.
fn day(field: &Field, value: &Value) -> Option<(Micros, Micros)> {
    if !is_time(field) || *field == Field::Expiration {
        return None;
    }
    let text = value.as_str()?;
    const LENGTH: usize = "2023-05-08".len();
    let start = start_of(text.parse::<Date>().ok().filter(|_| text.len() == LENGTH)?);
    Some((start, start + DAY))
}

/// Up to a bare date means up to its end.
fn last_of_day(field: &Field, time: Value, written: &Value) -> Value {
    match day(field, written) {
        Some((_, end)) => Value::from(end - 1),
        None => time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::memories::memory::Details;
    use crate::server::memories::scope::Scope;
    use serde_json::json;

    fn memory() -> Memory {
        let metadata =
            json!({"topic": "food", "stars": 4, "tags": ["a", "b"], "deep": {"er": true}});
        Memory {
            id: uuid::Uuid::from_u128(7),
            key: Default::default(),
            text: "Anna likes Pizza".to_owned(),
            scope: Scope {
                user: Some("anna".to_owned()),
                run: Some("r1".to_owned()),
                ..Scope::default()
            },
            metadata: metadata.as_object().unwrap().clone(),
            details: Details {
                categories: vec!["Food".to_owned()],
                ..Details::default()
            },
            created: 1_683_554_160_000_000,
            updated: 1_683_554_160_000_000,
        }
    }

    fn accepts(dialect: Dialect, filter: Value) -> bool {
        Filter::parse(&filter, dialect).unwrap().accepts(&memory())
    }

    #[test]
    fn means_what_mem0_means() {
        for (filter, wanted) in [
            (json!({}), true),
            (json!({"user_id": "anna"}), true),
            (json!({"userId": "anna", "run_id": "r1"}), true),
            (json!({"user_id": "bert"}), false),
            (json!({"user_id": {"in": ["bert", "anna"]}}), true),
            (json!({"user_id": {"ne": "anna"}}), false),
            (json!({"agent_id": "*"}), false),
            (json!({"run_id": "*"}), true),
            (json!({"agent_id": null}), true),
            (
                json!({"AND": [{"user_id": "anna"}, {"run_id": "r2"}]}),
                false,
            ),
            (json!({"OR": [{"user_id": "bert"}, {"run_id": "r1"}]}), true),
            (json!({"NOT": {"user_id": "anna"}}), false),
            (
                json!({"NOT": [{"user_id": "bert"}, {"run_id": "r9"}]}),
                true,
            ),
            (
                json!({"AND": [{"NOT": [{"OR": [{"user_id": "bert"}]}]}]}),
                true,
            ),
            (
                json!({"created_at": {"gte": "2023-05-08", "lt": "2023-05-09"}}),
                true,
            ),
            (json!({"created_at": {"lte": "2023-05-08"}}), true),
            (json!({"created_at": "2023-05-08"}), true),
            (json!({"created_at": {"gt": "2023-05-08T13:56:00Z"}}), false),
            (json!({"timestamp": {"gte": 1683554160}}), true),
            (json!({"categories": {"in": ["Food", "x"]}}), true),
            (json!({"categories": {"contains": "foo"}}), true),
            (json!({"metadata": {"topic": "food"}}), true),
            (json!({"metadata": {"topic": {"ne": "food"}}}), false),
            (json!({"metadata": {"topic": {"contains": "oo"}}}), true),
            (json!({"metadata": {"tags": "b"}}), true),
            (json!({"metadata": {"deep.er": true}}), true),
            (json!({"keywords": {"contains": "Pizza"}}), true),
            (json!({"keywords": {"contains": "pizza"}}), false),
            (json!({"keywords": {"icontains": "pizza"}}), true),
            (
                json!({"memory_ids": ["00000000-0000-0000-0000-000000000007"]}),
                true,
            ),
            (json!({"expiration_date": null}), true),
        ] {
            assert_eq!(accepts(Dialect::Hosted, filter.clone()), wanted, "{filter}");
        }
        for (filter, wanted) in [
            (json!({"topic": "food", "stars": {"gte": 4}}), true),
            (json!({"stars": {"lt": 4.0}}), false),
            (json!({"topic": {"nin": ["food"]}}), false),
            (json!({"user_id": "anna", "nothing": {"ne": 1}}), true),
        ] {
            assert_eq!(accepts(Dialect::Open, filter.clone()), wanted, "{filter}");
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for filter in [
            json!([]),
            json!("user_id"),
            json!({"topic": "food"}),
            json!({"user_id": {"like": "a"}}),
            json!({"user_id": ""}),
            json!({"user_id": {"in": "anna"}}),
            json!({"created_at": {"gt": "soon"}}),
            json!({"metadata": 1}),
            json!({"AND": "x"}),
        ] {
            assert!(Filter::parse(&filter, Dialect::Hosted).is_err(), "{filter}");
        }
        let deep = (0..40).fold(json!({"user_id": "a"}), |inner, _| json!({"NOT": inner}));
        assert!(Filter::parse(&deep, Dialect::Hosted).is_err());
    }

    #[test]
    fn knows_whether_an_entity_is_named_on_every_way() {
        for (filter, wanted) in [
            (json!({"user_id": "a"}), true),
            (json!({}), false),
            (json!({"NOT": {"user_id": "a"}}), false),
            (
                json!({"OR": [{"user_id": "a"}, {"created_at": {"gt": 0}}]}),
                false,
            ),
            (json!({"OR": [{"user_id": "a"}, {"agent_id": "*"}]}), true),
            (
                json!({"AND": [{"created_at": {"gt": 0}}, {"run_id": "x"}]}),
                true,
            ),
        ] {
            let parsed = Filter::parse(&filter, Dialect::Hosted).unwrap();
            assert_eq!(parsed.names_an_entity(), wanted, "{filter}");
        }
    }
}
