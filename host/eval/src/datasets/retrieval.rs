//! Queries and the documents they are ranked against:
//! `{"type":"doc","group","id","text"}` and `{"type":"query","group","id","text","rel":{id:grade}}`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;

use super::LoadError;
use super::lines::{rows, wrong};

/// Queries and documents, by group.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieval {
    /// Groups in order of appearance.
    pub groups: Vec<Group>,
}

/// Documents, and the queries that are ranked against them and no others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// Name, unique in the set.
    pub name: String,
    /// Document texts.
    pub documents: Vec<String>,
    /// Queries.
    pub queries: Vec<Query>,
}

/// A query and the documents that answer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is asked.
    pub text: String,
    /// Indices into the group's documents, ascending, at least one. All count alike.
    pub relevant: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Row {
    Doc {
        group: String,
        id: String,
        text: String,
    },
    Query {
        group: String,
        text: String,
        rel: BTreeMap<String, f64>,
    },
}

/// A query whose documents may still follow in the file.
struct Pending {
    line: usize,
    group: usize,
    text: String,
    relevant: BTreeMap<String, f64>,
}

#[derive(Default)]
struct Builder {
    groups: Vec<Group>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<(usize, String), usize>,
}

impl Builder {
    fn group(&mut self, name: String) -> usize {
        if let Some(&index) = self.by_name.get(&name) {
            return index;
        }
        let index = self.groups.len();
        self.groups.push(Group {
            name: name.clone(),
            ..Group::default()
        });
        self.by_name.insert(name, index);
        index
    }

    fn document(&mut self, group: String, id: String, text: String) -> Result<(), String> {
        let group = self.group(group);
        let index = self.groups[group].documents.len();
        if self.by_id.insert((group, id.clone()), index).is_some() {
            return Err(format!("document id {id:?} occurs twice in its group"));
        }
        self.groups[group].documents.push(text);
        Ok(())
    }

    fn query(&mut self, query: Pending) -> Result<(), String> {
        let mut relevant = Vec::with_capacity(query.relevant.len());
        for (id, grade) in query.relevant {
            if grade <= 0.0 {
                return Err(format!("grade {grade} of document {id:?} is not above 0"));
            }
            match self.by_id.get(&(query.group, id.clone())) {
                Some(&index) => relevant.push(index),
                None => return Err(format!("no document {id:?} in the query's group")),
            }
        }
        if relevant.is_empty() {
            return Err("the query has no relevant document".to_owned());
        }
        relevant.sort_unstable();
        self.groups[query.group].queries.push(Query {
            text: query.text,
            relevant,
        });
        Ok(())
    }
}

impl Retrieval {
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, LoadError> {
        let mut builder = Builder::default();
        let mut pending = Vec::new();
        for row in rows::<Row>(file, text) {
            let (line, row) = row?;
            match row {
                Row::Doc { group, id, text } => builder
                    .document(group, id, text)
                    .map_err(|problem| wrong(file, line, problem))?,
                Row::Query { group, text, rel } => pending.push(Pending {
                    line,
                    group: builder.group(group),
                    text,
                    relevant: rel,
                }),
            }
        }
        if pending.is_empty() {
            return Err(LoadError::Empty {
                file: file.to_owned(),
                lacks: "queries",
            });
        }
        for query in pending {
            let line = query.line;
            builder
                .query(query)
                .map_err(|problem| wrong(file, line, problem))?;
        }
        Ok(Self {
            groups: builder.groups,
        })
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.groups
            .iter()
            .flat_map(|group| {
                let queries = group.queries.iter().map(|query| query.text.as_str());
                group.documents.iter().map(String::as_str).chain(queries)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Retrieval};

    fn problem(text: &str) -> String {
        Retrieval::parse(Path::new("t.jsonl"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_query_may_stand_before_its_documents() {
        let text = r#"{"type":"query","group":"g","id":"q","text":"Q","rel":{"2":1,"1":1}}
{"type":"doc","group":"h","id":"1","text":"other"}
{"type":"doc","group":"g","id":"0","text":"zero"}
{"type":"doc","group":"g","id":"1","text":"one"}
{"type":"doc","group":"g","id":"2","text":"two","date":"ignored"}"#;
        let set = Retrieval::parse(Path::new("t.jsonl"), text).unwrap();
        assert_eq!(set.groups[0].documents, ["zero", "one", "two"]);
        assert_eq!(set.groups[0].queries[0].relevant, [1, 2]);
        assert_eq!(set.groups[1].documents, ["other"]);
        assert_eq!(set.texts(), ["zero", "one", "two", "Q", "other"]);
    }

    #[test]
    fn contradictions_are_refused_with_their_line() {
        let doc = r#"{"type":"doc","group":"g","id":"1","text":"one"}"#;
        assert_eq!(
            problem(&format!("{doc}\n{doc}")),
            "t.jsonl:2: document id \"1\" occurs twice in its group"
        );
        let query = r#"{"type":"query","group":"g","id":"q","text":"Q","rel":{"7":1}}"#;
        assert_eq!(
            problem(&format!("{doc}\n{query}")),
            "t.jsonl:2: no document \"7\" in the query's group"
        );
        let query = r#"{"type":"query","group":"g","id":"q","text":"Q","rel":{"1":0}}"#;
        assert_eq!(
            problem(&format!("{doc}\n{query}")),
            "t.jsonl:2: grade 0 of document \"1\" is not above 0"
        );
        assert_eq!(problem(doc), "t.jsonl: no queries");
    }
}
