//! The growable bank against core's static one.

use super::*;
use memt_core::bank::Bank as StaticBank;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::Factor;
use memt_core::write::{Learn, NewMemory, Rivals, WhenFull};
use memt_eval::Random;

mod memory;

type Device = StaticBank<128, 128, 32>;

/// What texts and embeddings are made of.
struct Numbers(Random);

impl Numbers {
    fn of(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0.bits() % limit
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 10] = [
            "boiler", "valves", "red", "Tuesday", "the", "pump", "漢字", "garden", "keys", "café",
        ];
        let words = 1 + self.below(7);
        let chosen: Vec<&str> = (0..words).map(|_| WORDS[self.below(10) as usize]).collect();
        chosen.join(" ")
    }

    /// One of few embeddings, so that ties occur.
    fn embedding(&mut self) -> Embedding {
        let mut own = Numbers::of(self.below(12));
        let mut sums = [0; DIMENSIONS];
        sums.fill_with(|| own.below(2001) as i32 - 1000);
        Embedding::of_sums(&sums)
    }

    fn options(&mut self) -> QueryOptions {
        QueryOptions {
            owner: [None, Some(Owner(0)), Some(Owner(1))][self.below(3) as usize],
            mode: [Mode::Fused, Mode::Dense, Mode::Lexical][self.below(3) as usize],
            min_score: [0.0, 0.3][self.below(2) as usize],
            recency: [None, Some(Timestamp(3_000_000))][self.below(2) as usize],
            times: [None, Some(Timestamp(3_000_000))][self.below(2) as usize],
            neighbours: self.below(2) == 0,
        }
    }
}

/// Both banks, and every key given so far.
struct Pair {
    host: Bank,
    device: Box<Device>,
    keys: Vec<Key>,
}

impl Pair {
    fn new() -> Self {
        let (mut host, mut device) = (Bank::new(), Box::new(Device::new()));
        host.bind(Fingerprint(7)).unwrap();
        device.bind(Fingerprint(7)).unwrap();
        host.set_origin(9);
        device.set_origin(9);
        Self {
            host,
            device,
            keys: Vec::new(),
        }
    }

    fn add(&mut self, numbers: &mut Numbers) {
        let (text, embedding) = (numbers.text(), numbers.embedding());
        let memory = NewMemory {
            owner: Owner(numbers.below(2)),
            text: &text,
            embedding: &embedding,
            created: Timestamp(numbers.below(40) as u32 * 100_000),
            importance: Factor::ONE,
        };
        let device = self.device.add(&memory, WhenFull::Refuse);
        let full = matches!(device, Err(AddError::Full { .. }));
        if !full {
            let host = OwnedSlot::of(&memory, b"").and_then(|slot| self.host.add(slot));
            assert_eq!(host, device);
            self.keys.extend(host.map(|report| report.key));
        }
    }

    fn change(&mut self, numbers: &mut Numbers) {
        if self.keys.is_empty() {
            return;
        }
        let key = self.keys[numbers.below(self.keys.len() as u64) as usize];
        let now = Timestamp(numbers.below(5_000_000) as u32);
        let (host, device) = match numbers.below(4) {
            0 => (
                self.host.record_access(key, now),
                self.device.record_access(key, now),
            ),
            1 => (self.host.replay(key, now), self.device.replay(key, now)),
            2 => (self.host.forget(key, now), self.device.forget(key, now)),
            _ if numbers.below(40) == 0 => {
                let owner = Some(Owner(numbers.below(2)));
                let host = self.host.forget_all(owner, now);
                assert_eq!(host, self.device.forget_all(owner, now));
                return;
            }
            _ => return,
        };
        assert_eq!(host, device);
    }

    fn ask(&self, numbers: &mut Numbers) {
        let (text, embedding, options) = (numbers.text(), numbers.embedding(), numbers.options());
        let mut expected = [Hit::default(); 128];
        let top_k = numbers.below(129) as usize;
        let room = &mut expected[..top_k];
        let found = self.device.query(&text, &embedding, &options, room);
        let hits = self.host.query(&text, &embedding, &options, top_k);
        assert_eq!(
            hits.as_deref(),
            found
                .map(|found| &expected[..found])
                .as_ref()
                .map(|hits| *hits)
        );
    }

