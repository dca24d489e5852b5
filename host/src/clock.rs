//! Times as people and JSON write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use memt_core::slot::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// A time that cannot be read or is outside 1970 to 2106.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTime {
    /// What was given.
    pub given: String,
}

impl core::fmt::Display for BadTime {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            formatter,
            "`{}` is not a time from 1970 to 2106; write 2023-05-08, 2023-05-08T13:56:00, 2023-05-08T13:56:00+02:00 or seconds since 1970",
            self.given
        )
    }
}

impl std::error::Error for BadTime {}

/// The present; 1970 on a clock that is set earlier, 2106 on one that is set later.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    Timestamp(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// Reads an ISO 8601 date, a date and time with or without fraction and zone (without one: UTC), or
/// seconds since 1970. Fractions of a second are dropped.
pub fn parse(given: &str) -> Result<Timestamp, BadTime> {
    let bad = || BadTime {
        given: given.to_owned(),
    };
    let seconds = match given.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => parse_iso(given).ok_or_else(bad)?,
    };
    u32::try_from(seconds).map(Timestamp).map_err(|_| bad())
}

fn parse_iso(given: &str) -> Option<i64> {
    if let Ok(time) = given.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let local = given.parse::<DateTime>().ok()?;
    let zoned = local.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second())
}

/// `2023-05-08T13:56:00Z`.
pub fn format(time: Timestamp) -> String {
    // Every u32 lies within jiff's range of years -9999 to 9999.
    jiff::Timestamp::from_second(i64::from(time.0))
        .map_or_else(|_| time.0.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        for (given, seconds) in [
            ("1970-01-01", 0),
            ("2023-05-08T13:56:00", 1_683_554_160),
            ("2023-05-08 13:56:00", 1_683_554_160),
            ("2023-05-08T13:56:00Z", 1_683_554_160),
            ("2023-05-08T13:56:00.75", 1_683_554_160),
            ("2023-05-08T13:56:00.75+02:00", 1_683_546_960),
            ("1683554160", 1_683_554_160),
            ("2106-02-07T06:28:15Z", u32::MAX),
        ] {
            assert_eq!(parse(given), Ok(Timestamp(seconds)), "{given}");
        }
        assert_eq!(format(Timestamp(1_683_554_160)), "2023-05-08T13:56:00Z");
    }

    #[test]
    fn refuses_the_rest() {
        for given in [
            "",
            "yesterday",
            "1969-12-31",
            "-1",
            "2106-02-08",
            "2023-13-01",
            "9999999999",
        ] {
            assert!(parse(given).is_err(), "{given}");
        }
    }
}
