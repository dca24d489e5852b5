//! The approximate index finds nearly all that exact answers have, with the same scores, while memories come,
//! change and go.

use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::Fingerprint;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::{Learn, NewMemory};
use memt_eval::Random;
use memt_host::bank::{Bank, OwnedSlot};
use std::collections::HashMap;

const ANNA: Owner = Owner(1);
const MEMORIES: usize = 6_000;
const TOP: usize = 10;

/// What the index has to find of the exact answers. It finds all of them here.
const LEAST_RECALL: f64 = 0.97;

/// A direction near one of 200 subjects, as those of texts lie.
fn embedding(random: &mut Random) -> Embedding {
    let mut subject = Random::new(random.below(200) as u64);
    let mut sums = [0; DIMENSIONS];
    for sum in &mut sums {
        *sum = subject.below(2001) as i32 + random.below(1201) as i32 - 1600;
    }
    Embedding::of_sums(&sums)
}

fn text(random: &mut Random) -> String {
    let word = |random: &mut Random| format!("w{}", random.below(3000));
    let words: Vec<String> = (0..6).map(|_| word(random)).collect();
    words.join(" ")
}

fn write(bank: &mut Bank, text: &str, embedding: &Embedding) -> Key {
    let memory = NewMemory {
        owner: ANNA,
        text,
        embedding,
        created: Timestamp(0),
        importance: Factor::ONE,
    };
    let slot = OwnedSlot::of(&memory, b"").expect("a text with words");
    bank.write(slot).expect("a bound bank")
}

fn filled(random: &mut Random) -> Bank {
    let mut bank = Bank::new();
    bank.bind(Fingerprint(7)).expect("an empty bank");
    for _ in 0..MEMORIES {
        let (text, embedding) = (text(random), embedding(random));
        write(&mut bank, &text, &embedding);
    }
    bank
}

fn ask(bank: &Bank, text: &str, embedding: &Embedding, mode: Mode, top: usize) -> Vec<Hit> {
    let options = QueryOptions {
        mode,
        ..QueryOptions::of_owner(ANNA)
    };
    let hits = bank.query(text, embedding, &options, top);
    hits.expect("a question with words")
}

/// The share of `exact`'s answers that `bank` has too. All of its answers have the scores of `exact`.
fn recall(bank: &Bank, exact: &Bank, random: &mut Random) -> f64 {
    let (mut due, mut found) = (0, 0);
    for _ in 0..60 {
        let (text, embedding) = (text(random), embedding(random));
        for mode in [Mode::Dense, Mode::Fused] {
            let all = ask(exact, &text, &embedding, mode, exact.len());
            let scores: HashMap<Key, Hit> = all.iter().map(|hit| (hit.key, *hit)).collect();
            let hits = ask(bank, &text, &embedding, mode, TOP);
            for hit in &hits {
                assert_eq!(scores.get(&hit.key), Some(hit), "{text}");
            }
            let best = &all[..TOP];
            due += best.len();
            found += best
                .iter()
                .filter(|due| hits.iter().any(|hit| hit.key == due.key))
                .count();
        }
    }
    f64::from(found as u32) / f64::from(due as u32)
}

/// A copy of a bank, which has no index.
fn exact(bank: &Bank) -> Bank {
    let copy = bank.clone();
    assert_eq!(copy.indexed(ANNA), 0);
    copy
}

#[test]
fn finds_what_is_there_with_the_scores_that_it_has() {
    let mut random = Random::new(1);
    let mut bank = filled(&mut random);
    let mut progress = Vec::new();
    bank.approximate(MEMORIES, |done| progress.push(done))
        .expect("an index");
    assert_eq!(bank.indexed(ANNA), MEMORIES);
    assert_eq!(progress.last(), Some(&MEMORIES));
    let recall = recall(&bank, &exact(&bank), &mut random);
    println!("recall@{TOP}: {recall:.4}");
    assert!(recall >= LEAST_RECALL, "{recall}");
}

#[test]
fn follows_what_comes_changes_and_goes() {
    let mut random = Random::new(2);
    let mut bank = filled(&mut random);
    bank.approximate(1, |_| {}).expect("an index");
    // So many go that rows are numbered anew, and some of the rest get other embeddings.
    let keys = bank.keys_of(Some(ANNA));
    for (number, &key) in keys.iter().enumerate() {
        match number % 6 {
            0 => assert!(bank.forget(key, Timestamp(1))),
            1 if number % 5 == 0 => assert!(bank.settle(key, &embedding(&mut random))),
            _ => {}
        }
    }
    assert_eq!(bank.indexed(ANNA), bank.len());
    // What is new is found at once, in the index or not.
    let new = 5_000;
    for number in 0..new {
        let text = format!("{} brandnew{number}", text(&mut random));
        let embedding = embedding(&mut random);
        let key = write(&mut bank, &text, &embedding);
        if number % 500 == 0 {
            let hits = ask(&bank, &text, &embedding, Mode::Dense, 1);
            assert_eq!(hits[0].key, key);
            assert_eq!(hits[0].score.cosine, 1.0);
        }
    }
    let waiting = bank.len() - bank.indexed(ANNA);
    assert!((1..4096).contains(&waiting), "{waiting}");
    let recall = recall(&bank, &exact(&bank), &mut random);
    println!("recall@{TOP} after changes: {recall:.4}");
    assert!(recall >= LEAST_RECALL, "{recall}");
}

#[test]
fn words_are_found_wherever_the_embedding_lies() {
    let mut random = Random::new(3);
    let mut bank = filled(&mut random);
    let (near, far) = (embedding(&mut random), Embedding([-100; DIMENSIONS]));
    let key = write(&mut bank, "the zeppelin hangar", &far);
    bank.approximate(1, |_| {}).expect("an index");
    assert_eq!(bank.indexed(ANNA), bank.len());
    for mode in [Mode::Fused, Mode::Lexical] {
        let hits = ask(&bank, "zeppelin hangar", &near, mode, TOP);
        assert!(hits.iter().any(|hit| hit.key == key), "{mode:?}");
        let exact = ask(&exact(&bank), "zeppelin hangar", &near, mode, TOP);
        assert_eq!(hits[0], exact[0]);
    }
}

#[test]
fn all_is_looked_at_where_most_is_not_accepted() {
    let mut random = Random::new(4);
    let mut bank = filled(&mut random);
    bank.approximate(1, |_| {}).expect("an index");
    let exact = exact(&bank);
    for _ in 0..10 {
        let (text, embedding) = (text(&mut random), embedding(&mut random));
        let options = QueryOptions::of_owner(ANNA);
        let answers = |bank: &Bank| {
            bank.query_where(&text, &embedding, &options, TOP, Some(&[ANNA]), &|slot| {
                slot.facts.key.counter % 50 == 0
            })
        };
        let hits = answers(&bank).expect("a question with words");
        assert_eq!(hits.len(), TOP);
        assert_eq!(hits, answers(&exact).expect("a question with words"));
    }
}
