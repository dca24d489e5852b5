//! Interference: families of memories that differ in one place, written in a shuffled order, asked in
//! other words. Odd families tune, even ones judge.

use super::{Random, Task};
use std::collections::HashMap;

const FAMILIES: &str = include_str!("families.txt");

/// Which half of the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// For tuning.
    Odd,
    /// For judging.
    Even,
}

/// The memories and questions of half of the families, memories in an order that `seed` shuffles.
pub fn families(half: Half, seed: u64) -> Task {
    let mut task = Task::default();
    let blocks = FAMILIES
        .split("\n\n")
        .filter(|block| block.contains("\n= "));
    for (number, block) in blocks.enumerate() {
        if (number % 2 == 0) == (half == Half::Odd) {
            add_family(block, &mut task);
        }
    }
    shuffle(task, seed)
}

fn add_family(block: &str, task: &mut Task) {
    let lines = |mark: &'static str| {
        block
            .lines()
            .filter_map(move |line| line.strip_prefix(mark))
    };
    let memory = lines("= ").next().unwrap_or_default();
    for words in lines("- ") {
        let (written, asked) = words.split_once(" = ").unwrap_or((words, words));
        for question in lines("? ") {
            let question = question.replace("{}", asked);
            task.questions.push((question, vec![task.memories.len()]));
        }
        task.memories.push(memory.replace("{}", written));
    }
}

fn shuffle(task: Task, seed: u64) -> Task {
    let mut order: Vec<usize> = (0..task.memories.len()).collect();
    let mut random = Random(seed);
    for last in (1..order.len()).rev() {
        order.swap(last, random.below(last + 1));
    }
    let place: HashMap<usize, usize> = order
        .iter()
        .enumerate()
        .map(|(at, &was)| (was, at))
        .collect();
    let questions = task.questions.into_iter();
    Task {
        memories: order
            .iter()
            .map(|&was| task.memories[was].clone())
            .collect(),
        questions: questions
            .map(|(text, answers)| (text, answers.iter().map(|answer| place[answer]).collect()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_alike_in_size_and_share_nothing() {
        let (odd, even) = (families(Half::Odd, 1), families(Half::Even, 1));
        for half in [&odd, &even] {
            assert_eq!(half.memories.len(), 140);
            assert_eq!(half.questions.len(), 280);
            assert!(half.questions.iter().all(|(text, _)| !text.contains("{}")));
        }
        assert!(
            odd.memories
                .iter()
                .all(|memory| !even.memories.contains(memory))
        );
        assert_ne!(odd.memories, families(Half::Odd, 2).memories);
    }
}
