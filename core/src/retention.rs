//! How much a memory deserves to stay.

use crate::slot::{Factor, Facts, Timestamp};

/// Age in seconds after which recency counts half: 30 days.
pub const HALF_LIFE: f32 = 30.0 * 86_400.0;

/// The retention of a slot at a time: `importance + 2^(-idle / half-life) + ln(1 + accesses) / 8`,
/// where `idle` is the time since it was last read or written.
pub fn retention(facts: &Facts, now: Timestamp) -> f32 {
    let last = facts.accessed.max(facts.created);
    let idle = now.0.saturating_sub(last.0) as f32;
    let recency = libm::exp2f(-idle / HALF_LIFE);
    let access = libm::logf(1.0 + facts.accesses as f32) * 0.125;
    facts.importance.to_f32() + recency + access
}

/// Notes that a memory was read.
pub fn record_access(facts: &mut Facts, now: Timestamp) {
    facts.accesses = facts.accesses.saturating_add(1);
    facts.accessed = facts.accessed.max(now);
}

/// Rehearses a memory: strength x 1.02, importance x 1.01, both capped at [`Factor::MAX`].
pub fn replay(facts: &mut Facts, now: Timestamp) {
    facts.strength = grow(facts.strength, 102);
    facts.importance = grow(facts.importance, 101);
    facts.accessed = facts.accessed.max(now);
}

/// `factor x percent / 100`, rounded up so that a small factor grows too, capped.
fn grow(factor: Factor, percent: u32) -> Factor {
    let grown = (u32::from(factor.0) * percent).div_ceil(100);
    Factor(grown.min(u32::from(Factor::MAX.0)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::{Key, Owner};

    fn facts() -> Facts {
        Facts {
            key: Key::default(),
            owner: Owner(0),
            created: Timestamp(1_000_000),
            accessed: Timestamp(1_000_000),
            accesses: 0,
            strength: Factor::ONE,
            importance: Factor::ONE,
        }
    }

    #[test]
    fn recency_halves_in_its_half_life() {
        let now = Timestamp(1_000_000 + 30 * 86_400);
        assert!((retention(&facts(), facts().created) - 2.0).abs() < 1e-6);
        assert!((retention(&facts(), now) - 1.5).abs() < 1e-6);
        assert!((retention(&facts(), Timestamp(0)) - 2.0).abs() < 1e-6);
    }

    #[test]
    fn access_and_importance_count() {
        let mut read = facts();
        record_access(&mut read, Timestamp(1_000_000));
        assert!(retention(&read, facts().created) > retention(&facts(), facts().created));
        let mut cared = facts();
        cared.importance = Factor::MAX;
        assert!((retention(&cared, facts().created) - 3.0).abs() < 1e-6);
    }

    #[test]
    fn replay_strengthens_up_to_the_cap() {
        let mut rehearsed = facts();
        replay(&mut rehearsed, Timestamp(2_000_000));
        assert_eq!(rehearsed.strength, Factor(4178));
        assert_eq!(rehearsed.importance, Factor(4137));
        assert_eq!(rehearsed.accessed, Timestamp(2_000_000));
        for _ in 0..200 {
            replay(&mut rehearsed, Timestamp(0));
        }
        assert_eq!(
            (rehearsed.strength, rehearsed.importance),
            (Factor::MAX, Factor::MAX)
        );
        assert_eq!(rehearsed.accessed, Timestamp(2_000_000));
    }
}
