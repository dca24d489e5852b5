//! What the memories of a life are made of: statements about people, rooms and things, told once, told
//! again or told anew with another content, and questions about them in other words.

use super::{Half, Random};

const STATEMENTS: &str = include_str!("statements.txt");

/// How long a statement is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Always.
    Fact,
    /// For some days.
    Event,
    /// Never.
    Remark,
}

/// Half of the statements of the file.
#[derive(Debug)]
pub struct Statements {
    lists: Vec<(&'static str, Vec<&'static str>)>,
    templates: Vec<Template>,
}

#[derive(Debug)]
struct Template {
    kind: Kind,
    told: &'static str,
    retold: &'static str,
    questions: Vec<&'static str>,
    keys: Vec<&'static str>,
}

/// What a statement is about: its template, and the word in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which template, the family of the subject.
    pub template: usize,
    key: usize,
}

impl Statements {
    /// The odd or the even statements of each kind.
    pub fn of(half: Half) -> Self {
        let lists: Vec<(&str, Vec<&str>)> = STATEMENTS
            .lines()
            .filter_map(|line| line.strip_prefix('@')?.split_once(' '))
            .map(|(name, words)| (name, words.split(", ").collect()))
            .collect();
        let blocks = STATEMENTS.split("\n\n");
        let templates = blocks.filter_map(|block| Template::of(block, &lists));
        let templates = templates.enumerate();
        let chosen = templates.filter(|(number, _)| (number % 2 == 0) == (half == Half::Odd));
        Self {
            templates: chosen.map(|(_, template)| template).collect(),
            lists,
        }
    }

    /// Every subject of a kind.
    pub fn subjects(&self, kind: Kind) -> Vec<Subject> {
        let templates = self.templates.iter().enumerate();
        let of_kind = templates.filter(|(_, template)| template.kind == kind);
        of_kind
            .flat_map(|(template, found)| {
                (0..found.keys.len()).map(move |key| Subject { template, key })
            })
            .collect()
    }

    /// Of which kind a subject is.
    pub fn kind(&self, subject: Subject) -> Kind {
        self.templates[subject.template].kind
    }

    /// What is told of a subject; each `version` says something else, as far as the words go.
    pub fn told(&self, subject: Subject, version: usize) -> String {
        self.filled(self.templates[subject.template].told, subject, version)
    }

    /// The same in more words.
    pub fn retold(&self, subject: Subject, version: usize) -> String {
        self.filled(self.templates[subject.template].retold, subject, version)
    }

    /// Questions about a subject, which hold whatever was told of it.
    pub fn questions(&self, subject: Subject) -> Vec<String> {
        let questions = self.templates[subject.template].questions.iter();
        questions
            .map(|question| self.filled(question, subject, 0))
            .collect()
    }

    fn filled(&self, pattern: &str, subject: Subject, version: usize) -> String {
        let key = self.templates[subject.template].keys[subject.key];
        let mut text = pattern.to_owned();
        let seed = 1 + 1_000 * subject.template + 10 * subject.key;
        let mut random = Random::seeded(seed as u64);
        for (name, words) in &self.lists {
            text = text.replace(&format!("[{name}]"), key);
            let first = random.below(words.len());
            let content = words[(first + version) % words.len()];
            text = text.replace(&format!("<{name}>"), content);
        }
        text
    }
}

impl Template {
    fn of(block: &'static str, lists: &[(&str, Vec<&'static str>)]) -> Option<Self> {
        let kind = match block.lines().next()? {
            "fact" => Kind::Fact,
            "event" => Kind::Event,
            "remark" => Kind::Remark,
            _ => return None,
        };
        let lines = |mark: &'static str| {
            block
                .lines()
                .filter_map(move |line| line.strip_prefix(mark))
        };
        let told = lines("= ").next()?;
        let (_, place) = told.split_once('[')?;
        let (name, _) = place.split_once(']')?;
        let (_, keys) = lists.iter().find(|list| list.0 == name)?;
        Some(Self {
            kind,
            told,
            retold: lines("+ ").next().unwrap_or(told),
            questions: lines("? ").collect(),
            keys: keys.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn halves_are_alike_in_size_and_say_different_things() {
        let [odd, even] = [Half::Odd, Half::Even].map(Statements::of);
        for (kind, count) in [(Kind::Fact, 432), (Kind::Event, 384), (Kind::Remark, 432)] {
            for half in [&odd, &even] {
                assert_eq!(half.subjects(kind).len(), count);
            }
        }
        let told = |statements: &Statements| {
            let kinds = [Kind::Fact, Kind::Event, Kind::Remark];
            let subjects = kinds.map(|kind| statements.subjects(kind)).concat();
            let told = subjects.iter().map(|&subject| statements.told(subject, 0));
            told.collect::<HashSet<String>>()
        };
        assert_eq!(told(&odd).len(), 1248);
        assert!(told(&odd).is_disjoint(&told(&even)));
    }

    #[test]
    fn places_are_filled_and_versions_differ() {
        for statements in [Half::Odd, Half::Even].map(Statements::of) {
            for kind in [Kind::Fact, Kind::Event] {
                for subject in statements.subjects(kind) {
                    let (told, again) = (statements.told(subject, 0), statements.told(subject, 1));
                    assert_ne!(told, again);
                    let retold = statements.retold(subject, 0);
                    assert_ne!(told, retold);
                    let questions = statements.questions(subject);
                    assert_eq!(questions.len(), 2);
                    for text in [told, retold].iter().chain(&questions) {
                        assert!(!text.contains(['[', ']', '<', '>']), "{text}");
                    }
                }
            }
        }
    }
}
