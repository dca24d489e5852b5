//! Questions that speak of a time, on a generated diary in which each subject comes back every few days.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::embedding::Embedding;
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::NewMemory;
use memt_host::bank::{Bank, OwnedSlot};
use memt_host::clock;
use memt_tests::models;

const DAY: u32 = 86_400;

/// What is noted and how it is asked about; `#` is a number that changes.
const SUBJECTS: [(&str, &str); 6] = [
    ("ran # kilometres along the river", "how far did I run"),
    (
        "the boiler showed error E#",
        "which error did the boiler have",
    ),
    ("lunch at the harbour for # euros", "what did the meal cost"),
    (
        "watered the plants with # litres",
        "how much water for the plants",
    ),
    (
        "pump # was noisy and got a new filter",
        "which pump was repaired",
    ),
    (
        "slept only # hours because of the storm",
        "how long did I sleep",
    ),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Noon of 15 May 2024.
const NOW: u32 = 1_715_774_400;

/// The day of every memory, counted back from the present: each subject every sixth day.
fn diary() -> impl Iterator<Item = (usize, u32, String)> {
    (1..120u32).map(|back| {
        let subject = back as usize % SUBJECTS.len();
        let number = (7 * back % 31 + 2).to_string();
        (subject, back, SUBJECTS[subject].0.replace('#', &number))
    })
}

/// Ways to name a day.
fn phrases(back: u32) -> [String; 4] {
    let date = clock::format(Timestamp(NOW - back * DAY));
    let (month, day) = (
        date[5..7].parse::<usize>().unwrap(),
        date[8..10].parse::<u32>().unwrap(),
    );
    let month = MONTHS[month - 1];
    [
        format!("{back} days ago"),
        format!("on {day} {month}"),
        format!("on {month} {day}, 2024"),
        format!("on {}", &date[..10]),
    ]
}

fn written(texts: &[String], embeddings: &[Embedding]) -> Bank {
    let mut bank = Bank::new();
    bank.bind(models::integer_encoder(&models::trained("bag")).fingerprint())
        .unwrap();
    for ((_, back, text), embedding) in diary().zip(embeddings) {
        assert!(texts.contains(&text));
        let memory = NewMemory {
            owner: Owner(1),
            text: &text,
            embedding,
            created: Timestamp(NOW - back * DAY),
            importance: Factor::ONE,
        };
        bank.write(OwnedSlot::of(&memory, b"").unwrap()).unwrap();
    }
    bank
}

#[test]
fn the_day_that_is_asked_about_comes_first() {
    let model = models::trained("bag");
    let texts: Vec<String> = diary().map(|memory| memory.2).collect();
    let bank = written(&texts, &models::encode(&model, &texts));
    let (mut right, mut by_chance, mut asked) = (0, 0, 0);
    for (subject, back, text) in diary() {
        let questions = phrases(back).map(|phrase| format!("{} {phrase}?", SUBJECTS[subject].1));
        let embeddings = models::encode(&model, &questions);
        for (question, embedding) in questions.iter().zip(&embeddings) {
            let first = |times: Option<Timestamp>| {
                let options = QueryOptions {
                    times,
                    ..QueryOptions::of_owner(Owner(1))
                };
                let hits: Vec<Hit> = bank.query(question, embedding, &options, 1).unwrap();
                u32::from(bank.get(hits[0].key).unwrap().text == text)
            };
            right += first(Some(Timestamp(NOW)));
            by_chance += first(None);
            asked += 1;
        }
    }
    println!("of {asked} questions {right} find their day first, {by_chance} without times");
    assert!(20 * right >= 17 * asked && 10 * by_chance <= asked);
}

#[test]
fn a_question_without_a_time_is_answered_as_before() {
    let model = models::trained("bag");
    let texts: Vec<String> = diary().map(|memory| memory.2).collect();
    let bank = written(&texts, &models::encode(&model, &texts));
    for (_, question) in SUBJECTS {
        let embedding = models::encode(&model, &[question.to_owned()])[0];
        let hits = |times| {
            let options = QueryOptions {
                times,
                ..QueryOptions::of_owner(Owner(1))
            };
            bank.query(question, &embedding, &options, 20).unwrap()
        };
        assert_eq!(hits(Some(Timestamp(NOW))), hits(None));
    }
}