    fn compare(&self) {
        assert_eq!(self.host.len(), self.device.len());
        for owner in [None, Some(Owner(0)), Some(Owner(1))] {
            assert_eq!(self.host.statistics(owner), self.device.statistics(owner));
            let pairs = self.host.owned_by(owner).zip(self.device.owned_by(owner));
            for (host, device) in pairs {
                assert_eq!(host.facts, device.facts);
                assert_eq!((host.text, host.terms), (device.text, device.terms));
                assert_eq!(host.squared_norm, device.squared_norm);
                let found = self.host.get(host.facts.key).unwrap();
                assert_eq!(found.text, host.text);
            }
        }
        let remembered: Vec<_> = self.host.deletions().collect();
        assert!(
            self.device
                .deletions()
                .all(|deletion| remembered.contains(&deletion))
        );
    }
}

#[test]
fn answers_as_the_static_bank_does() {
    let mut numbers = Numbers::of(1);
    let mut pair = Pair::new();
    for round in 0..4000 {
        match numbers.below(8) {
            0..=2 => pair.add(&mut numbers),
            3..=4 => pair.change(&mut numbers),
            _ => pair.ask(&mut numbers),
        }
        if round % 100 == 0 {
            pair.compare();
        }
    }
    assert!(pair.keys.len() > 400, "{}", pair.keys.len());
}

#[test]
fn blocks_change_nothing() {
    let mut numbers = Numbers::of(2);
    let mut bank = Bank::new();
    bank.bind(Fingerprint(7)).unwrap();
    let mut slots = Vec::new();
    for number in 0..5000 {
        let (text, embedding) = (numbers.text(), numbers.embedding());
        let memory = NewMemory {
            owner: Owner(0),
            text: &text,
            embedding: &embedding,
            created: Timestamp(number),
            importance: Factor::ONE,
        };
        let slot = OwnedSlot::of(&memory, b"").unwrap();
        bank.write(slot.clone()).unwrap();
        slots.push(slot);
    }
    // Every embedding is there already, in some block.
    let verification = bank.verify(&slots[4999]);
    assert_eq!(verification.rival, verification.similarity);
    assert!(!verification.verified);
    for round in 0..60 {
        let (text, embedding) = (numbers.text(), numbers.embedding());
        let options = QueryOptions {
            owner: Some(Owner(0)),
            neighbours: false,
            min_score: 0.0,
            ..numbers.options()
        };
        // All hits are scored one by one, few are looked for among bounds.
        let all = bank.query(&text, &embedding, &options, 5000).unwrap();
        assert_eq!(all.len(), bank.len());
        assert!(all.is_sorted_by(|a, b| a.order(b).is_lt()));
        for top_k in [1, 10, 300] {
            let few = bank.query(&text, &embedding, &options, top_k).unwrap();
            assert_eq!(few, all[..top_k]);
            let enough = QueryOptions {
                min_score: all[top_k / 2].score.total,
                ..options
            };
            let enough = bank.query(&text, &embedding, &enough, top_k).unwrap();
            let reaching = |hit: &&Hit| hit.score.total >= all[top_k / 2].score.total;
            let expected: Vec<Hit> = all.iter().filter(reaching).take(top_k).copied().collect();
            assert_eq!(enough, expected);
        }
        let slot = &slots[numbers.below(5000) as usize];
        let own = bank.owned_by(None);
        let verified = memt_core::write::verify(&slot.embedding, &slot.embedding, own);
        assert_eq!(bank.verify(slot), verified);
        let gone = bank.keys_of(None)[numbers.below(bank.len() as u64) as usize];
        match round % 3 {
            0 => assert!(bank.forget(gone, Timestamp(0))),
            1 => assert!(bank.settle(gone, &numbers.embedding())),
            _ => {
                let own = *bank.get(gone).unwrap().embedding;
                let others = bank.owned_by(None).filter(|slot| slot.facts.key != gone);
                let rivals = Rivals::of(&own, bank.get(gone).unwrap().terms, others);
                let found = bank.rivals(gone, &own).unwrap();
                assert_eq!(found.closest, rivals.closest);
                let keys = |rivals: &Rivals<'_>| -> Vec<Key> {
                    rivals.iter().map(|slot| slot.facts.key).collect()
                };
                assert_eq!(keys(&found), keys(&rivals));
            }
        }
    }
}

