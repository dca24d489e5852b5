//! Times in filters.

use super::Field;
use crate::server::error::ApiError;
use crate::server::memories::memory::Micros;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

fn is_time(field: &Field) -> bool {
    matches!(field, Field::Created | Field::Updated | Field::Expiration)
}

/// A time as a number, any other value as it is.
pub(super) fn micros_or(field: &Field, name: &str, value: Value) -> Result<Value, ApiError> {
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
pub(super) fn start_of(date: Date) -> Micros {
    let zoned = date.to_zoned(TimeZone::UTC);
    zoned.map_or(0, |zoned| zoned.timestamp().as_microsecond())
}

const DAY: Micros = 86_400_000_000;

/// The first moment of a bare date and the first after it.
pub(super) fn day(field: &Field, value: &Value) -> Option<(Micros, Micros)> {
    if !is_time(field) || *field == Field::Expiration {
        return None;
    }
    let text = value.as_str()?;
    const LENGTH: usize = "2023-05-08".len();
    let start = start_of(text.parse::<Date>().ok().filter(|_| text.len() == LENGTH)?);
    Some((start, start + DAY))
}

/// Up to a bare date means up to its end.
pub(super) fn last_of_day(field: &Field, time: Value, written: &Value) -> Value {
    match day(field, written) {
        Some((_, end)) => Value::from(end - 1),
        None => time,
    }
}
