//! The teacher's vectors: of texts and of single words.

use super::array::{self, Matrix};
use super::rotation::Rotation;
use super::{compressed, word_list};
use crate::TrainError;
use crate::paths::Paths;
use crate::random::Random;
use ndarray::Array2;

/// Vectors as stored: bytes with a scale a component.
#[derive(Clone, Debug)]
pub(crate) struct TeacherVectors {
    vectors: Matrix<i8>,
    scale: Vec<f32>,
    rotation: Rotation,
}

impl TeacherVectors {
    pub(crate) fn read(paths: &Paths, file: &str) -> Result<Self, TrainError> {
        let path = paths.teacher(file);
        let vectors = array::read_i8(&path)?;
        let scale = array::read_f32(&paths.teacher("scale.npy"))?.values;
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

/// The teacher's texts, one a line, without their vectors.
pub(crate) fn read_texts(paths: &Paths) -> Result<String, TrainError> {
    compressed::read_text(&paths.teacher("texts.txt.zst"))
}

/// Words, their counts and, for the first of them, the teacher's vector of the word alone.
#[derive(Clone, Debug)]
pub(crate) struct TeacherWords {
    pub(crate) words: Vec<word_list::CountedWord>,
    pub(crate) vectors: TeacherVectors,
}

impl TeacherWords {
    pub(crate) fn read(paths: &Paths) -> Result<Self, TrainError> {
        let words = word_list::read(&paths.teacher("words.tsv"))?;
        let vectors = TeacherVectors::read(paths, "word_vectors.npy")?;
        if vectors.len() > words.len() {
            let problem = format!("{} vectors for {} words", vectors.len(), words.len());
            return Err(TrainError::content(&paths.teacher("words.tsv"), problem));
        }
        Ok(Self { words, vectors })
    }
}
