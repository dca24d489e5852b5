//! Ranking: the best slots of a bank for a question.

use crate::score::{Mode, Score};
use crate::slot::{Key, Owner, SlotView, Timestamp};

/// What to look for and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueryOptions {
    /// Whose memories; `None` searches all.
    pub owner: Option<Owner>,
    /// Which evidence counts.
    pub mode: Mode,
    /// Hits below this score are left out, 0 to 1.
    pub min_score: f32,
    /// The present, if recent memories are to be preferred.
    pub recency: Option<Timestamp>,
    /// The present, if memories of the time that a question speaks of are to be preferred.
    pub times: Option<Timestamp>,
    /// Whether memories written just before and after a good one are to be preferred.
    pub neighbours: bool,
}

impl QueryOptions {
    /// Every memory of `owner`, meaning and words, no threshold.
    pub const fn of_owner(owner: Owner) -> Self {
        Self {
            owner: Some(owner),
            mode: Mode::Fused,
            min_score: 0.0,
            recency: None,
            times: None,
            neighbours: false,
        }
    }
}

/// The score above which an answer is worth showing when the caller states no other.
pub const DEFAULT_MIN_SCORE: f32 = 0.5;

/// How far before and after a memory a better one may lie to lift it.
pub const NEIGHBOUR_REACH: usize = 4;

/// The part of the way to the best neighbour, in fourth roots, by which a memory is lifted.
pub const NEIGHBOUR_SHARE: f32 = 0.5;

/// What is left of a neighbour's score for each memory between: 0.9 in fourth roots.
pub const NEIGHBOUR_DECAY: f32 = 0.656;

/// The share of the best score from which a hit that is shown counts as read. What is shown beside a
/// clearly better answer was not asked for: counted too, it would stay when what is asked for goes.
/// Chosen on the odd lives of `memt eval --pressure`.
pub const READ_SHARE: f32 = 0.9;

/// Of hits that are shown, best first, those that count as read.
pub fn read(hits: &[Hit]) -> &[Hit] {
    let least = hits
        .first()
        .map_or(0.0, |best| READ_SHARE * best.score.total);
    &hits[..hits.partition_point(|hit| hit.score.total >= least)]
}

/// A memory that answers a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hit {
    /// Which memory.
    pub key: Key,
    /// When it was written.
    pub created: Timestamp,
    /// How well it answers.
    pub score: Score,
}

impl Hit {
    /// The hit of a slot.
    pub fn new(slot: SlotView<'_>, score: Score) -> Self {
        Self {
            key: slot.facts.key,
            created: slot.facts.created,
            score,
        }
    }

    /// Better first; equal scores, older first.
    pub fn order(&self, other: &Self) -> core::cmp::Ordering {
        other
            .score
            .total
            .total_cmp(&self.score.total)
            .then((self.created, self.key).cmp(&(other.created, other.key)))
    }
}

/// The best hits seen so far, best first, in the caller's buffer.
#[derive(Debug)]
pub struct TopHits<'h> {
    hits: &'h mut [Hit],
    found: usize,
}

impl<'h> TopHits<'h> {
    /// Keeps as many hits as `hits` holds.
    pub fn new(hits: &'h mut [Hit]) -> Self {
        Self { hits, found: 0 }
    }

    /// Keeps `hit` if it is among the best.
    pub fn offer(&mut self, hit: Hit) {
        let at = self.hits[..self.found].partition_point(|kept| kept.order(&hit).is_lt());
        if at == self.hits.len() {
            return;
        }
        self.found = (self.found + 1).min(self.hits.len());
        self.hits[at..self.found].rotate_right(1);
        self.hits[at] = hit;
    }

    /// How many hits there are.
    pub fn found(&self) -> usize {
        self.found
    }
}

/// Offers every candidate that reaches the threshold and returns how many hits there are.
///
/// With neighbours, the candidates must come from old to new. Each is lifted [`NEIGHBOUR_SHARE`] of the way
/// to the best of the [`NEIGHBOUR_REACH`] before and after it, whose scores [decay](NEIGHBOUR_DECAY) with
/// their distance; the way is measured in fourth roots of scores, which follow the evidence
/// ([`curve`](crate::score::curve)). No hit passes the one that lifts it.
pub fn rank(
    candidates: impl Iterator<Item = Hit>,
    options: &QueryOptions,
    hits: &mut [Hit],
) -> usize {
    let mut top = TopHits::new(hits);
    let mut offer = |hit: Hit| {
        if hit.score.total >= options.min_score {
            top.offer(hit);
        }
    };
    if options.neighbours {
        with_neighbours(candidates, &mut offer);
    } else {
        candidates.for_each(&mut offer);
    }
    top.found()
}

