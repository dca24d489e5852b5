//! Which memory goes when there is no room.

use super::{Random, Way};
use memt_core::retention::retention;
use memt_core::slot::{Facts, Key, Timestamp};

/// A way to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The least retained.
    Retention,
    /// The same, and each new memory is merged with those that it repeats.
    Merging,
    /// The same, and what was read is replayed now and then.
    Replaying,
    /// The same as the first, of memories that are written directly instead of by the loop.
    Direct,
    /// The one that was not read or written for the longest time.
    LeastRecent,
    /// The one that was read least often, the older of equals.
    LeastFrequent,
    /// The oldest.
    Oldest,
    /// Any.
    Random,
    /// The least `importance + 2^(-idle / 30 days) + ln(1 + accesses) / 8`: a sum, as retention is in
    /// the published design.
    Sum,
    /// The one that will be asked for least often, which nobody can know.
    Oracle,
}

impl Policy {
    /// All of them, the shipped one first.
    pub const ALL: [Self; 10] = [
        Self::Retention,
        Self::Merging,
        Self::Replaying,
        Self::Direct,
        Self::LeastRecent,
        Self::LeastFrequent,
        Self::Oldest,
        Self::Random,
        Self::Sum,
        Self::Oracle,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Merging => "retention, merging",
            Self::Replaying => "retention, replay",
            Self::Direct => "retention, direct",
            Self::LeastRecent => "LRU",
            Self::LeastFrequent => "LFU",
            Self::Oldest => "oldest first",
            Self::Random => "random",
            Self::Sum => "sum",
            Self::Oracle => "oracle",
        }
    }

    /// How memories are written.
    pub(super) const fn way(self) -> Way {
        match self {
            Self::Direct => Way::Direct,
            _ => Way::Loop,
        }
    }

    /// The memory that goes: the least by this way, the first of equals. `future` says how often one will
    /// be asked for.
    pub(super) fn victim<'f>(
        self,
        memories: impl Iterator<Item = &'f Facts>,
        now: Timestamp,
        random: &mut Random,
        future: impl Fn(Key) -> usize,
    ) -> Option<Key> {
        let worth = |facts: &Facts| match self {
            Self::Retention | Self::Merging | Self::Replaying | Self::Direct => {
                f64::from(retention(facts, now))
            }
            Self::LeastRecent => f64::from(facts.accessed.max(facts.created).0),
            Self::LeastFrequent => f64::from(facts.accesses),
            Self::Oldest => f64::from(facts.created.0),
            Self::Random => random.share(),
            Self::Sum => sum(facts, now),
            Self::Oracle => future(facts.key) as f64,
        };
        let mut worth = worth;
        let worths = memories.map(|facts| (worth(facts), facts.key));
        worths
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|least| least.1)
    }
}

fn sum(facts: &Facts, now: Timestamp) -> f64 {
    let idle = now.0.saturating_sub(facts.accessed.max(facts.created).0);
    let recency = (-f64::from(idle) / (30.0 * 86_400.0)).exp2();
    f64::from(facts.importance.to_f32()) + recency + f64::from(facts.accesses).ln_1p() / 8.0
}
