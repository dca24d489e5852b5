//! How much memory a bank takes, by what it keeps: text, embedding, terms with counts, and facts, of memories of
//! nine words as frequent as those of texts.

use super::*;

fn payload_of(bank: &Bank) -> usize {
    let slots = bank.owned_by(None);
    let bytes = slots.map(|slot| {
        let terms = slot.terms.hashes.len() * 5;
        slot.text.len() + DIMENSIONS + terms + size_of_val(slot.facts)
    });
    bytes.sum()
}

/// What a bank takes by what it keeps, once it has been asked: what questions make is kept.
fn times(bank: &Bank, name: &str) -> f64 {
    let options = QueryOptions::of_owner(Owner(1));
    bank.query("1a 2b", &Numbers::of(6).embedding(), &options, 10)
        .unwrap();
    let (bytes, payload) = (bank.bytes(), payload_of(bank));
    assert!(bytes > payload);
    let times = bytes as f64 / payload as f64;
    println!("{name}: {bytes} of {payload}, {times:.3}");
    times
}

fn empty() -> Bank {
    let mut bank = Bank::new();
    bank.bind(Fingerprint(7)).unwrap();
    bank
}

fn write(bank: &mut Bank, numbers: &mut Numbers, owner: u64, time: u32) {
    let embedding = numbers.embedding();
    let word = |_| {
        let share = numbers.below(1 << 20) as f64 / f64::from(1 << 20);
        format!("{:x}", f64::powf(5e4, share) as u32)
    };
    let words: Vec<String> = (0..9).map(word).collect();
    let memory = NewMemory {
        owner: Owner(owner),
        text: &words.join(" "),
        embedding: &embedding,
        created: Timestamp(time),
        importance: Factor::ONE,
    };
    bank.write(OwnedSlot::of(&memory, b"").unwrap()).unwrap();
}

#[test]
fn one_owner_takes_little_more_than_what_is_kept() {
    let (mut numbers, mut bank) = (Numbers::of(5), empty());
    for number in 1..=20_000 {
        write(&mut bank, &mut numbers, 1, number);
        // Beyond whole blocks, where least is wasted, and where vectors have just grown.
        if [100, 1_000, 4_000, 4_100, 9_000, 20_000].contains(&number) {
            let times = times(&bank, &format!("{number} memories"));
            assert!(times <= 1.3, "{number} memories: {times}");
        }
    }
}

#[test]
fn many_small_owners_take_little_more_than_what_is_kept() {
    const OWNERS: u64 = 1_000;
    let (mut numbers, mut bank) = (Numbers::of(5), empty());
    for number in 0..10 * OWNERS {
        write(&mut bank, &mut numbers, number % OWNERS, number as u32);
    }
    let times = times(&bank, "1,000 owners of ten");
    assert!(times <= 1.3, "{times}");
}

/// Rows that were forgotten are given back when they are more than an eighth of those that are left.
#[test]
fn forgotten_memories_take_an_eighth_at_most() {
    let (mut numbers, mut bank) = (Numbers::of(5), empty());
    (0..20_000).for_each(|number| write(&mut bank, &mut numbers, 1, number));
    let mut most = 0.0f64;
    let keys = bank.keys_of(None);
    for round in 0..10_000 {
        // Every key comes once: 7,919 is a prime.
        let key = keys[round * 7_919 % keys.len()];
        assert!(bank.forget(key, Timestamp(0)));
        if round % 500 == 499 {
            most = most.max(times(&bank, &format!("{} left", bank.len())));
        }
    }
    assert!(most <= 1.3 * 1.125, "{most}");
    assert!(most > 1.3, "{most}: nothing waits to be given back");
}
