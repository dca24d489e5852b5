//! A bank as a picture in the plane.

use super::clusters::groups;
use super::labels::label;
use super::layout::lay_out;
use super::vectors::{centred, normalise};
use crate::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::slot::{Key, Owner, SlotView};
use ndarray::{Array2, ArrayView1, Axis};
use rayon::prelude::*;

/// Memories that are laid out among each other; more are placed among their nearest of these.
const LANDMARKS: usize = 1_000;

/// Landmarks that decide where a memory is placed.
const NEAREST: usize = 5;

/// A memory in the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Which.
    pub key: Key,
    /// From 0 to 1, as is `y`; both have the same scale.
    pub x: f32,
    /// Downwards.
    pub y: f32,
    /// The number of its cluster.
    pub cluster: usize,
}

/// Memories that say alike things.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The words that others use less.
    pub words: Vec<String>,
    /// How many memories.
    pub size: usize,
    /// The middle of them.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// Memories in the plane, alike ones side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Old to new.
    pub points: Vec<Point>,
    /// Larger ones first.
    pub clusters: Vec<Cluster>,
}

impl Map {
    /// The memories of some owners, or of all; of more than `most`, as many, evenly spaced in age.
    pub fn of(bank: &Bank, owners: Option<&[Owner]>, most: usize) -> Self {
        let mut all: Vec<SlotView<'_>> = match owners {
            None => bank.owned_by(None).collect(),
            Some(owners) => {
                let owners = owners.iter();
                owners
                    .flat_map(|&owner| bank.owned_by(Some(owner)))
                    .collect()
            }
        };
        all.sort_by_key(SlotView::age_order);
        let shown: Vec<SlotView<'_>> = evenly(all.len(), most).map(|at| all[at]).collect();
        let embeddings: Vec<Embedding> = shown.iter().map(|slot| *slot.embedding).collect();
        let vectors = centred(&embeddings);
        let landmarks: Vec<usize> = evenly(shown.len(), LANDMARKS).collect();
        let among = vectors.select(Axis(0), &landmarks);
        let mut laid_out = lay_out(&among);
        fit_to_square(&mut laid_out);
        let groups = settled(&among, groups(&laid_out));
        let (places, nearest) = place_all(&vectors, &among, &laid_out);
        let members: Vec<usize> = nearest.iter().map(|&landmark| groups[landmark]).collect();
        let count = groups.iter().max().map_or(0, |last| last + 1);
        Self::gather(&shown, &places, &members, count)
    }

    fn gather(
        shown: &[SlotView<'_>],
        places: &[[f32; 2]],
        members: &[usize],
        groups: usize,
    ) -> Self {
        let mut sizes = vec![0; groups];
        members.iter().for_each(|&group| sizes[group] += 1);
        let mut order: Vec<usize> = (0..groups).filter(|&group| sizes[group] > 0).collect();
        order.sort_by_key(|&group| std::cmp::Reverse(sizes[group]));
        let number = |group: usize| order.iter().position(|&one| one == group).unwrap_or(0);
        let points = shown.iter().zip(places).zip(members);
        let points = points.map(|((slot, &[x, y]), &group)| Point {
            key: slot.facts.key,
            x,
            y,
            cluster: number(group),
        });
        let points: Vec<Point> = points.collect();
        let texts = points.iter().zip(shown);
        let labels = label(
            order.len(),
            texts.map(|(point, slot)| (point.cluster, slot.text)),
        );
        let clusters = labels.into_iter().enumerate().map(|(cluster, words)| {
            let inside = || points.iter().filter(|point| point.cluster == cluster);
            let size = inside().count();
            let middle = |axis: fn(&Point) -> f32| inside().map(axis).sum::<f32>() / size as f32;
            Cluster {
                words,
                size,
                x: middle(|point| point.x),
                y: middle(|point| point.y),
            }
        });
        Self {
            clusters: clusters.collect(),
            points,
        }
    }
}

/// At most `most` of the numbers below `count`, evenly spaced.
fn evenly(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (0..shown).map(move |at| at * count / shown)
}

/// Each vector in that group of the picture whose members' mean direction it is nearest to: in a plane what is
/// alike cannot always lie side by side.
fn settled(vectors: &Array2<f32>, groups: Vec<usize>) -> Vec<usize> {
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut means = Array2::zeros((count, vectors.ncols()));
    for (vector, &group) in vectors.rows().into_iter().zip(&groups) {
        let mut mean = means.row_mut(group);
        mean += &vector;
    }
    means.rows_mut().into_iter().for_each(normalise);
    let settled = vectors.rows().into_iter().zip(groups).map(|(vector, own)| {
        let likeness = means.dot(&vector);
        let nearer = |best: usize, group: usize| match likeness[group] > likeness[best] {
            true => group,
            false => best,
        };
        (0..count).fold(own, nearer)
    });
    settled.collect()
}

/// The place of each vector and its nearest landmark.
fn place_all(
    vectors: &Array2<f32>,
    landmarks: &Array2<f32>,
    places: &[[f32; 2]],
) -> (Vec<[f32; 2]>, Vec<usize>) {
    if vectors.nrows() == landmarks.nrows() {
        return (places.to_vec(), (0..places.len()).collect());
    }
    let rows = vectors.axis_iter(Axis(0)).into_par_iter();
    rows.map(|vector| place(vector, landmarks, places)).unzip()
}

/// A landmark lies where it was laid out, another vector at the mean of the nearest landmarks, each by
/// the square of its likeness.
fn place(
    vector: ArrayView1<'_, f32>,
    landmarks: &Array2<f32>,
    places: &[[f32; 2]],
) -> ([f32; 2], usize) {
    let likeness = landmarks.dot(&vector);
    let mut order: Vec<usize> = (0..landmarks.nrows()).collect();
    let nearer = |a: &usize, b: &usize| likeness[*b].total_cmp(&likeness[*a]).then(a.cmp(b));
    if order.len() > NEAREST {
        order.select_nth_unstable_by(NEAREST - 1, nearer);
        order.truncate(NEAREST);
    }
    order.sort_by(nearer);
    let nearest = order[0];
    // Nothing is nearer to a landmark than itself.
    if likeness[nearest] > 0.9999 {
        return (places[nearest], nearest);
    }
    let (mut sum, mut place) = (0.0, [0f32; 2]);
    for &landmark in &order {
        let weight = likeness[landmark].max(1e-3).powi(2);
        sum += weight;
        place[0] += weight * places[landmark][0];
        place[1] += weight * places[landmark][1];
    }
    (place.map(|coordinate| coordinate / sum), nearest)
}

/// Moves and scales places, both axes alike, into the square from 0 to 1.
fn fit_to_square(places: &mut [[f32; 2]]) {
    let bounds = [0, 1].map(|axis| {
        let along = || places.iter().map(|place| place[axis]);
        (
            along().fold(f32::MAX, f32::min),
            along().fold(f32::MIN, f32::max),
        )
    });
    let span = bounds
        .iter()
        .map(|(low, high)| high - low)
        .fold(0.0, f32::max);
    let scale = if span > 0.0 { 1.0 / span } else { 0.0 };
    for place in places {
        for (coordinate, (low, high)) in place.iter_mut().zip(bounds) {
            *coordinate = 0.5 + (*coordinate - (low + high) / 2.0) * scale;
        }
    }
}

#[cfg(test)]
mod tests;
