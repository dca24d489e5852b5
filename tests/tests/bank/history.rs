//! Random histories, done to a bank and to a list at once.

use super::question::{Question, check_question};
use memt_core::bank::{AddError, Bank, Deletion};
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::overlap::Signature;
use memt_core::retention::REPEAT_COSINE;
use memt_core::slot::{Factor, Facts, Key, Owner, Slot, Timestamp};
use memt_core::write::{Learn, MIN_SIMILARITY, NewMemory, WhenFull, WriteReport};
use memt_tests::quality::cosine;
use memt_tests::random::Random;
use memt_tests::vec_bank::{Memory, VecBank, counted};
use proptest::prelude::*;

pub(crate) const SLOTS: usize = 6;
pub(crate) const TEXT: usize = 48;
pub(crate) const TERMS: usize = 8;

pub(crate) type TestBank = Bank<SLOTS, TEXT, TERMS>;

/// Texts that repeat, share words, are refused, or are in other scripts.
pub(crate) const TEXTS: [&str; 14] = [
    "the valve was replaced",
    "the valve was replaced",
    "valves replace a pump",
    "pump pump pump",
    "Doesn't like coffee",
    "coffee, coffee and walnuts",
    "漢字",
    "cafe\u{301} 👍🏽",
    "of the and",
    "",
    " \u{301}...",
    "one two three four five six seven eight nine ten",
    "a text that is far too long for a slot of forty-eight bytes",
    "red orange yellow green blue indigo violet",
];

/// A memory to be added or imported.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    owner: u64,
    text: usize,
    embedding: u64,
    created: u32,
    importance: u16,
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Add(Draft, bool),
    Forget(u32, u32),
    ForgetAll(Option<u64>, u32),
    Access(u32, u32),
    Replay(u32, u32),
    Import(Draft, Key),
    ImportDeletion(Key, u32),
    Merge(u32, u32),
    RemoveLeast(Option<u64>, u32),
    Settle(u32, u64),
    Reencode(usize, u64),
    Ask(Question),
}

pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..most)
}

