//! Texts that differ a little from texts of the teacher: words that change places, are left out, denied or
//! replaced.
//!
//! Texts of a corpus are seldom near each other, so a model that learns from them alone learns what a text is
//! about long before it learns who does what to whom. The teacher tells a text from its variants, and variants of
//! one text stand in one shard (`neighbours` of a recipe), where their similarities are compared. The changes
//! are those from which Marelli et al. ("A SICK cure for the evaluation of compositional distributional semantic
//! models", 2014) made sentences to be told apart, and two that leave no sentence.

mod barred;
mod change;
mod replacement;
mod sentence;

use crate::TrainError;
use crate::corpus::teacher::{TeacherWords, read_texts};
use crate::random::Random;
use barred::Barred;
use change::Change;
use replacement::Replacements;
use sentence::Sentence;
use std::path::Path;

/// Texts of a family: one of the teacher's and seven variants of it.
pub const FAMILY: usize = 8;

/// Words of a text that gets variants: fewer leave little to change, more drown a change.
const WORDS: std::ops::RangeInclusive<usize> = 4..=14;

/// What is done to a text, a variant each; the last variant is changed twice at random.
const CHANGES: [Change; FAMILY - 2] = [
    Change::Exchange,
    Change::Near,
    Change::Near,
    Change::Foreign,
    Change::Omission,
    Change::Function,
];

/// Attempts at a variant that the family does not hold yet.
const ATTEMPTS: usize = 4;

/// `families` families of [`FAMILY`] texts each, of texts of the data folder drawn at random; fewer if the folder
/// has not enough texts of 4 to 14 words. A family of which a text has the words of one of an evaluation set is
/// passed over.
///
/// # Errors
/// A file of the folder cannot be read or does not hold what its name promises.
pub fn variants(data: &Path, families: usize, seed: u64) -> Result<Vec<String>, TrainError> {
    let folder = data.join("teacher");
    let barred = Barred::read(data)?;
    let words = TeacherWords::read(&folder)?;
    let text = read_texts(&folder)?;
    let suited = |line: &&str| WORDS.contains(&line.split_whitespace().count());
    let mut sentences: Vec<Sentence> = text.lines().filter(suited).map(Sentence::cut).collect();
    let mut random = Random::keyed([seed, 0, 0]);
    random.shuffle(&mut sentences);
    let replacements = Replacements::of(&words, &sentences);
    let found = sentences
        .iter()
        .filter_map(|sentence| family(sentence, &replacements, &mut random))
        .filter(|texts| !texts.iter().any(|text| barred.holds(text)))
        .take(families);
    Ok(found.flatten().collect())
}

/// A text and its variants, all different; none if it has too few.
fn family(
    sentence: &Sentence,
    replacements: &Replacements,
    random: &mut Random,
) -> Option<Vec<String>> {
    let mut texts = vec![sentence.to_string()];
    for change in CHANGES.map(Some).into_iter().chain([None]) {
        let text = (0..ATTEMPTS).find_map(|_| {
            let variant = variant(sentence, change, replacements, random)?;
            let text = variant.to_string();
            (!texts.contains(&text)).then_some(text)
        });
        texts.push(text?);
    }
    Some(texts)
}

/// The sentence changed in the way asked for, in any way where that one does not apply, or twice in any way.
fn variant(
    sentence: &Sentence,
    change: Option<Change>,
    replacements: &Replacements,
    random: &mut Random,
) -> Option<Sentence> {
    match change {
        Some(change) => change.apply(sentence, replacements, random).or_else(|| {
            let other = Change::any(random);
            other.apply(sentence, replacements, random)
        }),
        None => {
            let once = Change::any(random).apply(sentence, replacements, random)?;
            Change::any(random).apply(&once, replacements, random)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::paths::Start;
    use std::collections::BTreeSet;

    #[test]
    fn a_family_is_a_text_and_seven_others() {
        let sentence = Sentence::cut("The dog chases a cat in the garden.");
        let replacements = Replacements::listed(&[("dog", "wolf"), ("cat", "kitten")], &["valve"]);
        let mut random = Random::keyed([1, 0, 0]);
        let texts = family(&sentence, &replacements, &mut random).unwrap();
        assert_eq!(texts.len(), FAMILY);
        assert_eq!(texts[0], "The dog chases a cat in the garden.");
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), FAMILY);
    }

    #[test]
    fn what_cannot_be_changed_has_no_family() {
        let replacements = Replacements::listed(&[], &["valve"]);
        let mut random = Random::keyed([1, 0, 0]);
        assert!(family(&Sentence::cut("?"), &replacements, &mut random).is_none());
    }

    #[test]
    fn no_family_holds_a_text_of_an_evaluation_set() {
        let fixture = Fixture::new("variants");
        let data = fixture.paths("out", Start::Fresh).data;
        let texts = variants(&data, usize::MAX, 1).unwrap();
        let barred = Barred::read(&data).unwrap();
        assert!(!texts.is_empty() && texts.len().is_multiple_of(FAMILY));
        assert!(!texts.iter().any(|text| barred.holds(text)));
        let first = texts.iter().step_by(FAMILY);
        assert!(first.clone().all(|text| fixture.texts().contains(text)));
        assert!(first.count() < fixture.texts().len());
    }
}
