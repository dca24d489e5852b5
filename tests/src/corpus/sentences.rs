//! English sentences from a small list of words.

use crate::random::Random;

/// Common and rarer words, some with apostrophes, digits or capitals.
pub const WORDS: [&str; 120] = [
    "the",
    "boiler",
    "valve",
    "was",
    "replaced",
    "on",
    "Tuesday",
    "kitchen",
    "Alice",
    "doesn't",
    "like",
    "coffee",
    "after",
    "lunch",
    "train",
    "to",
    "Leeds",
    "leaves",
    "at",
    "8:40",
    "seat",
    "14C",
    "grandma's",
    "pills",
    "are",
    "small",
    "blue",
    "ones",
    "remember",
    "call",
    "Bob",
    "about",
    "roof",
    "estimate",
    "my",
    "first",
    "10k",
    "took",
    "58",
    "minutes",
    "plumber",
    "quoted",
    "640",
    "euros",
    "for",
    "pipes",
    "school",
    "starts",
    "pickup",
    "is",
    "three",
    "database",
    "moved",
    "from",
    "MySQL",
    "Postgres",
    "because",
    "of",
    "JSON",
    "support",
    "cat",
    "threw",
    "up",
    "twice",
    "salmon",
    "kibble",
    "ramen",
    "place",
    "Duke",
    "Street",
    "broth",
    "thermostat",
    "reads",
    "19.5",
    "degrees",
    "when",
    "heating",
    "off",
    "password",
    "hint",
    "router",
    "under",
    "shelf",
    "meeting",
    "postponed",
    "until",
    "Friday",
    "dentist",
    "appointment",
    "moved",
    "Ravi",
    "recommends",
    "walnut",
    "allergy",
    "never",
    "order",
    "pesto",
    "again",
    "photosynthesis",
    "accelerometer",
    "calibration",
    "drifts",
    "0.02",
    "g",
    "per",
    "hour",
    "rock'n'roll",
    "it's",
    "you're",
    "we'll",
    "internationalisation",
    "and",
    "or",
    "with",
    "she",
    "he",
    "they",
    "anniversary",
    "September",
    "work",
];

const JOINTS: [&str; 8] = [" ", " ", " ", " ", " ", ", ", " - ", "; "];
const ENDS: [&str; 5] = [".", "!", "?", "", "..."];

/// `count` sentences of 1 to 40 words, most of them short.
pub(super) fn texts(random: &mut Random, count: usize) -> Vec<String> {
    (0..count).map(|_| one(random)).collect()
}

fn one(random: &mut Random) -> String {
    let longest = [8, 14, 20, 40][random.below(4)];
    let words = 1 + random.below(longest);
    let mut text = String::new();
    for word in 0..words {
        if word > 0 {
            text.push_str(random.choose(&JOINTS));
        }
        let word = random.choose(&WORDS);
        text.push_str(&cased(random, word));
    }
    text.push_str(random.choose(&ENDS));
    text
}

fn cased(random: &mut Random, word: &str) -> String {
    match random.below(12) {
        0 => word.to_uppercase(),
        1 => word.chars().rev().collect(),
        _ => word.to_owned(),
    }
}
