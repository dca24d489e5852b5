//! Interference: families of memories that differ in one place, written in a shuffled order, asked in
//! other words. Odd families tune, even ones judge; the fresh ones were written last and judge too.

use super::{Question, Random, Task};

const FAMILIES: &str = include_str!("families.txt");
const FRESH: &str = include_str!("fresh.txt");

/// Which half of what is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// For tuning.
    Odd,
    /// For judging.
    Even,
}

/// The memories and questions of half of the families, memories in an order that `seed` shuffles.
pub fn families(half: Half, seed: u64) -> Task {
    task(FAMILIES, seed, |family| {
        (family % 2 == 0) == (half == Half::Odd)
    })
}

/// Those of the fresh families.
pub fn fresh_families(seed: u64) -> Task {
    task(FRESH, seed, |_| true)
}

fn task(file: &str, seed: u64, chosen: impl Fn(usize) -> bool) -> Task {
    let mut task = Task::default();
    let blocks = file.split("\n\n").filter(|block| block.contains("\n= "));
    for (family, block) in blocks.enumerate().filter(|block| chosen(block.0)) {
        add_family(block, family, &mut task);
    }
    shuffle(task, seed)
}

fn add_family(block: &str, family: usize, task: &mut Task) {
    let lines = |mark: &'static str| {
        block
            .lines()
            .filter_map(move |line| line.strip_prefix(mark))
    };
    let memory = lines("= ").next().unwrap_or_default();
    for words in lines("- ") {
        let (written, asked) = words.split_once(" = ").unwrap_or((words, words));
        let questions = lines("? ").map(|question| Question {
            text: question.replace("{}", asked),
            answers: vec![task.memories.len()],
            family,
        });
        task.questions.extend(questions);
        task.memories.push(memory.replace("{}", written));
    }
}

fn shuffle(mut task: Task, seed: u64) -> Task {
    let mut order: Vec<usize> = (0..task.memories.len()).collect();
    Random::seeded(seed).shuffle(&mut order);
    let mut place = vec![0; order.len()];
    for (at, &was) in order.iter().enumerate() {
        place[was] = at;
    }
    task.memories = order
        .iter()
        .map(|&was| task.memories[was].clone())
        .collect();
    for question in &mut task.questions {
        question.answers.iter_mut().for_each(|at| *at = place[*at]);
    }
    task
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_alike_in_size_and_share_nothing() {
        let parts = [
            families(Half::Odd, 1),
            families(Half::Even, 1),
            fresh_families(1),
        ];
        for (number, part) in parts.iter().enumerate() {
            assert_eq!(part.memories.len(), 140);
            assert_eq!(part.questions.len(), 280);
            let questions = &part.questions;
            assert!(
                questions
                    .iter()
                    .all(|question| !question.text.contains("{}"))
            );
            let others = parts[number + 1..].iter();
            let mut others = others.flat_map(|other| &other.memories);
            assert!(others.all(|memory| !part.memories.contains(memory)));
        }
        assert_ne!(parts[0].memories, families(Half::Odd, 2).memories);
    }
}
