//! Groups of memories in a picture: where places lie densely. Mean shift (Comaniciu and Meer, 2002) with
//! the Epanechnikov kernel: every place climbs to the middle of what is near until it stays; places that
//! arrive together are a group.

use rayon::prelude::*;

/// Most groups: as many as colours can be told apart.
const MOST: usize = 12;

/// Fewest places of a group; those of smaller ones join the nearest.
const FEWEST_EACH: usize = 4;

/// How near is near, in parts of the picture's side: what is tried first, and how it grows until there
/// are at most [`MOST`] groups.
const FIRST_REACH: f32 = 0.08;
const GROWTH: f32 = 1.25;

/// Moves of a place at most.
const MOVES: usize = 60;

/// A move that is shorter than this part of the reach is the last.
const STILL: f32 = 0.01;

/// The number of the group of each place; places lie in the square from 0 to 1.
pub(super) fn groups(places: &[[f32; 2]]) -> Vec<usize> {
    let mut reach = FIRST_REACH;
    loop {
        let (peaks, members) = climb(places, reach);
        let large = large(&members, peaks.len());
        if large.len() <= MOST {
            return join(places, &peaks, &members, &large);
        }
        reach *= GROWTH;
    }
}

/// Where places arrive, and at which of these each does.
fn climb(places: &[[f32; 2]], reach: f32) -> (Vec<[f32; 2]>, Vec<usize>) {
    let arrived = places.par_iter().map(|&place| peak(places, place, reach));
    let arrived: Vec<[f32; 2]> = arrived.collect();
    let mut peaks: Vec<[f32; 2]> = Vec::new();
    let members = arrived.iter().map(|&place| {
        let near = |peak: &[f32; 2]| distance(*peak, place) < reach * reach / 4.0;
        peaks.iter().position(near).unwrap_or_else(|| {
            peaks.push(place);
            peaks.len() - 1
        })
    });
    let members = members.collect();
    (peaks, members)
}

fn peak(places: &[[f32; 2]], mut at: [f32; 2], reach: f32) -> [f32; 2] {
    for _ in 0..MOVES {
        let (mut sum, mut mean) = (0.0, [0f32; 2]);
        for &place in places {
            // The mean of what lies within reach is the slope of that kernel.
            if distance(place, at) <= reach * reach {
                sum += 1.0;
                mean[0] += place[0];
                mean[1] += place[1];
            }
        }
        let next = if sum > 0.0 { mean.map(|c| c / sum) } else { at };
        let moved = distance(next, at);
        at = next;
        if moved < (STILL * reach).powi(2) {
            break;
        }
    }
    at
}

/// The square of it.
fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
}

/// The peaks with enough members; if none has, the one with most.
fn large(members: &[usize], peaks: usize) -> Vec<usize> {
    let mut sizes = vec![0usize; peaks];
    members.iter().for_each(|&peak| sizes[peak] += 1);
    let large: Vec<usize> = (0..peaks)
        .filter(|&peak| sizes[peak] >= FEWEST_EACH)
        .collect();
    if !large.is_empty() {
        return large;
    }
    let most = (0..peaks).max_by_key(|&peak| (sizes[peak], std::cmp::Reverse(peak)));
    most.into_iter().collect()
}

/// Groups numbered from 0, members of other peaks in the nearest.
fn join(places: &[[f32; 2]], peaks: &[[f32; 2]], members: &[usize], large: &[usize]) -> Vec<usize> {
    let joined = places.iter().zip(members).map(|(&place, peak)| {
        let own = large.iter().position(|one| one == peak);
        let to = |group: &usize| distance(peaks[large[*group]], place);
        own.or_else(|| (0..large.len()).min_by(|a, b| to(a).total_cmp(&to(b))))
            .unwrap_or(0)
    });
    joined.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered(groups: usize, each: usize) -> Vec<[f32; 2]> {
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as f32 / 65_536.0 - 0.5
        };
        (0..groups * each)
            .map(|at| {
                let angle = std::f32::consts::TAU * (at % groups) as f32 / groups as f32;
                [
                    0.5 + 0.4 * angle.cos() + 0.08 * random(),
                    0.5 + 0.4 * angle.sin() + 0.08 * random(),
                ]
            })
            .collect()
    }

    #[test]
    fn as_many_groups_as_there_are() {
        for count in [1, 2, 5, 9] {
            let found = groups(&scattered(count, 20));
            assert_eq!(found.iter().max(), Some(&(count - 1)));
            assert!((count..20 * count).all(|at| found[at] == found[at % count]));
        }
    }

    #[test]
    fn never_more_than_can_be_told_apart() {
        let found = groups(&scattered(30, 20));
        assert!(*found.iter().max().unwrap() < MOST);
    }

    #[test]
    fn few_or_equal_places_are_one_group() {
        assert!(groups(&[]).is_empty());
        assert_eq!(groups(&[[0.5, 0.5]]), [0]);
        assert_eq!(groups(&[[0.0, 0.0], [1.0, 1.0]]), [0, 0]);
        assert_eq!(groups(&[[0.5, 0.5]; 50]), [0; 50]);
    }
}
