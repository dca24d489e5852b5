//! The words that tell groups of texts from each other: class-based tf-idf (Grootendorst, "BERTopic",
//! 2022, section 3.3), over stems, shown as most often written.

use memt_core::overlap::term;
use memt_core::text::Words;
use std::collections::HashMap;

/// Words that name a group.
const NAMES: usize = 3;

/// Characters of the shortest word that names a group.
const SHORTEST: usize = 3;

#[derive(Default)]
struct Counted {
    /// In each group.
    groups: Vec<f32>,
    /// As written in lower case, and how often.
    written: HashMap<String, u32>,
}

/// The words of each of `groups` groups; `texts` are texts with the numbers of their groups.
pub(super) fn label<'t>(
    groups: usize,
    texts: impl Iterator<Item = (usize, &'t str)>,
) -> Vec<Vec<String>> {
    let mut stems: HashMap<u32, Counted> = HashMap::new();
    let mut lengths = vec![0f32; groups];
    for (group, text) in texts {
        for word in Words::of(text) {
            let Some(stem) = term(word) else { continue };
            let written = word.as_written().to_lowercase();
            if written.chars().count() < SHORTEST {
                continue;
            }
            let counted = stems.entry(stem).or_default();
            counted.groups.resize(groups, 0.0);
            counted.groups[group] += 1.0;
            lengths[group] += 1.0;
            *counted.written.entry(written).or_default() += 1;
        }
    }
    let mean = lengths.iter().sum::<f32>() / groups.max(1) as f32;
    (0..groups)
        .map(|group| best_words(&stems, group, lengths[group], mean))
        .collect()
}

fn best_words(stems: &HashMap<u32, Counted>, group: usize, length: f32, mean: f32) -> Vec<String> {
    let weighed = stems.values().filter_map(|counted| {
        let here = counted.groups[group];
        let everywhere: f32 = counted.groups.iter().sum();
        let weight = here / length.max(1.0) * (1.0 + mean / everywhere).ln();
        let written = counted.written.iter();
        let most = written.max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))?.0;
        (here > 0.0).then_some((weight, most))
    });
    let mut weighed: Vec<(f32, &String)> = weighed.collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let best = weighed.into_iter().take(NAMES);
    best.map(|(_, word)| word.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_named_by_what_others_lack() {
        let texts = [
            (0, "The boiler valve leaks, said Maria"),
            (0, "a new valve for the boiler"),
            (1, "Maria plays the piano"),
            (1, "pianos need tuning; a piano teacher"),
        ];
        let labels = label(3, texts.into_iter());
        assert_eq!(labels[0][..2], ["boiler", "valve"]);
        assert_eq!(labels[1][0], "piano");
        assert!(labels[2].is_empty());
    }
}
