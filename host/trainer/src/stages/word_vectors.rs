//! Rows of known words from the teacher's vectors of single words.

use super::eigen::eigen;
use crate::corpus::teacher::TeacherWords;
use crate::model::Parameters;
use crate::recipe::Recipe;
use crate::vocabulary::KnownWords;
use ndarray::{Array2, Axis};

/// Parameters whose word rows are the teacher's vectors reduced to R numbers by a truncated singular
/// value decomposition, times `a / (a + p)`; n-gram rows are zero, the projection is the basis.
pub(crate) fn from_word_vectors(
    recipe: &Recipe,
    known: &KnownWords,
    teacher: &TeacherWords,
) -> Parameters {
    let width = usize::from(recipe.model.row_width);
    let vectors = teacher.vectors.gather(0..teacher.vectors.len());
    let basis = basis(&vectors, width);
    let total: u64 = teacher.words.iter().map(|counted| counted.count).sum();
    let mut rows = vec![0.0; (recipe.model.words + recipe.model.ngrams) as usize * width];
    for (row, &line) in rows.chunks_mut(width).zip(&known.lines) {
        if line >= vectors.nrows() {
            continue;
        }
        let share = teacher.words[line].count as f64 / total as f64;
        let rarity = recipe.word_vectors.rarity;
        let weight = (rarity / (rarity + share)) as f32;
        let reduced = vectors.row(line).dot(&basis);
        row.iter_mut()
            .zip(reduced)
            .for_each(|(value, reduced)| *value = weight * reduced);
    }
    Parameters {
        row_width: width,
        rows,
        projection: basis.into_iter().collect(),
        body: None,
    }
}

/// `[D, R]`: the R directions that hold most of `vectors` (`[N, D]`).
fn basis(vectors: &Array2<f32>, width: usize) -> Array2<f32> {
    let gram = vectors.t().dot(vectors).mapv(f64::from);
    let (_, directions) = eigen(gram);
    let (first, _) = directions.view().split_at(Axis(1), width);
    first.mapv(|value| value as f32)
}

/// The teacher's vectors of all its words, `[N, R]`, through the basis that `parameters` hold.
pub(super) fn reduced(teacher: &TeacherWords, parameters: &Parameters) -> Array2<f32> {
    let vectors = teacher.vectors.gather(0..teacher.vectors.len());
    vectors.dot(&parameters.projection())
}
