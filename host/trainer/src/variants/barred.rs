//! Texts that no variant may be: those of the evaluation sets.

use crate::TrainError;
use memt_core::text::Words;
use memt_eval::datasets;
use std::collections::HashSet;
use std::path::Path;

/// Texts by their words alone, as an encoder reads them.
#[derive(Debug)]
pub(super) struct Barred {
    texts: HashSet<String>,
}

impl Barred {
    /// Every text of every evaluation set of the data folder.
    pub(super) fn read(data: &Path) -> Result<Self, TrainError> {
        let folder = data.join("eval");
        let sets = datasets::load(&folder, datasets::CATALOGUE.to_vec())
            .map_err(|error| TrainError::content(&folder, error.to_string()))?;
        let texts = sets.iter().flat_map(|set| set.texts());
        Ok(Self {
            texts: texts.map(words).collect(),
        })
    }

    /// Whether a text has the very words of one of them.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.texts.contains(&words(text))
    }
}

/// The words of a text, a space between two.
fn words(text: &str) -> String {
    let words: Vec<String> = Words::of(text)
        .map(|word| word.characters().collect())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::paths::Start;

    #[test]
    fn texts_of_evaluation_sets_are_known_by_their_words() {
        let fixture = Fixture::new("barred");
        let barred = Barred::read(&fixture.paths("out", Start::Fresh).data).unwrap();
        let text = &fixture.texts()[0];
        assert!(barred.holds(text));
        assert!(barred.holds(&format!("({})", text.to_uppercase())));
        assert!(!barred.holds(&format!("{text} and more")));
    }
}
