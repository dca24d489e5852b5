//! The teacher's vectors: of texts and of single words.

use super::array::{self, Matrix};
use super::rotation::Rotation;
use super::{compressed, word_list};
use crate::TrainError;
use crate::random::Random;
use ndarray::Array2;
use std::path::Path;

/// Vectors as stored: bytes with a scale a component.
#[derive(Clone, Debug)]
pub(crate) struct TeacherVectors {
    vectors: Matrix<i8>,
    scale: Vec<f32>,
    rotation: Rotation,
}

impl TeacherVectors {
    /// The vectors of a file, whose scales lie in `scale.npy` beside it.
    pub(crate) fn read(folder: &Path, file: &str) -> Result<Self, TrainError> {
        let path = folder.join(file);
        let vectors = array::read_i8(&path)?;
        let scale = array::read_f32(&folder.join("scale.npy"))?.values;
        if vectors.columns != scale.len() || scale.len() != memt_core::embedding::DIMENSIONS {
            let problem = format!("{} columns and {} scales", vectors.columns, scale.len());
            return Err(TrainError::content(&path, problem));
        }
        let rotation = Rotation::new(scale.len());
        Ok(Self {
            vectors,
            scale,
            rotation,
        })
    }

    /// `count` random vectors.
    pub(crate) fn random(count: usize, random: &mut Random) -> Self {
        let columns = memt_core::embedding::DIMENSIONS;
        Self {
            vectors: Matrix {
                columns,
                values: (0..count * columns).map(|_| random.next() as i8).collect(),
            },
            scale: vec![1.0; columns],
            rotation: Rotation::new(columns),
        }
    }

    /// Adds other vectors behind these, rounded anew by the scales of these; components beyond their range end at it.
    pub(crate) fn append(&mut self, other: &Self) {
        let values = other.vectors.values.iter().zip(other.scale.iter().cycle());
        let rounded = values
            .zip(self.scale.iter().cycle())
            .map(|((&value, theirs), ours)| {
                let value = f32::from(value) * theirs / ours.max(f32::MIN_POSITIVE);
                value.round_ties_even().clamp(-127.0, 127.0) as i8
            });
        self.vectors.values.extend(rounded);
    }

    pub(crate) fn len(&self) -> usize {
        self.vectors.rows()
    }

    /// `[D]`: what [`along`](Self::along) takes to tell the first of two vectors from the second.
    pub(crate) fn difference(&self, [first, second]: [usize; 2]) -> Vec<f32> {
        let values = self.vectors.row(first).iter().zip(self.vectors.row(second));
        values
            .zip(&self.scale)
            .map(|((&first, &second), scale)| {
                (f32::from(first) - f32::from(second)) * scale * scale
            })
            .collect()
    }

    /// The product of a stored vector with `direction`, which holds the scales.
    pub(crate) fn along(&self, row: usize, direction: &[f32]) -> f32 {
        let values = self.vectors.row(row).iter().zip(direction);
        values
            .map(|(&value, direction)| f32::from(value) * direction)
            .sum()
    }

    /// `[N, D]`: the vectors of `rows`, rotated (see [`Rotation`]), of unit length.
    pub(crate) fn gather(&self, rows: impl ExactSizeIterator<Item = usize>) -> Array2<f32> {
        let mut out = Array2::zeros((rows.len(), self.scale.len()));
        for (mut vector, row) in out.rows_mut().into_iter().zip(rows) {
            for ((value, &stored), &scale) in vector
                .iter_mut()
                .zip(self.vectors.row(row))
                .zip(&self.scale)
            {
                *value = f32::from(stored) * scale;
            }
            if let Some(vector) = vector.as_slice_mut() {
                self.rotation.apply(vector);
            }
            let length = vector.dot(&vector).sqrt().max(f32::MIN_POSITIVE);
            vector /= length;
        }
        out
    }
}

/// The teacher's texts of a folder, one a line, without their vectors.
pub(crate) fn read_texts(folder: &Path) -> Result<String, TrainError> {
    compressed::read_text(&folder.join("texts.txt.zst"))
}

/// Texts and their vectors.
#[derive(Debug)]
pub(crate) struct TeacherTexts {
    /// N lines.
    pub(crate) text: String,
    /// `[N, D]`
    pub(crate) vectors: TeacherVectors,
}

impl TeacherTexts {
    pub(crate) fn read(folder: &Path) -> Result<Self, TrainError> {
        let text = read_texts(folder)?;
        let vectors = TeacherVectors::read(folder, "vectors.npy")?;
        let lines = text.lines().count();
        if vectors.len() != lines {
            let problem = format!("{} vectors for {lines} texts", vectors.len());
            return Err(TrainError::content(&folder.join("vectors.npy"), problem));
        }
        Ok(Self { text, vectors })
    }

    /// Adds others behind these.
    pub(crate) fn append(&mut self, other: &Self) {
        self.vectors.append(&other.vectors);
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(&other.text);
    }
}

/// Words, their counts and, for the first of them, the teacher's vector of the word alone.
#[derive(Clone, Debug)]
pub(crate) struct TeacherWords {
    pub(crate) words: Vec<word_list::CountedWord>,
    pub(crate) vectors: TeacherVectors,
}

impl TeacherWords {
    pub(crate) fn read(folder: &Path) -> Result<Self, TrainError> {
        let path = folder.join("words.tsv");
        let words = word_list::read(&path)?;
        let vectors = TeacherVectors::read(folder, "word_vectors.npy")?;
        if vectors.len() > words.len() {
            let problem = format!("{} vectors for {} words", vectors.len(), words.len());
            return Err(TrainError::content(&path, problem));
        }
        Ok(Self { words, vectors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::paths::Start;

    fn vectors(value: i8, scale: f32) -> TeacherVectors {
        let columns = memt_core::embedding::DIMENSIONS;
        TeacherVectors {
            vectors: Matrix {
                columns,
                values: vec![value; columns],
            },
            scale: vec![scale; columns],
            rotation: Rotation::new(columns),
        }
    }

    #[test]
    fn vectors_of_other_scales_are_rounded_anew() {
        let mut all = vectors(10, 0.02);
        all.append(&vectors(-33, 0.01));
        all.append(&vectors(100, 0.04));
        let first = |row| all.vectors.row(row)[0];
        assert_eq!([first(0), first(1), first(2)], [10, -16, 127]);
    }

    #[test]
    fn texts_follow_those_before_them() {
        let fixture = Fixture::new("texts_follow_those_before_them");
        let folder = fixture.paths("out", Start::Fresh).teacher();
        let mut all = TeacherTexts::read(&folder).unwrap();
        all.append(&TeacherTexts::read(&folder).unwrap());
        let lines: Vec<&str> = all.text.lines().collect();
        let (one, other) = lines.split_at(fixture.texts().len());
        assert_eq!(one, other);
        assert_eq!(all.vectors.len(), lines.len());
    }
}