#[test]
fn removed_rows_are_given_back() {
    let mut numbers = Numbers::of(4);
    let mut pair = Pair::new();
    let embedding = numbers.embedding();
    let long: Vec<String> = (0..200).map(|word| format!("word{word}")).collect();
    for number in 0..2000u32 {
        let text = match number % 7 {
            0 => long[number as usize % 50..].join(" "),
            _ => "a red valve".to_owned(),
        };
        let memory = NewMemory {
            owner: Owner(u64::from(number % 2)),
            text: &text,
            embedding: &embedding,
            created: Timestamp(number / 7 * 11 % 50),
            importance: Factor::ONE,
        };
        let slot = OwnedSlot::of(&memory, &number.to_le_bytes()[..(number % 5) as usize]).unwrap();
        pair.keys.push(pair.host.write(slot).unwrap());
    }
    for &key in &pair.keys {
        if key.counter % 3 > 0 {
            assert!(pair.host.take(key).is_some());
        }
    }
    for &key in &pair.keys {
        let kept = (key.counter % 3 == 0).then_some((key, (key.counter % 5) as usize));
        let found = pair.host.whole(key);
        assert_eq!(
            found.map(|(slot, metadata)| (slot.facts.key, metadata.len())),
            kept
        );
    }
    let absent = memt_core::overlap::terms("word500").next().unwrap();
    for slot in pair.host.owned_by(None) {
        assert_eq!(slot.terms.place(absent), None);
        for (place, &hash) in slot.terms.hashes.iter().enumerate() {
            assert_eq!(slot.terms.place(hash), Some(place));
        }
    }
    for owner in [Owner(0), Owner(1)] {
        let ages = pair.host.owned_by(Some(owner)).map(|slot| slot.age_order());
        assert!(ages.is_sorted_by(|a, b| a < b));
    }
}

#[test]
fn what_is_repeated_is_what_merging_one_by_one_merges() {
    let mut numbers = Numbers::of(11);
    let mut merged = 0;
    for _ in 0..20 {
        let mut pair = Pair::new();
        (0..100).for_each(|_| pair.add(&mut numbers));
        for owner in [None, Some(Owner(1))] {
            let mut one_by_one = pair.host.clone();
            let mut expected = Vec::new();
            for key in one_by_one.keys_of(owner) {
                while let Some(older) = one_by_one.merge_repeated(key, Timestamp(0)) {
                    expected.push((key, older));
                }
            }
            let mut pairs = pair.host.repeated(owner);
            // Owners come one after the other, merging goes by age.
            pairs.sort_by_key(|pair| pair.0);
            expected.sort_by_key(|pair| pair.0);
            assert_eq!(pairs, expected);
            merged += pairs.len();
        }
    }
    assert!(merged > 100, "{merged} merged");
}

#[test]
fn a_deletion_keeps_a_memory_away() {
    let mut numbers = Numbers::of(3);
    let mut pair = Pair::new();
    pair.add(&mut numbers);
    let key = pair.keys[0];
    let slot = pair.host.take(key).unwrap();
    assert!(pair.host.import(slot.clone()));
    assert!(!pair.host.import(slot.clone()));
    assert!(pair.host.forget(key, Timestamp(u32::MAX)));
    assert!(!pair.host.import(slot));
    assert_eq!(pair.host.next_counter(), 1);
}
