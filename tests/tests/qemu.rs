//! The firmware's machines against this one: the same texts, the same model, one hash.
//!
//! Needs QEMU and the targets that `firmware/setup.sh` installs; `MEMT_WITHOUT_QEMU=1` leaves this out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_tests::aligned::AlignedBytes;
use memt_tests::{corpus, models, places};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The machines of `firmware/machines.json`.
fn machines() -> Vec<String> {
    let table = places::root().join("firmware/machines.json");
    let table =
        std::fs::read(&table).unwrap_or_else(|error| panic!("{}: {error}", table.display()));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&table).expect("a JSON table");
    rows.iter()
        .map(|row| {
            row["name"]
                .as_str()
                .expect("a machine has a name")
                .to_owned()
        })
        .collect()
}

/// What a program printed on a machine.
fn run(machine: &str, program: &str, files: &[(&str, &Path)]) -> String {
    let mut command = Command::new(places::root().join("firmware/run.sh"));
    command.args([machine, program]);
    for (option, path) in files {
        command.arg(option).arg(path);
    }
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", PathBuf::from(target).join("firmware"));
    }
    let output = command
        .args(["--timeout", "300"])
        .output()
        .expect("bash is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} on {machine}: {}\n{printed}{errors}\nwithout QEMU: run firmware/setup.sh, or set MEMT_WITHOUT_QEMU=1",
        output.status
    );
    printed
}

fn left_out() -> bool {
    let left_out = std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1");
    if left_out {
        println!("left out: MEMT_WITHOUT_QEMU=1");
    }
    left_out
}

fn assert_one_hash(name: &str, path: &Path, model: &AlignedBytes) {
    let texts = corpus::texts();
    let script = std::env::temp_dir().join(format!("memt-corpus-{}-{name}", std::process::id()));
    std::fs::write(&script, corpus::blob(&texts)).unwrap();
    let expected = models::hash(&models::encode(model, &texts));
    let expected = format!("hash={expected:016x} count={}", texts.len());
    let machines = machines();
    assert!(machines.len() >= 6, "{machines:?}");
    for machine in &machines {
        let printed = run(
            machine,
            "embed-hash",
            &[("--model", path), ("--script", &script)],
        );
        assert_eq!(printed.trim(), expected, "{name} on {machine}");
    }
    std::fs::remove_file(&script).unwrap();
}

#[test]
fn embeddings_are_the_same_bytes_on_every_machine() {
    if left_out() {
        return;
    }
    let golden = memt_tests::golden::path("v0.memt");
    assert_one_hash("v0", &golden, &models::golden());
    for name in models::TRAINED {
        assert_one_hash(name, &models::path(name), &models::trained(name));
    }
}
