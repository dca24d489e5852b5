//! Time phrases of a question: "yesterday", "last Tuesday", "two weeks ago", "in May", "on 5 March 2023".
//!
//! English only, days in UTC, weeks from Monday. A phrase without a year means the latest such time
//! that has begun. What is not understood is no phrase, and the question is asked as without it.
//!
//! Days and dates are turned into each other as in Hinnant, "chrono-Compatible Low-Level Date
//! Algorithms", 2013.

use crate::slot::Timestamp;
use crate::text::{Word, Words};
use heapless::{String, Vec};

/// Words of a question that are looked at.
const MAX_WORDS: usize = 64;

/// Bytes of the longest word that can be part of a phrase.
const MAX_WORD_BYTES: usize = 9;

/// Seconds of a day.
const DAY: u32 = 86_400;

/// The last day that begins before 2^32 seconds are over.
const LAST_DAY: i32 = 49_710;

/// Larger numbers are no part of a phrase.
const MOST: i32 = 99_999;

/// A stretch of time: from the first second to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first second.
    pub from: Timestamp,
    /// The second after the last.
    pub until: Timestamp,
}

impl Period {
    /// Whether a time lies in it.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.until
    }

    /// Whole days, from 1970; what lies outside 1970 to 2106 is cut off, and nothing may be left.
    #[inline]
    fn of_days(from: i32, until: i32) -> Option<Self> {
        let second = |day: i32| Timestamp(day.clamp(0, LAST_DAY).unsigned_abs() * DAY);
        let (from, until) = (second(from), second(until));
        (from < until).then_some(Self { from, until })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// A word as far as it can be part of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Number(i32),
    Measure(Unit),
    /// 0 January to 11 December.
    Month(i32),
    /// 0 Monday to 6 Sunday.
    Weekday(i32),
    Last,
    This,
    On,
    In,
    Ago,
    Today,
    Yesterday,
    Other,
}

const MONTHS: &str =
    "january february march april may june july august september october november december";
const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";
const NUMBERS: &str = "one two three four five six seven eight nine ten eleven twelve";
const UNITS: &str = "day days week weeks month months year years";

#[inline]
fn place(word: &str, list: &str) -> Option<i32> {
    let place = list.split(' ').position(|other| other == word)?;
    i32::try_from(place).ok()
}

/// A number in digits, with or without the ending of an ordinal.
#[inline]
fn number(word: &str) -> Option<i32> {
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    match &word[digits.len()..] {
        "" | "st" | "nd" | "rd" | "th" => digits.parse().ok().filter(|&number| number <= MOST),
        _ => None,
    }
}

#[inline]
fn token(word: Word<'_>) -> Token {
    let mut lower = String::<MAX_WORD_BYTES>::new();
    for letter in word.characters() {
        if lower.push(letter).is_err() {
            return Token::Other;
        }
    }
    let word = lower.as_str();
    match word {
        "last" | "past" | "previous" => return Token::Last,
        "this" => return Token::This,
        "on" => return Token::On,
        "in" | "during" => return Token::In,
        "ago" => return Token::Ago,
        "today" => return Token::Today,
        "yesterday" => return Token::Yesterday,
        "a" | "an" => return Token::Number(1),
        _ => {}
    }
    let known = (place(word, WEEKDAYS).map(Token::Weekday))
        .or_else(|| place(word, MONTHS).map(Token::Month))
        .or_else(|| place(word, NUMBERS).map(|place| Token::Number(place + 1)))
        .or_else(|| number(word).map(Token::Number));
    if let Some(token) = known {
        return token;
    }
    match place(word, UNITS) {
        Some(0 | 1) => Token::Measure(Unit::Day),
        Some(2 | 3) => Token::Measure(Unit::Week),
        Some(4 | 5) => Token::Measure(Unit::Month),
        Some(_) => Token::Measure(Unit::Year),
        None => Token::Other,
    }
}

