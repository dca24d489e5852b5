//! Rows of n-grams fitted to the teacher's vectors of words spelled out.

use super::word_vectors::reduced;
use crate::corpus::teacher::TeacherWords;
use crate::descent::{Occurrences, Rates, Shown, State};
use crate::model::Parameters;
use crate::random::Order;
use crate::recipe::Recipe;
use crate::vocabulary::{KnownWords, TextStore};
use ndarray::Array2;

/// Words a step.
const WORDS: usize = 1024;

/// Purpose of the order of words, see [`Order`].
const SPELLING: u64 = 1000;

/// Fits the n-gram rows of `parameters` by gradient descent on the squared distance between the mean
/// of a word's n-gram rows and the word's reduced vector. Rows of known words do not occur and stay.
pub(crate) fn fit_spelling(
    recipe: &Recipe,
    known: &KnownWords,
    teacher: &TeacherWords,
    parameters: Parameters,
) -> Parameters {
    let targets = reduced(teacher, &parameters);
    let words: Vec<&str> = teacher.words[..targets.nrows()]
        .iter()
        .map(|counted| counted.word.as_str())
        .collect();
    let store = TextStore::spelled(&words, recipe.model.words, recipe.model.ngrams);
    let mut weights = vec![1.0; words.len()];
    for &line in known.lines.iter().filter(|&&line| line < words.len()) {
        weights[line] = recipe.spelling.known_weight;
    }
    let steps = u64::from(recipe.spelling.epochs) * (words.len() / WORDS).max(1) as u64;
    let mut order = Order::new(words.len(), recipe.seed, SPELLING);
    let mut state = State::new(parameters);
    let mut shown = Shown::of(&state);
    for step in 0..steps {
        let chosen = order.take(step * WORDS as u64, WORDS);
        let gradient = gradient(&chosen, &store, &shown.parameters, &targets, &weights);
        let texts = chosen.iter().map(|&index| store.text(index as usize));
        let occurrences = Occurrences::of(state.row_moments.updates.len(), texts);
        let falling = 1.0 - step as f32 / steps as f32;
        let rates = Rates {
            rows: recipe.spelling.rate * falling,
            projection: 0.0,
            body: 0.0,
            matrices: None,
            decay: 0.0,
            longest: f32::INFINITY,
        };
        state.update_rows(&mut shown, &occurrences, gradient.view(), rates);
    }
    state.parameters
}

fn gradient(
    chosen: &[u32],
    store: &TextStore,
    parameters: &Parameters,
    targets: &Array2<f32>,
    weights: &[f32],
) -> Array2<f32> {
    let mut sums = parameters.sums(chosen.iter().map(|&index| store.text(index as usize)));
    for (mut sum, &index) in sums.rows_mut().into_iter().zip(chosen) {
        let index = index as usize;
        sum -= &targets.row(index);
        sum *= weights[index];
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::stages::from_word_vectors;
    use crate::{Paths, Start};

    fn distance(parameters: &Parameters, store: &TextStore, targets: &Array2<f32>) -> f32 {
        let sums = parameters.sums((0..store.len()).map(|index| store.text(index)));
        (&sums - targets).iter().map(|value| value * value).sum()
    }

    #[test]
    fn spelled_words_come_nearer_to_their_vectors_and_known_rows_stay() {
        let fixture = Fixture::new("spelling");
        let mut recipe = fixture.recipe();
        recipe.spelling.epochs = 200;
        let paths: Paths = fixture.paths("out", Start::Fresh);
        let teacher = TeacherWords::read(&paths.teacher()).unwrap();
        let known = KnownWords::select(&teacher.words, &recipe.model).unwrap();
        let before = from_word_vectors(&recipe, &known, &teacher);
        let targets = reduced(&teacher, &before);
        let words: Vec<&str> = teacher
            .words
            .iter()
            .map(|counted| counted.word.as_str())
            .collect();
        let store = TextStore::spelled(&words, recipe.model.words, recipe.model.ngrams);
        let after = fit_spelling(&recipe, &known, &teacher, before.clone());
        let (far, near) = (
            distance(&before, &store, &targets),
            distance(&after, &store, &targets),
        );
        assert!(near < 0.7 * far, "{near} after, {far} before");
        let known_numbers = recipe.model.words as usize * before.row_width;
        assert_eq!(before.rows[..known_numbers], after.rows[..known_numbers]);
    }
}
