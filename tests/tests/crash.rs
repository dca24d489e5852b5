//! Bank files whose writer is killed at any moment, whose disk is full, or that may only be read.
//!
//! `MEMT_CRASH_KILLS=N` kills N times (25 without it). The last line printed with `--nocapture` says how
//! many changes were acknowledged and found again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

#[path = "crash/change.rs"]
mod change;
#[path = "crash/expected.rs"]
mod expected;

use change::*;
use expected::*;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::NewMemory;
use memt_host::bank::OwnedSlot;
use memt_host::model::Model;
use memt_host::store::{NewEntry, Opening, check};
use memt_tests::random::Random;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Not a test of its own: what the other tests run as a process to be killed. Changes the store at
/// `MEMT_CRASH_WRITER` until something stops it, saying before each change what it is and after it that
/// it is done; with `MEMT_CRASH_ONLY_ADD`, only adds.
#[test]
fn writer() {
    let Some(path) = std::env::var_os("MEMT_CRASH_WRITER") else {
        return;
    };
    let only_add = std::env::var_os("MEMT_CRASH_ONLY_ADD").is_some();
    let seed = std::env::var("MEMT_CRASH_SEED").unwrap().parse().unwrap();
    let mut random = Random::new(seed);
    let mut output = std::io::stdout();
    let mut say = |line: &str| {
        output.write_all(format!("\n{line}\n").as_bytes()).unwrap();
        output.flush().unwrap();
    };
    let mut store = match Opening::or_new(Path::new(&path)).open(MODEL) {
        Ok(store) => store,
        Err(error) => return say(&format!("! {error}")),
    };
    let model = Model::built_in().unwrap();
    let encoder = model.text_encoder(Default::default()).unwrap();
    loop {
        let first = store.bank().next_counter();
        let change = match only_add {
            true => Change::Add { first, count: 32 },
            false => Change::chosen(&store, &mut random),
        };
        say(&format!("b {}", change.written()));
        if let Err(error) = change.make(&mut store, &encoder) {
            let after = Change::Add {
                first: store.bank().next_counter(),
                count: 1,
            };
            let refused = after.make(&mut store, &encoder).unwrap_err();
            return say(&format!("! {error} | {refused}"));
        }
        say("d");
    }
}