/// The time that a question speaks of, if it has a time phrase; of several, the first.
#[inline]
pub fn period(question: &str, now: Timestamp) -> Option<Period> {
    let tokens: Vec<Token, MAX_WORDS> = Words::of(question).take(MAX_WORDS).map(token).collect();
    let today = Today::of(now);
    (0..tokens.len()).find_map(|from| today.phrase(&tokens[from..]))
}

/// The present day, with its place in the calendar.
#[derive(Clone, Copy, Debug)]
struct Today {
    /// Days since 1970.
    day: i32,
    year: i32,
    /// 0 January to 11 December.
    month: i32,
    /// 0 Monday to 6 Sunday.
    weekday: i32,
}

impl Today {
    #[inline]
    fn of(now: Timestamp) -> Self {
        let day = (now.0 / DAY).cast_signed();
        let (year, month) = month_of(day);
        Self {
            day,
            year,
            month,
            // The first of January 1970 was a Thursday.
            weekday: (day + 3) % 7,
        }
    }

    /// The period of the phrase that `tokens` begin with.
    #[inline]
    fn phrase(self, tokens: &[Token]) -> Option<Period> {
        use Token::*;
        match *tokens {
            [Today, ..] => self.back(Unit::Day, 0),
            [Yesterday, ..] => self.back(Unit::Day, 1),
            [Number(count), Measure(unit), Ago, ..] => self.back(unit, count),
            [Last, Number(count), Measure(unit), ..] => self.since(unit, count),
            [Last, Measure(unit), ..] => self.back(unit, 1),
            [This, Measure(unit), ..] => self.back(unit, 0),
            [Last, Weekday(weekday), ..] => self.latest(weekday, 1),
            [This | On, Weekday(weekday), ..] => self.latest(weekday, 0),
            [Number(year), Number(month), Number(day), ..] => date(year, month - 1, day),
            [Number(day), Month(month), Number(year), ..]
            | [Month(month), Number(day), Number(year), ..]
                if is_year(year) =>
            {
                date(year, month, day)
            }
            [Month(month), Number(year), ..]
            | [In | Last | This, Month(month), Number(year), ..]
                if is_year(year) =>
            {
                months(year, month, 1)
            }
            [Number(day), Month(month), ..] | [Month(month), Number(day), ..] => {
                let this = days_before(self.year, month) + day - 1;
                let year = self.year - i32::from(this > self.day);
                date(year, month, day)
            }
            [In | Last | This, Month(month), ..] => {
                months(self.year - i32::from(month > self.month), month, 1)
            }
            [In, Number(year), ..] if is_year(year) => months(year, 0, 12),
            _ => None,
        }
    }

    /// The day, week, month or year that lies `count` of them back.
    #[inline]
    fn back(self, unit: Unit, count: i32) -> Option<Period> {
        match unit {
            Unit::Day => Period::of_days(self.day - count, self.day - count + 1),
            Unit::Week => {
                let monday = self.day - self.weekday - 7 * count;
                Period::of_days(monday, monday + 7)
            }
            Unit::Month => {
                let month = 12 * self.year + self.month - count;
                months(month.div_euclid(12), month.rem_euclid(12), 1)
            }
            Unit::Year => months(self.year - count, 0, 12),
        }
    }

    /// From the beginning of the day that lies `count` units back until now.
    #[inline]
    fn since(self, unit: Unit, count: i32) -> Option<Period> {
        let days = match unit {
            Unit::Day => 1,
            Unit::Week => 7,
            Unit::Month => 31,
            Unit::Year => 366,
        };
        Period::of_days(self.day - days * count, self.day + 1)
    }

    /// The latest such weekday that lies at least `least` days back.
    fn latest(self, weekday: i32, least: i32) -> Option<Period> {
        let back = (self.weekday - weekday - least).rem_euclid(7) + least;
        self.back(Unit::Day, back)
    }
}

#[inline]
const fn is_year(number: i32) -> bool {
    1970 <= number && number <= 2106
}

