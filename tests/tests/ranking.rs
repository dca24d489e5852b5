//! Ranking against sorting.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::query::{Hit, QueryOptions, TopHits, rank};
use memt_core::score::Score;
use memt_core::slot::{Key, Owner, Timestamp};
use proptest::prelude::*;

fn candidates() -> impl Strategy<Value = Vec<Hit>> {
    let hit = (0..6u32, 0..4u32).prop_map(|(total, created)| (total as f32 / 5.0, created));
    prop::collection::vec(hit, 0..40).prop_map(|hits| {
        let numbered = hits.into_iter().enumerate();
        numbered
            .map(|(counter, (total, created))| candidate(counter, total, created))
            .collect()
    })
}

fn candidate(counter: usize, total: f32, created: u32) -> Hit {
    Hit {
        key: Key {
            origin: 1,
            counter: counter as u32,
        },
        created: Timestamp(created),
        score: Score {
            total,
            ..Score::default()
        },
    }
}

fn sorted(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        let better = b.score.total.partial_cmp(&a.score.total).unwrap();
        better
            .then(a.created.cmp(&b.created))
            .then(a.key.cmp(&b.key))
    });
    hits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn top_hits_are_the_first_of_the_sorted(hits in candidates(), room in 0..45usize) {
        let mut buffer = vec![Hit::default(); room];
        let mut top = TopHits::new(&mut buffer);
        hits.iter().for_each(|&hit| top.offer(hit));
        let found = top.found();
        let mut expected = sorted(hits);
        expected.truncate(room);
        prop_assert_eq!(&buffer[..found], &expected[..]);
    }

    #[test]
    fn threshold_and_neighbours(mut hits in candidates(), room in 0..45usize, least in 0..6u32, neighbours: bool) {
        hits.sort_by_key(|hit| (hit.created, hit.key));
        let options = QueryOptions {
            min_score: least as f32 / 5.0,
            neighbours,
            ..QueryOptions::of_owner(Owner(0))
        };
        let mut buffer = vec![Hit::default(); room];
        let found = rank(hits.iter().copied(), &options, &mut buffer);
        let total = |index: Option<usize>| index.and_then(|at| hits.get(at)).map_or(0.0, |hit| hit.score.total);
        let mut blended = Vec::new();
        for (index, hit) in hits.iter().enumerate() {
            let mean = (total(index.checked_sub(1)) + total(Some(index + 1))) / 2.0;
            let gain = (0.35 * (mean - hit.score.total)).max(0.0);
            let mut hit = *hit;
            if neighbours {
                hit.score.neighbours = gain;
                hit.score.total += gain;
            }
            prop_assert!((0.0..=1.0).contains(&hit.score.total));
            blended.push(hit);
        }
        blended.retain(|hit| hit.score.total >= options.min_score);
        let mut expected = sorted(blended);
        expected.truncate(room);
        prop_assert_eq!(&buffer[..found], &expected[..]);
    }
}