fn operation() -> impl Strategy<Value = Operation> {
    let time = || prop_oneof![0..20u32, 0..20_000_000u32, Just(u32::MAX)];
    let foreign = (8..11u32, 0..40u32).prop_map(|(origin, counter)| Key { origin, counter });
    prop_oneof![
        8 => (draft(), any::<bool>()).prop_map(|(draft, evict)| Operation::Add(draft, evict)),
        2 => (0..40u32, time()).prop_map(|(counter, now)| Operation::Forget(counter, now)),
        1 => (prop::option::of(0..3u64), time()).prop_map(|(owner, now)| Operation::ForgetAll(owner, now)),
        2 => (0..40u32, time()).prop_map(|(counter, now)| Operation::Access(counter, now)),
        2 => (0..40u32, time()).prop_map(|(counter, now)| Operation::Replay(counter, now)),
        2 => (draft(), foreign.clone()).prop_map(|(draft, key)| Operation::Import(draft, key)),
        1 => (foreign, time()).prop_map(|(key, now)| Operation::ImportDeletion(key, now)),
        2 => (0..40u32, time()).prop_map(|(counter, now)| Operation::Merge(counter, now)),
        1 => (prop::option::of(0..3u64), time()).prop_map(|(owner, now)| Operation::RemoveLeast(owner, now)),
        1 => (0..40u32, 0..6u64).prop_map(|(counter, embedding)| Operation::Settle(counter, embedding)),
        1 => (0..SLOTS + 1, 0..6u64).prop_map(|(at, embedding)| Operation::Reencode(at, embedding)),
        4 => Question::any(time()).prop_map(Operation::Ask),
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    let created = prop_oneof![0..6u32, 0..20_000_000u32];
    (0..3u64, 0..TEXTS.len(), 0..6u64, created, 0..=8192u16).prop_map(
        |(owner, text, embedding, created, importance)| Draft {
            owner,
            text,
            embedding,
            created,
            importance,
        },
    )
}

/// A few embeddings that recur, the first of them zero.
pub(crate) fn embedding(number: u64) -> Embedding {
    let mut random = Random::new(number);
    match number {
        0 => Embedding::ZERO,
        _ => Embedding(std::array::from_fn(|_| random.between(-127, 127) as i8)),
    }
}

/// A bank and the list that says what it must be.
pub(crate) struct History {
    pub(crate) bank: Box<TestBank>,
    list: VecBank,
}

impl History {
    pub(crate) fn new() -> Self {
        let mut bank = Box::new(TestBank::new());
        bank.set_origin(9);
        bank.bind(Fingerprint(5)).unwrap();
        let mut list = VecBank::default();
        list.next.origin = 9;
        Self { bank, list }
    }

    pub(crate) fn apply(&mut self, operation: &Operation) {
        let key = |counter| Key { origin: 9, counter };
        match operation {
            Operation::Add(draft, evict) => self.add(draft, *evict),
            Operation::Forget(counter, now) => self.forget(key(*counter), *now),
            Operation::ForgetAll(owner, now) => self.forget_all(*owner, *now),
            Operation::Access(counter, now) => self.access(key(*counter), *now),
            Operation::Replay(counter, now) => self.replay(key(*counter), *now),
            Operation::Import(draft, key) => self.import(draft, *key),
            Operation::ImportDeletion(key, now) => self.import_deletion(*key, *now),
            Operation::Merge(counter, now) => self.merge(key(*counter), *now),
            Operation::RemoveLeast(owner, now) => self.remove_least(*owner, *now),
            Operation::Settle(counter, number) => {
                let embedding = embedding(*number);
                let memory = self.list.find(key(*counter));
                let found = memory.map(|memory| memory.embedding = embedding).is_some();
                assert_eq!(self.bank.settle(key(*counter), &embedding), found);
            }
            Operation::Reencode(at, number) => {
                let embedding = embedding(*number);
                let memory = self.list.memories.get_mut(*at);
                let found = memory.map(|memory| memory.embedding = embedding).is_some();
                assert_eq!(self.bank.reencode(*at, &embedding), found);
            }
            Operation::Ask(question) => check_question(&self.bank, &self.list, question),
        }
    }

    fn add(&mut self, draft: &Draft, evict: bool) {
        let embedding = embedding(draft.embedding);
        let memory = NewMemory {
            owner: Owner(draft.owner),
            text: TEXTS[draft.text],
            embedding: &embedding,
            created: Timestamp(draft.created),
            importance: Factor(draft.importance),
        };
        let when_full = if evict {
            WhenFull::Evict
        } else {
            WhenFull::Refuse
        };
        let result = self.bank.add(&memory, when_full);
        match refusal(memory.text, self.list.memories.len(), evict) {
            Some(refused) => assert_eq!(result, Err(refused)),
            None => self.added(draft, &result.unwrap()),
        }
    }

    fn added(&mut self, draft: &Draft, report: &WriteReport) {
        assert_eq!(report.key, self.list.next, "keys count up");
        self.list.next.counter += 1;
        assert_eq!(report.evicted.is_some(), self.list.memories.len() == SLOTS);
        if let Some(evicted) = report.evicted {
            self.assert_least_retained(evicted, None, draft.created);
            self.list.remove(|memory| memory.key == evicted);
        }
        let memory = memory(draft, report.key);
        self.check_verification(&memory, report);
        self.list.insert(memory);
    }

    /// The evicted memory is the least retained of an owner or of all, and the oldest of equals.
    fn assert_least_retained(&self, evicted: Key, owner: Option<u64>, now: u32) {
        let retention = |memory: &Memory| memory.retention(now);
        let gone = self
            .list
            .memories
            .iter()
            .find(|memory| memory.key == evicted);
        let gone = gone.expect("only a memory that was there can go");
        for other in self.list.owned_by(owner) {
            let (gone_worth, worth) = (retention(gone), retention(other));
            assert!(
                gone_worth <= worth * (1.0 + 1e-5),
                "{gone:?} went, {other:?} was worth less"
            );
            let equal = (gone.importance, gone.accessed, gone.accesses, gone.created)
                == (
                    other.importance,
                    other.accessed,
                    other.accesses,
                    other.created,
                );
            assert!(!equal || gone.key <= other.key, "the older of equals goes");
        }
    }

    fn check_verification(&self, memory: &Memory, report: &WriteReport) {
        let verification = report.verification;
        let own = cosine(&memory.embedding, &memory.embedding);
        let others = self.list.owned_by(Some(memory.owner));
        let cosines: Vec<f64> = others
            .iter()
            .map(|other| cosine(&memory.embedding, &other.embedding))
            .collect();
        let rival = cosines.iter().copied().reduce(f64::max).unwrap_or(0.0);
        assert!((f64::from(verification.similarity.to_f32()) - own).abs() < 2e-4);
        assert!((f64::from(verification.rival.to_f32()) - rival).abs() < 2e-4);
        let verified = own > rival + 1e-6 && own >= f64::from(MIN_SIMILARITY);
        assert_eq!(verification.verified, verified);
    }

    fn forget(&mut self, key: Key, now: u32) {
        let gone = self.list.remove(|memory| memory.key == key);
        assert_eq!(self.bank.forget(key, Timestamp(now)), !gone.is_empty());
        gone.iter()
            .for_each(|&key| self.list.note_deletion(key, now));
    }

    fn forget_all(&mut self, owner: Option<u64>, now: u32) {
        let gone = self
            .list
            .remove(|memory| owner.is_none_or(|owner| memory.owner == owner));
        assert_eq!(
            self.bank.forget_all(owner.map(Owner), Timestamp(now)),
            gone.len()
        );
        gone.iter()
            .for_each(|&key| self.list.note_deletion(key, now));
    }

    fn access(&mut self, key: Key, now: u32) {
        let found = self.list.find(key).map(|memory| {
            memory.accesses += 1;
            memory.accessed = memory.accessed.max(now);
        });
        assert_eq!(
            self.bank.record_access(key, Timestamp(now)),
            found.is_some()
        );
    }

    fn replay(&mut self, key: Key, now: u32) {
        let found = self.list.find(key).map(|memory| {
            memory.strength = (memory.strength * 102).div_ceil(100).min(8192);
            memory.importance = (memory.importance * 101).div_ceil(100).min(8192);
            memory.accessed = memory.accessed.max(now);
        });
        assert_eq!(self.bank.replay(key, Timestamp(now)), found.is_some());
    }

    /// The oldest memory of the same owner that says nothing more goes, and what it had earned stays.
    fn merge(&mut self, key: Key, now: u32) {
        let merged = self.bank.merge_repeated(key, Timestamp(now));
        let repeated = self.list.find(key).cloned().and_then(|newer| {
            let of_owner = self.list.owned_by(Some(newer.owner));
            let mut older = of_owner.into_iter();
            older.find(|older| repeats(&newer, older)).cloned()
        });
        assert_eq!(merged, repeated.as_ref().map(|older| older.key));
        let (Some(older), Some(newer)) = (repeated, self.list.find(key)) else {
            return;
        };
        let strength = newer.strength + older.strength.saturating_sub(4096);
        newer.strength = strength.min(8192.max(newer.strength));
        newer.importance = newer.importance.max(older.importance);
        newer.accesses += older.accesses;
        newer.accessed = newer.accessed.max(older.accessed);
        self.list.remove(|memory| memory.key == older.key);
        self.list.note_deletion(older.key, now);
    }

    fn remove_least(&mut self, owner: Option<u64>, now: u32) {
        let removed = self.bank.remove_least(owner.map(Owner), Timestamp(now));
        assert_eq!(removed.is_none(), self.list.owned_by(owner).is_empty());
        if let Some(key) = removed {
            self.assert_least_retained(key, owner, now);
            self.list.remove(|memory| memory.key == key);
            self.list.note_deletion(key, now);
        }
    }

    fn import(&mut self, draft: &Draft, key: Key) {
        let Ok(slot) = slot(draft, key) else {
            return;
        };
        let known = self.list.deletions.iter().any(|deletion| deletion.0 == key)
            || self.list.find(key).is_some();
        let expected = match (known, self.list.memories.len()) {
            (true, _) => Ok(false),
            (false, SLOTS) => Err(AddError::Full { capacity: SLOTS }),
            (false, _) => Ok(true),
        };
        assert_eq!(self.bank.import(slot), expected);
        if expected == Ok(true) {
            self.list.insert(memory(draft, key));
            self.list.note_foreign(key);
        }
    }

    fn import_deletion(&mut self, key: Key, now: u32) {
        let time = Timestamp(now);
        self.bank.import_deletion(Deletion { key, time });
        if self
            .list
            .find(key)
            .is_some_and(|memory| memory.created > now)
        {
            return;
        }
        self.list.remove(|memory| memory.key == key);
        if !self.list.deletions.iter().any(|deletion| deletion.0 == key) {
            self.list.note_deletion(key, now);
        }
        self.list.note_foreign(key);
    }

    /// Everything that a bank shows.
    pub(crate) fn compare(&self) {
        for owner in [None, Some(0), Some(1), Some(2)] {
            let expected = self.list.owned_by(owner);
            let slots: Vec<_> = self.bank.owned_by(owner.map(Owner)).collect();
            assert_eq!(slots.len(), expected.len());
            for (slot, memory) in slots.iter().zip(&expected) {
                assert!(memory.is(*slot), "{slot:?} is not {memory:?}");
            }
            let statistics = self.bank.statistics(owner.map(Owner));
            let created = || expected.iter().map(|memory| Timestamp(memory.created));
            assert_eq!(statistics.memories, expected.len());
            assert_eq!(
                statistics.text_bytes,
                expected.iter().map(|m| m.text.len()).sum::<usize>()
            );
            assert_eq!(
                statistics.accesses,
                expected.iter().map(|m| u64::from(m.accesses)).sum::<u64>()
            );
            assert_eq!(
                (statistics.oldest, statistics.newest),
                (created().min(), created().max())
            );
        }
        for memory in &self.list.memories {
            assert!(memory.is(self.bank.get(memory.key).unwrap()));
        }
        assert!(self.bank.get(self.list.next).is_none());
        let deletions = self
            .bank
            .deletions()
            .map(|deletion| (deletion.key, deletion.time.0));
        assert!(deletions.eq(self.list.deletions.iter().copied()));
        assert_eq!(self.bank.lost_deletions(), self.list.lost_deletions);
        assert_eq!(
            (self.bank.len(), self.bank.capacity()),
            (self.list.memories.len(), SLOTS)
        );
        assert_eq!(self.bank.is_empty(), self.list.memories.is_empty());
    }
}

/// Whether `newer` is written later, has every term of `older` and lies near it.
fn repeats(newer: &Memory, older: &Memory) -> bool {
    let terms = counted(&newer.text);
    (older.created, older.key) < (newer.created, newer.key)
        && counted(&older.text)
            .keys()
            .all(|term| terms.contains_key(term))
        && cosine(&newer.embedding, &older.embedding) >= f64::from(REPEAT_COSINE)
}

/// Why a bank with `taken` slots must refuse a text.
fn refusal(text: &str, taken: usize, evict: bool) -> Option<AddError> {
    let has_words = text.chars().any(char::is_alphanumeric);
    if !has_words {
        return Some(AddError::EmptyText);
    }
    if text.len() > TEXT {
        return Some(AddError::TextTooLong {
            bytes: text.len(),
            capacity: TEXT,
        });
    }
    if counted(text).len() > TERMS {
        let too_many = Signature::<TERMS>::of(text).unwrap_err();
        assert_eq!((too_many.terms, too_many.capacity), (TERMS + 1, TERMS));
        return Some(AddError::TooManyTerms(too_many));
    }
    (taken == SLOTS && !evict).then_some(AddError::Full { capacity: SLOTS })
}

fn memory(draft: &Draft, key: Key) -> Memory {
    Memory {
        key,
        owner: draft.owner,
        text: TEXTS[draft.text].to_owned(),
        embedding: embedding(draft.embedding),
        created: draft.created,
        accessed: draft.created,
        accesses: 0,
        strength: 4096,
        importance: draft.importance.into(),
    }
}

fn slot(draft: &Draft, key: Key) -> Result<Slot<TEXT, TERMS>, ()> {
    let embedding = embedding(draft.embedding);
    Ok(Slot {
        facts: Facts {
            key,
            owner: Owner(draft.owner),
            created: Timestamp(draft.created),
            accessed: Timestamp(draft.created),
            accesses: 0,
            strength: Factor::ONE,
            importance: Factor(draft.importance),
        },
        text: TEXTS[draft.text].try_into().map_err(|_| ())?,
        embedding,
        squared_norm: embedding.squared_norm(),
        signature: Signature::of(TEXTS[draft.text]).map_err(|_| ())?,
    })
}
