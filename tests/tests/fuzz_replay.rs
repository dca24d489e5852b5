//! The targets of `fuzz/` for a few seconds each on the stable compiler: seeds and their mutations.
//!
//! `MEMT_FUZZ_SECONDS` sets how long each target runs (default 2), `MEMT_FUZZ_SEED` where it begins.

use memt_core::link::{Call, Message, ModelCall, Request, RequestId, encode};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::text::class::CharClass;
use memt_tests::random::Random;
use memt_tests::{attack, corpus, models};
use std::time::{Duration, Instant};

fn number_from(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|error| panic!("{variable}={text}: {error}")),
        Err(_) => default,
    }
}

/// Mutates seeds until the time is over; a panic names the round, which repeats with the same seed.
fn replay(name: &str, seeds: &[Vec<u8>], target: impl Fn(&[u8])) {
    let end = Instant::now() + Duration::from_secs(number_from("MEMT_FUZZ_SECONDS", 2));
    let first = number_from("MEMT_FUZZ_SEED", 0);
    seeds.iter().for_each(|seed| target(seed));
    let mut round = first;
    while Instant::now() < end {
        let input = mutated(seeds, round);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target(&input)));
        assert!(
            outcome.is_ok(),
            "{name}: repeat with MEMT_FUZZ_SEED={round}"
        );
        round += 1;
    }
    println!("{name}: {} inputs", round - first);
    assert!(round > first + 10);
}

fn mutated(seeds: &[Vec<u8>], round: u64) -> Vec<u8> {
    let mut random = Random::new(round);
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(8) {
        let length = input.len();
        let at = random.below(length + 1);
        let byte = random.bits() as u8;
        match random.below(6) {
            0 => input.insert(at, byte),
            1 => input.truncate(at),
            2 if at < length => drop(input.remove(at)),
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let part = &other[from..other.len().min(from + random.below(64))];
                input.splice(at..at, part.iter().copied());
            }
            4 if at + 4 <= length => input[at..at + 4].fill(byte),
            _ if at < length => input[at] ^= 1 << (byte % 8),
            _ => {}
        }
    }
    input
}

#[test]
fn image() {
    let golden = models::golden();
    let head = golden.as_ref()[..200].to_vec();
    replay("image", &[golden.as_ref().to_vec(), head], |bytes| {
        attack::image(bytes);
    });
}

#[test]
fn snapshot() {
    let golden = std::fs::read(memt_tests::golden::path("v0.slots")).unwrap();
    replay("snapshot", &[golden], |bytes| {
        attack::snapshot(bytes);
    });
}

#[test]
fn link() {
    let text = "the boiler valve";
    let calls = [
        Call::Hello {
            oldest: 1,
            newest: 1,
        },
        Call::Add {
            owner: Owner(3),
            text,
            created: Some(Timestamp(7)),
            importance: Factor::ONE,
            evict: true,
        },
        Call::Query {
            text,
            owner: None,
            mode: Mode::Fused,
            min_score: 0.5,
            recency: None,
            neighbours: true,
            most: 5,
            record: false,
        },
        Call::Model(ModelCall::Write {
            offset: 256,
            bytes: &[7; 32],
        }),
    ];
    let seeds = calls.iter().flat_map(|&call| {
        let id = RequestId {
            session: 9,
            number: 3,
        };
        let message = Message::Request(Request { id, call });
        let mut buffer = [0; 512];
        let frame = encode(&message, &mut buffer).unwrap();
        let inside = frame[1..frame.len() - 1].to_vec();
        [inside, postcard::to_stdvec(&message).unwrap()]
    });
    replay("link", &seeds.collect::<Vec<_>>(), attack::frame);
}

#[test]
fn words() {
    let seeds: Vec<Vec<u8>> = corpus::texts()
        .into_iter()
        .map(String::into_bytes)
        .collect();
    replay("words", &seeds, |bytes| {
        attack::text(&String::from_utf8_lossy(bytes))
    });
}

#[test]
fn every_code_point_has_a_class_and_breaks_no_word() {
    for character in '\0'..=char::MAX {
        let class = CharClass::of(character);
        attack::text(&format!("a{character}b"));
        let mark_of_ascii = character.is_ascii() && class == CharClass::Mark;
        assert!(!mark_of_ascii, "{character:?}");
    }
}
