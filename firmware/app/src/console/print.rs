//! How a person reads memories and times.

use crate::display::angle_degrees;
use core::fmt::{Display, Formatter, Result, Write};
use memt_core::query::Hit;
use memt_core::slot::{SlotView, Timestamp};

/// A stored text: control characters escaped, since a terminal would obey them.
pub(super) struct Shown<'t>(pub(super) &'t str);

impl Display for Shown<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        for character in self.0.chars() {
            match character.is_control() {
                true => write!(formatter, "{}", character.escape_default())?,
                false => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// `2023-05-08 13:56:00`, UTC.
pub(super) struct Date(pub(super) Timestamp);

impl Display for Date {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let (days, seconds) = (self.0.0 / 86_400, self.0.0 % 86_400);
        // Howard Hinnant, "chrono-compatible low-level date algorithms": civil_from_days, for years
        // that begin in March and days after 1970.
        let shifted = days + 719_468;
        let (era, day) = (shifted / 146_097, shifted % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 {
            (month + 3, 0)
        } else {
            (month - 9, 1)
        };
        let year = 400 * era + year + next;
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(
            formatter,
            "{year}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}"
        )
    }
}

/// A hit: score in percent, angle between the embeddings, key.
pub(super) fn hit(hit: &Hit, slot: SlotView<'_>, out: &mut impl Write) -> Result {
    let percent = (100.0 * hit.score.total + 0.5) as u32;
    let degrees = (angle_degrees(hit.score.cosine) + 0.5) as u32;
    let (key, text) = (hit.key, Shown(slot.text));
    write!(out, "{percent:3} %  {degrees:3} deg  {key}  {text}\r\n")
}

/// A memory in a list.
pub(super) fn listed(slot: SlotView<'_>, out: &mut impl Write) -> Result {
    let (key, created, text) = (slot.facts.key, Date(slot.facts.created), Shown(slot.text));
    write!(out, "{key}  {created}  {text}\r\n")
}

/// A memory with everything about it.
pub(super) fn whole(slot: SlotView<'_>, out: &mut impl Write) -> Result {
    let facts = slot.facts;
    let thousandths = |factor: u16| u32::from(factor) * 1000 / 4096;
    let [strength, importance] = [facts.strength.0, facts.importance.0].map(thousandths);
    write!(out, "{}\r\n", Shown(slot.text))?;
    write!(out, "  key {}, owner {}\r\n", facts.key, facts.owner.0)?;
    write!(
        out,
        "  written {}, last read {}, read {} times\r\n",
        Date(facts.created),
        Date(facts.accessed),
        facts.accesses
    )?;
    write!(
        out,
        "  strength {}.{:03}, importance {}.{:03}\r\n",
        strength / 1000,
        strength % 1000,
        importance / 1000,
        importance % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_683_554_160, "2023-05-08 13:56:00"),
            (1_709_251_199, "2024-02-29 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (u32::MAX, "2106-02-07 06:28:15"),
        ] {
            assert_eq!(Date(Timestamp(seconds)).to_string(), date);
        }
    }

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(Shown("a\u{1b}[2J\r\n").to_string(), "a\\u{1b}[2J\\r\\n");
    }
}
