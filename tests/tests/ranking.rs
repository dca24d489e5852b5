//! Ranking against sorting.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::query::{Hit, QueryOptions, TopHits, rank};
use memt_core::score::Score;
use memt_core::slot::{Key, Owner, Timestamp};
use memt_tests::neighbours::with_neighbours;
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
        let own: Vec<f64> = hits.iter().map(|hit| f64::from(hit.score.total)).collect();
        let expected = match neighbours {
            true => with_neighbours(&own),
            false => own,
        };
        let mut all = vec![Hit::default(); hits.len()];
        rank(hits.iter().copied(), &QueryOptions { min_score: 0.0, ..options }, &mut all);
        let mut blended = Vec::new();
        for (hit, expected) in hits.iter().zip(expected) {
            let lifted = all.iter().find(|other| other.key == hit.key).unwrap();
            let (total, gain) = (lifted.score.total, lifted.score.neighbours);
            prop_assert!((f64::from(total) - expected).abs() < 1e-6, "{} {}", total, expected);
            prop_assert!((total - hit.score.total - gain).abs() < 1e-6);
            prop_assert!((0.0..=1.0).contains(&total));
            blended.push(*lifted);
        }
        blended.retain(|hit| hit.score.total >= options.min_score);
        let mut expected = sorted(blended);
        expected.truncate(room);
        prop_assert_eq!(&buffer[..found], &expected[..]);
    }
}