#[inline]
fn date(year: i32, month: i32, day: i32) -> Option<Period> {
    let first = days_before(year, month);
    let possible = is_year(year) && (0..12).contains(&month) && day > 0;
    (possible && first + day <= days_before(year, month + 1)).then_some(())?;
    Period::of_days(first + day - 1, first + day)
}

#[inline]
fn months(year: i32, month: i32, count: i32) -> Option<Period> {
    Period::of_days(days_before(year, month), days_before(year, month + count))
}

/// Days from 1970 to the first of a month; month 12 is the next January.
#[inline]
fn days_before(year: i32, month: i32) -> i32 {
    // Years that begin in March end with the leap day.
    let from_march = 12 * year + month - 2;
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 - 719_468
}

/// The year and month that a day lies in.
#[inline]
fn month_of(day: i32) -> (i32, i32) {
    let mut month = 12 * 1970 + day / 31;
    while days_before(0, month + 1) <= day {
        month += 1;
    }
    (month.div_euclid(12), month.rem_euclid(12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    /// Wednesday, 15 May 2024, 13:00.
    const NOW: Timestamp = Timestamp(1_715_778_000);

    fn days(question: &str) -> Option<(i64, i64)> {
        let period = period(question, NOW)?;
        let day = |time: Timestamp| i64::from(time.0 / DAY) - i64::from(NOW.0 / DAY);
        Some((day(period.from), day(period.until)))
    }

    #[test]
    fn phrases_are_understood() {
        for (question, expected) in [
            ("what did I eat today?", (0, 1)),
            ("Yesterday's dinner, yesterday", (-1, 0)),
            ("what happened three days ago", (-3, -2)),
            ("a week ago", (-9, -2)),
            ("2 weeks ago", (-16, -9)),
            ("last week", (-9, -2)),
            ("this week", (-2, 5)),
            ("last month", (-44, -14)),
            ("this year", (-135, 231)),
            ("what broke in the last 10 days", (-10, 1)),
            ("last Tuesday", (-1, 0)),
            ("last Wednesday", (-7, -6)),
            ("on Wednesday", (0, 1)),
            ("on Friday", (-5, -4)),
            ("in May", (-14, 17)),
            ("in June", (-349, -319)),
            ("in June 2024", (17, 47)),
            ("on 5 March 2023", (-437, -436)),
            ("on March 5th, 2023", (-437, -436)),
            ("on March 5", (-71, -70)),
            ("on 20 May", (-361, -360)),
            ("2024-05-14", (-1, 0)),
            ("in 2023", (-500, -135)),
        ] {
            assert_eq!(days(question), Some(expected), "{question}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for question in [
            "",
            "when did we fix the heating?",
            "may I march on?",
            "the last door",
            "5 days",
            "2024-13-01",
            "99999999999999999999 days ago",
            "60000 days ago",
            "in 1950",
        ] {
            assert_eq!(days(question), None, "{question}");
        }
    }

    #[test]
    fn every_day_has_its_date() {
        let mut day = 0;
        for year in 1970..2106 {
            for (month, long) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                .iter()
                .enumerate()
            {
                let leap = month == 1 && year % 4 == 0 && year != 2100;
                let month = month as i32;
                assert_eq!(days_before(year, month), day);
                for _ in 0..long + i32::from(leap) {
                    assert_eq!(month_of(day), (year, month));
                    day += 1;
                }
            }
        }
    }

    #[test]
    fn no_number_overflows() {
        for number in [0, 1, 31, 1969, 2106, i64::MAX] {
            for time in [0, 1, u32::MAX] {
                for phrase in [
                    "{} days ago",
                    "{} years ago",
                    "last {} months",
                    "in {}",
                    "{} May {}",
                ] {
                    let question = phrase.replace("{}", &format!("{number}"));
                    period(&question, Timestamp(time));
                }
            }
        }
    }
}
