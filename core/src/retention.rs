//! How much a memory deserves to stay, and when one repeats another.

use crate::embedding::Cosine;
use crate::slot::{Factor, Facts, Key, SlotView, Timestamp};

/// Likeness from which a memory may repeat an older one: 0.85.
pub const REPEAT_COSINE: f32 = 0.85;

/// The retention of a slot at a time: `importance (1 + accesses) / sqrt(age idle)`, where `age` is the
/// time since it was written and `idle` the time since it was last read or written, each in seconds and
/// one more.
///
/// How often a memory was read in its age estimates how often it will be (hyperbolic caching: Blankstein,
/// Sen and Freedman, "Hyperbolic Caching", 2017, section 3), and long silence says that its time is over;
/// the geometric mean of both is what the odd lives of `memt eval --pressure` prefer. No unit of time
/// matters: a bank that fills in a day forgets as one that fills in years.
pub fn retention(facts: &Facts, now: Timestamp) -> f32 {
    let since = |time: Timestamp| now.0.saturating_sub(time.0) as f32 + 1.0;
    let (age, idle) = (
        since(facts.created),
        since(facts.accessed.max(facts.created)),
    );
    let uses = 1.0 + facts.accesses as f32;
    facts.importance.to_f32() * uses / libm::sqrtf(age * idle)
}

/// The memory of least retention, the older of equals.
pub fn least_retained<'s>(
    memories: impl Iterator<Item = SlotView<'s>>,
    now: Timestamp,
) -> Option<Key> {
    memories
        .map(|slot| (retention(slot.facts, now), slot.facts.key))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key)
}

/// Whether `newer` says all that `older` does: of the same owner, written later, with likeness of at
/// least [`REPEAT_COSINE`] and every term of the older one. Near-duplicates that differ in a word
/// are kept apart, since each has a term that the other lacks.
pub fn repeats(newer: SlotView<'_>, older: SlotView<'_>) -> bool {
    let (new, old) = (newer.facts, older.facts);
    if new.owner != old.owner || older.age_order() >= newer.age_order() {
        return false;
    }
    let mut terms = older.terms.hashes.iter();
    terms.all(|&hash| newer.terms.count(hash) > 0) && {
        let dot = newer.embedding.dot(older.embedding);
        Cosine::of(dot, newer.root(), older.root()).to_f32() >= REPEAT_COSINE
    }
}

/// Adds to a memory what another one had earned: strength beyond one and accesses add, the greater
/// importance and the later access stay. The text stays.
pub fn merge(survivor: &mut Facts, other: &Facts) {
    let beyond = other.strength.0.saturating_sub(Factor::ONE.0);
    let strength = survivor.strength.0.saturating_add(beyond);
    survivor.strength = Factor(strength.min(Factor::MAX.0.max(survivor.strength.0)));
    survivor.importance = survivor.importance.max(other.importance);
    survivor.accesses = survivor.accesses.saturating_add(other.accesses);
    survivor.accessed = survivor.accessed.max(other.accessed);
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
    fn retention_is_the_formula() {
        let mut read = facts();
        record_access(&mut read, Timestamp(1_000_080));
        let expected = 2.0 / (101.0 * 21.0_f32).sqrt();
        assert!((retention(&read, Timestamp(1_000_100)) - expected).abs() < 1e-6);
        let mut cared = read;
        cared.importance = Factor::MAX;
        assert!((retention(&cared, Timestamp(1_000_100)) - 2.0 * expected).abs() < 1e-6);
        assert_eq!(retention(&facts(), Timestamp(0)), 1.0);
        assert_eq!(retention(&facts(), facts().created), 1.0);
    }

    #[test]
    fn what_is_read_outlives_what_is_new_for_a_while() {
        let mut read = facts();
        for day in 1..=5 {
            record_access(&mut read, Timestamp(1_000_000 + day * 86_400));
        }
        let new = Facts {
            created: Timestamp(1_000_000 + 10 * 86_400),
            ..facts()
        };
        let after = |days: u32| Timestamp(1_000_000 + (10 + days) * 86_400);
        assert!(retention(&new, after(0)) > retention(&read, after(0)));
        assert!(retention(&new, after(3)) < retention(&read, after(3)));
    }

    #[test]
    fn no_time_overflows() {
        let mut old = facts();
        (old.created, old.accessed, old.accesses) = (Timestamp(0), Timestamp(0), u32::MAX);
        let retained = retention(&old, Timestamp(u32::MAX));
        assert!((retained - 1.0).abs() < 1e-6);
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

    #[test]
    fn only_what_is_said_again_is_repeated() {
        use crate::embedding::Embedding;
        use crate::overlap::Signature;
        let embedding = Embedding([1; 128]);
        let view = |text: &'static str, facts: &'static Facts| {
            let signature = std::boxed::Box::leak(std::boxed::Box::new(Signature::<8>::of(text)));
            SlotView {
                facts,
                text,
                embedding: std::boxed::Box::leak(std::boxed::Box::new(embedding)),
                squared_norm: 128,
                terms: signature.as_ref().unwrap().as_terms(),
            }
        };
        let at = |time| {
            let facts = Facts {
                created: Timestamp(time),
                ..facts()
            };
            &*std::boxed::Box::leak(std::boxed::Box::new(facts))
        };
        let old = view("the red valve leaks", at(1));
        assert!(repeats(view("the red valve leaks again", at(2)), old));
        assert!(!repeats(view("the blue valve leaks", at(2)), old));
        assert!(!repeats(old, view("the red valve leaks", at(1))));
        assert!(!repeats(view("the red valve leaks", at(0)), old));
    }

    #[test]
    fn merging_adds_strength_and_keeps_the_cap() {
        let mut survivor = facts();
        let mut other = facts();
        replay(&mut other, Timestamp(5));
        record_access(&mut other, Timestamp(2_000_000));
        merge(&mut survivor, &other);
        assert_eq!(survivor.strength, other.strength);
        assert_eq!((survivor.accesses, survivor.accessed), (1, other.accessed));
        other.strength = Factor::MAX;
        merge(&mut survivor, &other);
        assert_eq!(survivor.strength, Factor::MAX);
    }
}
