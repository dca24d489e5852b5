//! What is done to a sentence.

use super::replacement::Replacements;
use super::sentence::{Sentence, Token};
use crate::random::Random;

/// A change of a sentence; one that does not apply gives none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Two content words change places.
    Exchange,
    /// A content word becomes one that the teacher finds near.
    Near,
    /// A content word becomes one of another text.
    Foreign,
    /// A content word goes, at times with one or two words behind it.
    Omission,
    /// A verb is denied or its denial goes, or a pronoun, possessive, preposition or determiner becomes another.
    Function,
    /// A content word of another text comes in.
    Addition,
}

const ALL: [Change; 6] = [
    Change::Exchange,
    Change::Near,
    Change::Foreign,
    Change::Omission,
    Change::Function,
    Change::Addition,
];

/// Words behind which "not" denies.
const DENIED: &str =
    "is are was were do does did can could will would should has have had may might must";

/// Words of which one may stand for another.
const CLASSES: [&str; 4] = [
    "he she they we i you",
    "his her their our my your",
    "in on under with without near behind before after from to for",
    "a the no some every two three another this that",
];

impl Change {
    pub(super) fn any(random: &mut Random) -> Self {
        ALL[random.below(ALL.len())]
    }

    pub(super) fn apply(
        self,
        sentence: &Sentence,
        replacements: &Replacements,
        random: &mut Random,
    ) -> Option<Sentence> {
        match self {
            Self::Exchange => exchange(sentence, random),
            Self::Near => near(sentence, replacements, random),
            Self::Foreign => {
                let place = *random.pick(&sentence.content())?;
                Some(sentence.with(place, replacements.foreign(random)?))
            }
            Self::Omission => omission(sentence, random),
            Self::Function => function(sentence, random),
            Self::Addition => addition(sentence, replacements, random),
        }
    }
}

fn exchange(sentence: &Sentence, random: &mut Random) -> Option<Sentence> {
    let mut places = sentence.content();
    if places.len() < 2 {
        return None;
    }
    random.shuffle(&mut places);
    let (one, other) = (places[0], places[1]);
    let changed = sentence.with(one, &sentence.tokens[other].text);
    Some(changed.with(other, &sentence.tokens[one].text))
}

fn near(sentence: &Sentence, replacements: &Replacements, random: &mut Random) -> Option<Sentence> {
    let mut places = sentence.content();
    places.retain(|&place| replacements.has_near(&sentence.tokens[place].lower()));
    let place = *random.pick(&places)?;
    Some(sentence.with(
        place,
        replacements.near(&sentence.tokens[place].lower(), random)?,
    ))
}

/// One word in half of all cases, two and three in a quarter each; two words stay.
fn omission(sentence: &Sentence, random: &mut Random) -> Option<Sentence> {
    let start = *random.pick(&sentence.content())?;
    let count = [1, 1, 2, 3][random.below(4)];
    let end = sentence.tokens.len().min(start + count);
    let mut changed = sentence.clone();
    changed.tokens.drain(start..end);
    (changed.tokens.len() >= 2).then_some(changed)
}

fn function(sentence: &Sentence, random: &mut Random) -> Option<Sentence> {
    let words: Vec<String> = sentence.tokens.iter().map(Token::lower).collect();
    let member = |list: &str, word: &str| list.split(' ').any(|listed| listed == word);
    let lists = std::iter::once(DENIED).chain(CLASSES);
    let options: Vec<(usize, &str)> = lists
        .flat_map(|list| {
            let places = 0..words.len();
            places
                .filter(|&place| member(list, &words[place]))
                .map(|place| (place, list))
                .collect::<Vec<_>>()
        })
        .collect();
    let &(place, list) = random.pick(&options)?;
    if list == DENIED {
        return Some(denied(sentence, place));
    }
    let others: Vec<&str> = list
        .split(' ')
        .filter(|&word| word != words[place])
        .collect();
    Some(sentence.with(place, random.pick(&others)?))
}

/// The sentence with "not" behind `place`, or without it where it stands there.
fn denied(sentence: &Sentence, place: usize) -> Sentence {
    let mut changed = sentence.clone();
    let next = place + 1;
    if changed
        .tokens
        .get(next)
        .is_some_and(|token| token.text == "not")
    {
        changed.tokens.remove(next);
    } else {
        changed.tokens.insert(next, Token::word("not"));
    }
    changed
}

fn addition(
    sentence: &Sentence,
    replacements: &Replacements,
    random: &mut Random,
) -> Option<Sentence> {
    let word = Token::word(replacements.foreign(random)?);
    let places = sentence.tokens.len();
    let mut changed = sentence.clone();
    changed
        .tokens
        .insert(1 + random.below(places.max(2) - 1), word);
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "She is walking in the park";

    fn random() -> Random {
        Random::keyed([5, 0, 0])
    }

    #[test]
    fn content_words_change_places() {
        let changed = exchange(&Sentence::cut("Dogs chase"), &mut random()).unwrap();
        assert_eq!(changed.to_string(), "Chase dogs");
        assert_eq!(exchange(&Sentence::cut("the dog"), &mut random()), None);
    }

    #[test]
    fn denials_come_and_go() {
        let sentence = Sentence::cut("She is walking");
        let not = denied(&sentence, 1);
        assert_eq!(not.to_string(), "She is not walking");
        assert_eq!(denied(&not, 1), sentence);
    }

    #[test]
    fn function_words_become_others_of_their_class() {
        let mut random = random();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let changed = function(&Sentence::cut(TEXT), &mut random).unwrap();
            assert_ne!(changed.to_string(), TEXT);
            seen.insert(changed.to_string());
        }
        for text in [
            "He is walking in the park",
            "She is not walking in the park",
            "She is walking under the park",
            "She is walking in no park",
        ] {
            assert!(seen.contains(text), "{text}");
        }
        assert_eq!(function(&Sentence::cut("valve broken"), &mut random), None);
    }

    #[test]
    fn every_change_changes_and_leaves_words() {
        let replacements = Replacements::listed(&[("park", "garden")], &["valve"]);
        let mut random = random();
        for change in ALL {
            for _ in 0..50 {
                let changed = change.apply(&Sentence::cut(TEXT), &replacements, &mut random);
                let changed = changed.unwrap();
                assert_ne!(changed.to_string(), TEXT, "{change:?}");
                assert!(changed.tokens.len() >= 2, "{change:?}");
            }
        }
        let none = Replacements::listed(&[], &[]);
        for change in [Change::Near, Change::Foreign, Change::Addition] {
            assert_eq!(change.apply(&Sentence::cut(TEXT), &none, &mut random), None);
        }
    }
}
