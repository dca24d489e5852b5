//! Files in and out through the program, as a person types it, and a bank file that is damaged on the way.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MEMORIES: usize = 300;

/// A folder in which `memt` runs.
struct Folder(tempfile::TempDir);

impl Folder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memt-here"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMT_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.0.path());
        command.output().unwrap()
    }

    /// What a command that must succeed says in JSON.
    fn done(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The texts of a file of JSON lines, each with its id and owner.
    fn told(&self, name: &str) -> BTreeSet<[String; 3]> {
        let lines = std::fs::read_to_string(self.path(name)).unwrap();
        let line = |line: &str| {
            let value: Value = serde_json::from_str(line).unwrap();
            ["text", "id", "owner"].map(|field| value[field].as_str().unwrap().to_owned())
        };
        lines.lines().map(line).collect()
    }
}

fn line(number: usize) -> String {
    format!(r#"{{"text":"memory number {number}","id":"id {number}","owner":"anna"}}"#)
}

/// Flips a bit of the text of a memory wherever the file has it; says in how many places.
fn flip(path: &Path, text: &str) -> usize {
    let mut bytes = std::fs::read(path).unwrap();
    let places = bytes.windows(text.len()).enumerate();
    let places = places.filter(|(_, window)| *window == text.as_bytes());
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    for &at in &places {
        bytes[at] ^= 1;
    }
    std::fs::write(path, bytes).unwrap();
    places.len()
}

#[test]
fn in_out_and_through_damage() {
    let folder = Folder(tempfile::tempdir().unwrap());
    // A bad record stops the import, and says where it goes on.
    let bad = 120;
    let mut lines: Vec<String> = (1..=MEMORIES).map(line).collect();
    lines[bad - 1] = r#"{"id":"no text"}"#.to_owned();
    std::fs::write(folder.path("in.jsonl"), lines.join("\n")).unwrap();
    let refused = folder.run(&["import", "in.jsonl"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_ne!(refused.status.code(), Some(0));
    for part in ["in.jsonl", "record 120", "`text`", "--skip 119"] {
        assert!(said.contains(part), "{said:?} does not name {part}");
    }
    // Without the bad one.
    let rest = folder.done(&["import", "in.jsonl", "--skip", "120"]);
    assert_eq!(rest["added"], MEMORIES - bad);
    let told = folder.done(&["export", "out.jsonl"]);
    assert_eq!(told["memories"], MEMORIES - 1);
    let numbers = (1..=MEMORIES).filter(|&number| number != bad);
    let expected: BTreeSet<[String; 3]> = numbers
        .map(|number| {
            let (text, id) = (format!("memory number {number}"), format!("id {number}"));
            [text, id, "anna".to_owned()]
        })
        .collect();
    assert_eq!(folder.told("out.jsonl"), expected);
    // Out and in again, by every format that the program reads back.
    for name in ["again.slots", "again.csv"] {
        folder.done(&["export", name]);
        let bank = format!("{name}.redb");
        let again = folder.done(&["import", name, "--bank", &bank]);
        assert_eq!(again["added"], MEMORIES - 1, "{name}");
    }
    // A memory is damaged: told by the exit status; the others are saved.
    assert_eq!(folder.done(&["fsck"])["ok"], true);
    assert!(flip(&folder.path("memt.redb"), "memory number 77") > 0);
    let damaged = folder.run(&["fsck"]);
    assert_eq!(damaged.status.code(), Some(1), "{damaged:?}");
    assert_ne!(folder.run(&["list"]).status.code(), Some(0));
    let saved = folder.done(&["fsck", "--repair", "saved.redb"]);
    assert_eq!(saved["saved_memories"], MEMORIES - 2);
    assert_eq!(folder.done(&["fsck", "--bank", "saved.redb"])["ok"], true);
    folder.done(&["export", "saved.jsonl", "--bank", "saved.redb"]);
    let lost: Vec<_> = expected
        .difference(&folder.told("saved.jsonl"))
        .map(|told| told[0].clone())
        .collect();
    assert_eq!(lost, ["memory number 77"]);
}