fn with_neighbours(candidates: impl Iterator<Item = Hit>, offer: &mut impl FnMut(Hit)) {
    // The hit in the middle has all its neighbours around it; totals outside the list are 0.
    let mut window = [None::<Hit>; 2 * NEIGHBOUR_REACH + 1];
    for candidate in candidates.map(Some).chain([None; NEIGHBOUR_REACH]) {
        window.rotate_left(1);
        window[2 * NEIGHBOUR_REACH] = candidate;
        if let Some(hit) = window[NEIGHBOUR_REACH] {
            offer(lifted(hit, best_around(&window)));
        }
    }
}

fn best_around(window: &[Option<Hit>; 2 * NEIGHBOUR_REACH + 1]) -> f32 {
    let total = |at: usize| window[at].map_or(0.0, |hit| hit.score.total);
    let (mut best, mut left) = (0.0, 1.0);
    for distance in 1..=NEIGHBOUR_REACH {
        let nearer = total(NEIGHBOUR_REACH - distance).max(total(NEIGHBOUR_REACH + distance));
        best = f32::max(best, left * nearer);
        left *= NEIGHBOUR_DECAY;
    }
    best
}

/// `(own^(1/4) + share (best^(1/4) - own^(1/4)))^4`, never above `best`.
fn lifted(mut hit: Hit, best: f32) -> Hit {
    let own = hit.score.total;
    if best > own {
        let root = libm::sqrtf(libm::sqrtf(own));
        let far = libm::sqrtf(libm::sqrtf(best)) - root;
        let lifted = root + NEIGHBOUR_SHARE * far;
        let square = lifted * lifted;
        hit.score.total = (square * square).clamp(own, best);
        hit.score.neighbours = hit.score.total - own;
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn hit(counter: u32, total: f32) -> Hit {
        Hit {
            key: Key { origin: 0, counter },
            created: Timestamp(0),
            score: Score {
                total,
                ..Score::default()
            },
        }
    }

    #[test]
    fn keeps_the_best_and_breaks_ties_by_age() {
        let totals = [0.3, 0.9, 0.5, 0.9, 0.1, 0.7];
        let options = QueryOptions::of_owner(Owner(0));
        for room in 0..8 {
            let mut hits = std::vec![Hit::default(); room];
            let candidates = totals
                .iter()
                .enumerate()
                .map(|(i, &total)| hit(i as u32, total));
            let found = rank(candidates, &options, &mut hits);
            let order: Vec<u32> = hits[..found].iter().map(|hit| hit.key.counter).collect();
            assert_eq!(order, [1, 3, 5, 2, 0, 4][..room.min(6)]);
        }
    }

    #[test]
    fn what_is_far_behind_the_best_does_not_count_as_read() {
        let hits = [0.8, 0.73, 0.7].map(|total| hit(0, total));
        assert_eq!(read(&hits), &hits[..2]);
        assert_eq!(read(&hits[2..]), &hits[2..]);
        assert!(read(&[]).is_empty());
    }

    #[test]
    fn threshold_can_leave_nothing() {
        let options = QueryOptions {
            min_score: 0.8,
            ..QueryOptions::of_owner(Owner(0))
        };
        let mut hits = [Hit::default(); 4];
        let scores = [0.79, 0.5].iter().map(|&total| hit(0, total));
        assert_eq!(rank(scores, &options, &mut hits), 0);
    }

    #[test]
    fn neighbours_lift_and_never_lower() {
        let options = QueryOptions {
            neighbours: true,
            ..QueryOptions::of_owner(Owner(0))
        };
        let mut hits = [Hit::default(); 3];
        let candidates = [hit(0, 0.2), hit(1, 1.0), hit(2, 0.0)].into_iter();
        assert_eq!(rank(candidates, &options, &mut hits), 3);
        assert_eq!(hits.map(|hit| hit.key.counter), [1, 0, 2]);
        assert_eq!(hits[0].score.total, 1.0);
        let lifted = |own: f32| (0.5 * own.powf(0.25) + 0.5).powi(4);
        assert!((hits[1].score.total - lifted(0.2)).abs() < 1e-6);
        assert!((hits[2].score.total - lifted(0.0)).abs() < 1e-6);
        assert_eq!(hits[2].score.neighbours, hits[2].score.total);
    }

    #[test]
    fn neighbours_out_of_reach_lift_nothing() {
        let options = QueryOptions {
            neighbours: true,
            ..QueryOptions::of_owner(Owner(0))
        };
        let mut hits = [Hit::default(); 12];
        let candidates = (0..12).map(|i| hit(i, if i == 6 { 1.0 } else { 0.0 }));
        assert_eq!(rank(candidates, &options, &mut hits), 12);
        let mut reached: Vec<u32> = hits[..9].iter().map(|hit| hit.key.counter).collect();
        reached.sort_unstable();
        assert_eq!(reached, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert!(hits[9..].iter().all(|hit| hit.score.total == 0.0));
    }
}
