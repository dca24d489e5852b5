//! The time of day on a board that may have no clock.

use memt_core::slot::Timestamp;

/// Seconds since 1970, from a start that is set or guessed and the board's milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    /// The time when `since` was read.
    base: Timestamp,
    since: u64,
    milliseconds: u64,
    set: bool,
}

impl Time {
    /// Begins at the newest time that the memories know, so that new ones are younger.
    pub(crate) fn starting_at(newest: Timestamp, milliseconds: u64) -> Self {
        Self {
            base: newest,
            since: milliseconds,
            milliseconds,
            set: false,
        }
    }

    /// Notes how long the board has been running.
    pub(crate) fn advance(&mut self, milliseconds: u64) {
        self.milliseconds = self.milliseconds.max(milliseconds);
    }

    pub(crate) fn milliseconds(&self) -> u64 {
        self.milliseconds
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = (self.milliseconds - self.since) / 1000;
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        Timestamp(self.base.0.saturating_add(passed))
    }

    pub(crate) fn set(&mut self, now: Timestamp) {
        self.base = now;
        self.since = self.milliseconds;
        self.set = true;
    }

    /// Whether the time was set since the start.
    pub(crate) fn is_set(&self) -> bool {
        self.set
    }
}
