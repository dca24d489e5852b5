//! What a vector stands for, in words: those of a vocabulary that it is nearest to.

use crate::embedding::{Cosine, DIMENSIONS, Embedding, Root};

/// What the vectors of a vocabulary have in common: a direction that is near to everything, and says
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Common {
    direction: Embedding,
    root: Root,
}

impl Common {
    /// The direction of the sum of `vectors`, at most 2^24 of them.
    pub fn of<'e>(vectors: impl Iterator<Item = &'e Embedding>) -> Self {
        let mut sums = [0i32; DIMENSIONS];
        for vector in vectors {
            for (sum, &component) in sums.iter_mut().zip(&vector.0) {
                *sum = sum.saturating_add(i32::from(component));
            }
        }
        let direction = Embedding::of_sums(&sums);
        Self {
            direction,
            root: Root::of(direction.squared_norm()),
        }
    }

    fn cosine(&self, vector: &Embedding, root: Root) -> f32 {
        Cosine::of(self.direction.dot(vector), self.root, root).to_f32()
    }
}

/// A word of a vocabulary and how near it is to what is described.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NearWord {
    /// Its number, as the caller counts.
    pub word: usize,
    /// Likeness without what all words have in common, -1 to 1: with `c` the common direction,
    /// `(cos(v, w) - cos(v, c) cos(w, c)) / sqrt((1 - cos(v, c)^2) (1 - cos(w, c)^2))`.
    pub likeness: f32,
}

/// The words that `vector` is nearest to, nearest first, in `nearest`; returns how many. `words` are
/// their vectors, numbered from 0; equally near ones keep their order.
pub fn describe<'e>(
    vector: &Embedding,
    common: &Common,
    words: impl Iterator<Item = &'e Embedding>,
    nearest: &mut [NearWord],
) -> usize {
    let root = Root::of(vector.squared_norm());
    let in_common = common.cosine(vector, root);
    let rest = 1.0 - in_common * in_common;
    let mut found = 0;
    for (word, embedding) in words.enumerate() {
        let word_root = Root::of(embedding.squared_norm());
        let word_in_common = common.cosine(embedding, word_root);
        let scale = libm::sqrtf(rest * (1.0 - word_in_common * word_in_common));
        let cosine = Cosine::of(vector.dot(embedding), root, word_root).to_f32();
        // Where nothing but the common direction is left, it is 0 / 0; nothing is near then.
        let likeness = match scale > 0.0 {
            true => (cosine - in_common * word_in_common) / scale,
            false => 0.0,
        };
        let at = nearest[..found].partition_point(|kept| kept.likeness >= likeness);
        if at < nearest.len() {
            found = (found + 1).min(nearest.len());
            nearest[at..found].rotate_right(1);
            nearest[at] = NearWord { word, likeness };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn along(axis: usize, common: i8) -> Embedding {
        let mut embedding = Embedding::ZERO;
        embedding.0[axis] = 127;
        embedding.0[100] = common;
        embedding
    }

    #[test]
    fn what_all_words_share_does_not_count() {
        // The first word is little but the common direction.
        let mut words: Vec<Embedding> = (0..20).map(|axis| along(axis, 100)).collect();
        words[0] = along(100, 127);
        words[0].0[0] = 5;
        let mut vector = along(7, 120);
        vector.0[9] = 60;
        let common = Common::of(words.iter());
        let mut nearest = [NearWord::default(); 3];
        assert_eq!(describe(&vector, &common, words.iter(), &mut nearest), 3);
        assert_eq!([nearest[0].word, nearest[1].word], [7, 9]);
        assert!(nearest[0].likeness > 0.8 && nearest[2].likeness < 0.1);
        let none = Common::of([].into_iter());
        describe(&vector, &none, words.iter(), &mut nearest);
        assert_eq!([nearest[0].word, nearest[1].word], [7, 9]);
        assert!(nearest[2].likeness > 0.3, "the common direction counts");
    }

    #[test]
    fn nothing_is_near_to_nothing() {
        let words = [along(1, 0), along(2, 0)];
        let common = Common::of(words.iter());
        let mut nearest = [NearWord::default(); 4];
        let found = describe(&Embedding::ZERO, &common, words.iter(), &mut nearest);
        assert_eq!(found, 2);
        assert_eq!([nearest[0].likeness, nearest[1].likeness], [0.0, 0.0]);
        assert_eq!([nearest[0].word, nearest[1].word], [0, 1]);
        assert_eq!(describe(&words[0], &common, words.iter(), &mut []), 0);
        let alone = Common::of(words[..1].iter());
        assert_eq!(describe(&words[0], &alone, words.iter(), &mut nearest), 2);
        assert_eq!(nearest[0].likeness, 0.0);
    }
}
