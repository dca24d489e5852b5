//! The order in which the teacher's texts are learned from.
//!
//! Random texts have almost nothing in common, so their similarities teach little; among texts that the
//! teacher finds alike it tells shades apart.

use crate::corpus::teacher::TeacherVectors;
use crate::random::Random;
use rayon::prelude::*;

/// All texts in an endless sequence of rounds, each in groups of near texts.
///
/// A round splits the texts in halves by the plane between two of them drawn at random, and the halves
/// again, until a part is one group (a random projection tree: Dasgupta, Freund, "Random projection
/// trees and low dimensional manifolds", 2008); groups then come in random order. Every round has planes of
/// its own, so the neighbours of a text change.
#[derive(Clone, Debug)]
pub(crate) struct TextOrder {
    /// Texts that stay together.
    group: usize,
    /// Seed and purpose; none: texts come as they are stored.
    key: Option<[u64; 2]>,
    round: Option<u64>,
    /// Texts of the round.
    texts: Vec<u32>,
}

/// Parts smaller than this are split by one thread.
const PARALLEL: usize = 4096;

impl TextOrder {
    pub(crate) fn new(group: usize, seed: u64, purpose: u64) -> Self {
        Self {
            group,
            key: Some([seed, purpose]),
            round: None,
            texts: Vec::new(),
        }
    }

    /// Texts as they are stored, again and again.
    pub(crate) fn as_stored() -> Self {
        Self {
            group: 1,
            key: None,
            round: None,
            texts: Vec::new(),
        }
    }

    /// The texts at positions `start..start + count` of the endless sequence.
    pub(crate) fn take(&mut self, vectors: &TeacherVectors, start: u64, count: usize) -> Vec<u32> {
        let length = vectors.len() as u64;
        (start..start + count as u64)
            .map(|position| {
                self.enter(vectors, position / length);
                self.texts[(position % length) as usize]
            })
            .collect()
    }

    fn enter(&mut self, vectors: &TeacherVectors, round: u64) {
        if self.round == Some(round) {
            return;
        }
        self.round = Some(round);
        self.texts = (0..vectors.len() as u32).collect();
        let Some([seed, purpose]) = self.key else {
            return;
        };
        let mut random = Random::keyed([seed, purpose, round]);
        if self.group == 1 {
            return random.shuffle(&mut self.texts);
        }
        split(&mut self.texts, vectors, self.group, random);
        let mut groups: Vec<&[u32]> = self.texts.chunks(self.group).collect();
        random.shuffle(&mut groups);
        self.texts = groups.concat();
    }
}

/// Brings `texts` into an order in which every `group` of them are near each other.
fn split(texts: &mut [u32], vectors: &TeacherVectors, group: usize, mut random: Random) {
    if texts.len() <= group {
        return;
    }
    let ends = [(); 2].map(|()| texts[random.below(texts.len())] as usize);
    let normal = vectors.difference(ends);
    let place = |&text: &u32| (vectors.along(text as usize, &normal), text);
    let mut placed: Vec<(f32, u32)> = if texts.len() > PARALLEL {
        texts.par_iter().map(place).collect()
    } else {
        texts.iter().map(place).collect()
    };
    let middle = (texts.len() / 2).next_multiple_of(group);
    placed.select_nth_unstable_by(middle.min(texts.len() - 1), |a, b| {
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
    });
    for (text, (_, chosen)) in texts.iter_mut().zip(placed) {
        *text = chosen;
    }
    let (near, far) = texts.split_at_mut(middle);
    let (left, right) = (
        Random::keyed([random.next(), 0, 0]),
        Random::keyed([random.next(), 1, 0]),
    );
    if near.len() > PARALLEL {
        rayon::join(
            || split(near, vectors, group, left),
            || split(far, vectors, group, right),
        );
    } else {
        split(near, vectors, group, left);
        split(far, vectors, group, right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: usize = 1000;

    fn vectors() -> TeacherVectors {
        TeacherVectors::random(TEXTS, &mut Random::keyed([3, 0, 0]))
    }

    #[test]
    fn a_round_visits_everything_once_and_can_be_entered_anywhere() {
        let vectors = vectors();
        let all = TextOrder::new(16, 7, 1).take(&vectors, 0, 2 * TEXTS);
        let mut first = all[..TEXTS].to_vec();
        first.sort_unstable();
        assert_eq!(first, (0..TEXTS as u32).collect::<Vec<u32>>());
        assert_ne!(all[..TEXTS], all[TEXTS..]);
        let later = TextOrder::new(16, 7, 1).take(&vectors, 990, 20);
        assert_eq!(later, all[990..1010]);
    }

    #[test]
    fn texts_of_a_group_are_nearer_than_others() {
        let vectors = vectors();
        let likeness = |group: usize| -> f32 {
            let texts = TextOrder::new(group, 7, 1).take(&vectors, 0, TEXTS - TEXTS % 8);
            let cosines = texts.chunks(8).map(|texts| {
                let units = vectors.gather(texts.iter().map(|&text| text as usize));
                let cosines = units.dot(&units.t());
                cosines.sum() - cosines.diag().sum()
            });
            cosines.sum::<f32>() / (TEXTS * 7) as f32
        };
        // Means of 7000 cosines that deviate by 1 / sqrt(128): chance stays within 0.005.
        let (random, near) = (likeness(1), likeness(8));
        assert!(near > random + 0.03, "{near} against {random}");
    }
}
