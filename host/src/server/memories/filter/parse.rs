//! Reading filters as clients write them.

use super::time::{day, last_of_day, micros_or};
use super::{Dialect, Field, Filter, Test};
use crate::server::error::ApiError;
use crate::server::memories::scope::Kind;
use serde_json::Value;

/// Filters nested deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// Reads a filter that lies `depth` filters deep.
pub(super) fn parse(value: &Value, dialect: Dialect, depth: usize) -> Result<Filter, ApiError> {
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