/// A command that runs [`writer`], behind other words of a command line.
fn writer_command(before: &[&str], path: &Path, seed: u64) -> Command {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let words: Vec<&str> = before
        .iter()
        .copied()
        .chain([this, "--exact", "writer", "--nocapture"])
        .collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
        .env("MEMT_CRASH_WRITER", path)
        .env("MEMT_CRASH_SEED", seed.to_string());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What a writer said: the changes it began, how many were done, and its last words.
fn heard(output: &str) -> (Vec<Change>, usize, Option<String>) {
    let lines: Vec<&str> = output.lines().collect();
    // A line without its end was cut by the kill.
    let whole = if output.ends_with('\n') {
        lines.len()
    } else {
        lines.len().saturating_sub(1)
    };
    let lines = &lines[..whole];
    let begun = lines
        .iter()
        .filter_map(|line| line.strip_prefix("b "))
        .map(Change::read);
    let done = lines.iter().filter(|&&line| line == "d").count();
    let last = lines.iter().find_map(|line| line.strip_prefix("! "));
    (begun.collect(), done, last.map(str::to_owned))
}

/// Holds the store to what its writer acknowledged; one change may be there or not. Returns how many
/// changes were acknowledged.
fn compare(path: &Path, expected: &mut Expected, begun: &[Change], done: usize) -> usize {
    assert!(begun.len() <= done + 1);
    begun[..done]
        .iter()
        .for_each(|change| expected.apply(change));
    if !path.exists() {
        assert_eq!(done, 0);
        return 0;
    }
    let store = Opening::existing(path).open(MODEL).unwrap();
    let found = Expected::of(&store);
    if let Some(unfinished) = begun.get(done)
        && found != *expected
    {
        expected.apply(unfinished);
    }
    assert_eq!(found, *expected);
    done
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let kills = std::env::var("MEMT_CRASH_KILLS").map_or(25, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.redb");
    let mut random = Random::new(1);
    let mut expected = Expected::default();
    let (mut acknowledged, mut unfinished) = (0, 0);
    let mut kinds: BTreeMap<char, u32> = BTreeMap::new();
    for kill in 0..kills {
        let mut child = writer_command(&[], &path, kill).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(5_000 + random.below(60_000) as u64));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(9), "kill {kill}");
        let (begun, done, last) = heard(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(last, None, "kill {kill}");
        for change in &begun[..done] {
            *kinds.entry(change.kind()).or_default() += 1;
        }
        unfinished += begun.len() - done;
        acknowledged += compare(&path, &mut expected, &begun, done);
        if kill % 10 == 0 && path.exists() {
            assert_eq!(
                check(&path).unwrap().problems,
                [] as [&str; 0],
                "kill {kill}"
            );
        }
    }
    println!(
        "{kills} kills, {unfinished} of them in a change, {acknowledged} acknowledged changes, 0 lost, {} memories",
        expected.memories.len()
    );
    println!("{kinds:?}");
    assert!(acknowledged > 0);
    if acknowledged > 1_000 {
        assert_eq!(kinds.len(), 7, "every kind of change comes up: {kinds:?}");
    }
}

/// The image that `MEMT_CRASH_REENCODE` asks for.
fn image(name: &str) -> Model {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/models");
    Model::read(&models.join(format!("{name}.memt"))).unwrap()
}

/// Not a test of its own: what the next test runs as a process to be killed. Changes the store at
/// `MEMT_CRASH_WRITER` to the image that `MEMT_CRASH_REENCODE` names.
#[test]
fn changer_of_models() {
    let Some(name) = std::env::var_os("MEMT_CRASH_REENCODE") else {
        return;
    };
    let path = std::env::var_os("MEMT_CRASH_WRITER").unwrap();
    let model = image(name.to_str().unwrap());
    let encoder = model.text_encoder(Default::default()).unwrap();
    let opening = Opening::existing(Path::new(&path));
    opening.reencode(&encoder, |_| {}).unwrap();
    println!("\nchanged");
}

#[test]
fn killed_while_the_model_changes_a_store_is_of_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.redb");
    let images = ["bag", "small"].map(image);
    let fingerprint = |number: usize| images[number].image().unwrap().fingerprint();
    let mut store = Opening::or_new(&path).open(fingerprint(0)).unwrap();
    let encoder = images[0].text_encoder(Default::default()).unwrap();
    const MEMORIES: usize = 4000;
    let entries = (0..MEMORIES as u32).map(|counter| {
        let text = format!("memory {counter}");
        let new = NewMemory {
            owner: Owner(u64::from(counter) % 3),
            text: &text,
            embedding: &encoder.encode_one(&text).unwrap(),
            created: Timestamp(5),
            importance: Factor::ONE,
        };
        NewEntry {
            slot: OwnedSlot::of(&new, b"{}").unwrap(),
            owner_name: (counter % 3).to_string(),
            external_id: None,
        }
    });
    store.write(entries.collect()).unwrap();
    drop(store);
    let change = |new: usize, patience: Option<Duration>| {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "changer_of_models", "--nocapture"])
            .env("MEMT_CRASH_WRITER", &path)
            .env("MEMT_CRASH_REENCODE", ["bag", "small"][new])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        if let Some(patience) = patience {
            std::thread::sleep(patience);
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("changed")
    };
    let start = Instant::now();
    assert!(change(1, None));
    let whole = start.elapsed();
    // How often a kill found the store of the old and of the new model.
    let (mut random, mut old, mut kills) = (Random::new(2), 1, [0, 0]);
    for kill in 1..=20 {
        let patience = whole * (1 + random.below(99) as u32) / 100;
        if change(1 - old, Some(patience)) || kill % 10 == 0 && change(1 - old, None) {
            old = 1 - old;
        }
        let (found, store) = match Opening::existing(&path).open(fingerprint(old)) {
            Ok(store) => (old, store),
            Err(_) => (
                1 - old,
                Opening::existing(&path).open(fingerprint(1 - old)).unwrap(),
            ),
        };
        kills[usize::from(found != old)] += 1;
        let encoder = images[found].text_encoder(Default::default()).unwrap();
        assert_eq!(store.bank().len(), MEMORIES);
        for slot in store.bank().owned_by(None) {
            assert_eq!(*slot.embedding, encoder.encode_one(slot.text).unwrap());
        }
        drop(store);
        assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
    }
    println!(
        "{} kills before the switch, {} after it",
        kills[0], kills[1]
    );
}

#[test]
fn a_full_disk_refuses_the_change_and_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    for blocks in [4000, 5000] {
        let path = folder.path().join(format!("{blocks}.redb"));
        // Files of at most as many blocks of 512 bytes; the signal that would tell of it is ignored.
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let output = writer_command(&["sh", "-c", &limit], &path, 3)
            .env("MEMT_CRASH_ONLY_ADD", "1")
            .output()
            .unwrap();
        let (begun, done, last) = heard(&String::from_utf8(output.stdout).unwrap());
        let last = last.expect("the writer stops when the disk is full");
        assert!(
            last.contains("no room") && last.contains("open it again"),
            "{last}"
        );
        assert!(done > 10, "{done}");
        compare(&path, &mut Expected::default(), &begun, done);
        assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
    }
}

#[test]
fn a_file_that_may_only_be_read_answers_and_refuses_changes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.redb");
    let mut store = Opening::or_new(&path).open(MODEL).unwrap();
    store.write(vec![entry(0, 0)]).unwrap();
    drop(store);
    for (path, mode) in [(folder.path(), 0o555), (path.as_path(), 0o444)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // The administrator may write everything, so another user tries.
    let another = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let may_write = std::fs::OpenOptions::new().write(true).open(&path).is_ok();
    let before = if may_write { &another[..] } else { &[] };
    let output = writer_command(before, &path, 1).output();
    let said = output.map(|output| heard(&String::from_utf8(output.stdout).unwrap()));
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    match said {
        Ok((begun, done, Some(last))) => {
            assert_eq!((begun.len(), done), (1, 0));
            assert!(last.contains("cannot be written"), "{last}");
        }
        other => println!("left out: no other user can run this test ({other:?})"),
    }
    compare(
        &path,
        &mut Expected {
            memories: [(0, Memory::new(Some(0)))].into(),
            ..Default::default()
        },
        &[],
        0,
    );
}
