use super::*;
use crate::bank::OwnedSlot;
use crate::model::{Arithmetic, Model};
use memt_core::slot::{Factor, Timestamp};
use memt_core::write::NewMemory;
use std::collections::HashMap;

const SUBJECTS: [[&str; 4]; 3] = [
    ["boiler", "radiator", "heating valve", "hot water tank"],
    ["violin", "piano sonata", "string quartet", "orchestra"],
    ["tomatoes", "apple tree", "garden hose", "compost heap"],
];

const SENTENCES: [&str; 4] = ["the {}", "our {}", "this {} here", "a new {}"];

fn bank() -> Bank {
    let model = Model::built_in().unwrap();
    let encoder = model.text_encoder(Arithmetic::Fixed).unwrap();
    let mut bank = Bank::new();
    bank.bind(encoder.fingerprint()).unwrap();
    let mut time = 0;
    for (number, things) in SUBJECTS.iter().enumerate() {
        for thing in things {
            for sentence in SENTENCES {
                let text = sentence.replace("{}", thing);
                time += 1;
                let new = NewMemory {
                    owner: Owner(number as u64),
                    text: &text,
                    embedding: &encoder.encode_one(&text).unwrap(),
                    created: Timestamp(time),
                    importance: Factor::ONE,
                };
                bank.write(OwnedSlot::of(&new, &[]).unwrap()).unwrap();
            }
        }
    }
    bank
}

#[test]
fn what_is_alike_lies_side_by_side() {
    let bank = bank();
    let map = Map::of(&bank, None, usize::MAX);
    assert_eq!(map.points.len(), 48);
    assert!(
        map.points
            .iter()
            .all(|p| (0.0..=1.0).contains(&p.x) && (0.0..=1.0).contains(&p.y))
    );
    let subject = |point: &Point| bank.get(point.key).unwrap().facts.owner.0;
    let agree = map.points.iter().filter(|own| {
        let distance = |other: &Point| (own.x - other.x).hypot(own.y - other.y);
        let others = map.points.iter().filter(|other| other.key != own.key);
        let nearest = others.min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.is_some_and(|nearest| subject(nearest) == subject(own))
    });
    assert!(agree.count() >= 44);
    assert_eq!(map, Map::of(&bank, None, usize::MAX));
}

#[test]
fn clusters_hold_one_subject_and_are_named_by_it() {
    let bank = bank();
    let map = Map::of(&bank, None, usize::MAX);
    assert!(map.clusters.len() >= 3, "{:?}", map.clusters);
    let sizes: usize = map.clusters.iter().map(|cluster| cluster.size).sum();
    assert_eq!(sizes, 48);
    assert!(map.clusters.is_sorted_by(|a, b| a.size >= b.size));
    let mut subjects: HashMap<usize, HashMap<u64, usize>> = HashMap::new();
    for point in &map.points {
        let owner = bank.get(point.key).unwrap().facts.owner.0;
        *subjects
            .entry(point.cluster)
            .or_default()
            .entry(owner)
            .or_default() += 1;
    }
    let pure: usize = subjects
        .values()
        .filter_map(|counts| counts.values().max())
        .sum();
    assert!(pure >= 44, "{subjects:?}");
    let things = SUBJECTS.concat().join(" ");
    for cluster in &map.clusters {
        assert!(things.contains(&cluster.words[0]), "{:?}", cluster.words);
    }
}

#[test]
fn a_part_is_shown_of_many_and_nothing_of_none() {
    let bank = bank();
    assert_eq!(Map::of(&bank, None, 20).points.len(), 20);
    assert_eq!(Map::of(&bank, Some(&[Owner(1)]), 100).points.len(), 16);
    assert_eq!(Map::of(&bank, Some(&[Owner(9)]), 100), Map::default());
    let one = Map::of(&bank, None, 1);
    assert_eq!((one.points[0].x, one.points[0].y), (0.5, 0.5));
    assert_eq!(one.clusters[0].size, 1);
}

#[test]
fn those_beyond_the_landmarks_lie_near_their_like() {
    let vectors = centred(
        &bank()
            .owned_by(None)
            .map(|slot| *slot.embedding)
            .collect::<Vec<_>>(),
    );
    let half: Vec<usize> = (0..48).step_by(2).collect();
    let landmarks = vectors.select(Axis(0), &half);
    let laid_out = lay_out(&landmarks);
    let (places, nearest) = place_all(&vectors, &landmarks, &laid_out);
    for (number, (&row, place)) in half.iter().zip(&laid_out).enumerate() {
        assert_eq!((places[row], nearest[row]), (*place, number));
    }
    assert!(
        places
            .iter()
            .flatten()
            .all(|coordinate| coordinate.is_finite())
    );
}
