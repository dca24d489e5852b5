//! Layout, dependencies and lints of both workspaces.

use memt_tests::places;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn output_of(command: &mut Command) -> String {
    let output = command.output().expect("the program is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The packages of a workspace, as `cargo metadata` describes them.
fn packages(workspace: &str) -> Vec<Value> {
    let manifest = places::root().join(workspace).join("Cargo.toml");
    let metadata = output_of(
        Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--no-deps",
                "--offline",
            ])
            .arg("--manifest-path")
            .arg(manifest),
    );
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn all_packages() -> Vec<Value> {
    [packages("."), packages("firmware")].concat()
}

fn package(name: &str) -> Value {
    let mut all = all_packages().into_iter();
    all.find(|package| package["name"] == name)
        .unwrap_or_else(|| panic!("there is no package {name}"))
}

/// Names of what a package depends on itself; development and build dependencies do not count.
fn dependencies(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().expect("dependencies");
    all.iter()
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn packages_that_were_asked_for_are_used_directly() {
    let used: BTreeSet<String> = all_packages().iter().flat_map(dependencies).collect();
    let asked = [
        "heapless",
        "libm",
        "micromath",
        "postcard",
        "serde",
        "embedded-hal",
        "ndarray",
        "rayon",
    ];
    let missing: Vec<_> = asked.iter().filter(|&&name| !used.contains(name)).collect();
    assert!(missing.is_empty(), "no package depends on {missing:?}");
    let core = dependencies(&package("memt-core"));
    for name in ["heapless", "libm", "postcard", "serde"] {
        assert!(core.contains(name), "core does not use {name}");
    }
}

#[test]
fn core_is_ready_to_publish_and_no_feature_changes_a_result() {
    let core = package("memt-core");
    for field in ["description", "license", "readme", "rust_version"] {
        assert!(core[field].is_string(), "core has no {field}");
    }
    assert_eq!(
        core["features"],
        serde_json::json!({ "default": ["conv"], "conv": [], "many-terms": [] }),
        "without `conv` such models are refused, with `many-terms` long texts are searched faster; no feature may change a \
         result"
    );
    let dependencies = core["dependencies"].as_array().unwrap();
    let path_only =
        |dependency: &&Value| dependency["path"].is_string() && dependency["req"] == "*";
    assert_eq!(dependencies.iter().filter(path_only).count(), 0);
    let libm = dependencies
        .iter()
        .find(|dependency| dependency["name"] == "libm")
        .unwrap();
    assert_eq!(
        libm["req"], "=0.2.16",
        "scores are bit-equal only with one libm"
    );
}

#[test]
fn top_level_is_what_the_design_says() {
    let listed = output_of(
        Command::new("git")
            .arg("ls-files")
            .current_dir(places::root()),
    );
    let first = |line: &str| line.split('/').next().unwrap_or(line).to_owned();
    let found: BTreeSet<String> = listed
        .lines()
        .map(first)
        .filter(|name| !name.starts_with('.'))
        .collect();
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "core",
        "firmware",
        "host",
        "tests",
    ];
    assert_eq!(
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
}

/// The Rust files under a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn core_needs_neither_std_nor_a_heap() {
    let root = read(&places::root().join("core/src/lib.rs"));
    assert!(root.contains("#![no_std]"));
    assert_eq!(root.matches("extern crate").count(), 1);
    assert!(
        root.contains("#[cfg(test)]\nextern crate std;"),
        "std is for unit tests only"
    );
    for path in sources(&places::root().join("core/src")) {
        let text = read(&path);
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_test = path.ends_with("oracle.rs") || path.ends_with("tests.rs");
        let uses = |name: &str| {
            shipped
                .lines()
                .any(|line| !line.trim_start().starts_with("//") && line.contains(name))
        };
        assert!(
            is_test || !uses("std::") && !uses("alloc::"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn unsafe_is_forbidden_or_kept_in_one_module() {
    let roots_of = |package: &Value| -> Vec<PathBuf> {
        let targets = package["targets"].as_array().expect("targets").clone();
        let built = |target: &Value| target["kind"][0] == "lib" || target["kind"][0] == "bin";
        let path = |target: &Value| PathBuf::from(target["src_path"].as_str().expect("a path"));
        targets
            .iter()
            .filter(|target| built(target))
            .map(path)
            .collect()
    };
    let mut forbidden = packages(".");
    forbidden.retain(|package| package["name"] != "memt-core");
    forbidden.push(package("memt-app"));
    for package in &forbidden {
        for path in roots_of(package) {
            assert!(
                read(&path).contains("#![forbid(unsafe_code)]"),
                "{} does not forbid unsafe",
                path.display()
            );
        }
    }
    assert!(read(&places::root().join("core/src/lib.rs")).contains("#![deny(unsafe_code)]"));
    assert!(read(&places::root().join("firmware/Cargo.toml")).contains("unsafe_code = \"deny\""));
    let folders = ["core/src", "firmware/qemu/src", "firmware/c/src"].map(PathBuf::from);
    for folder in folders
        .into_iter()
        .chain(boards().map(|board| board.join("src")))
    {
        let allowing = |path: &PathBuf| read(path).contains("allow(unsafe_code)");
        let allowed: Vec<_> = sources(&places::root().join(folder))
            .into_iter()
            .filter(allowing)
            .collect();
        assert!(allowed.len() <= 1, "unsafe is allowed in {allowed:?}");
    }
}

/// The packages of real boards and what they share.
fn boards() -> impl Iterator<Item = PathBuf> {
    let folder = places::root().join("firmware/boards");
    let entries = std::fs::read_dir(folder).expect("there are boards");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| path.join("Cargo.toml").exists())
}

#[test]
fn boards_deny_unsafe_and_tell_how_to_use_them() {
    assert_eq!(boards().count(), 7);
    for board in boards() {
        let manifest = read(&board.join("Cargo.toml"));
        assert!(
            manifest.contains("unsafe_code = \"deny\""),
            "{}",
            board.display()
        );
        if board.join(".cargo/config.toml").exists() {
            let guide = read(&board.join("README.md"));
            assert!(guide.contains("cargo run --release"), "{}", board.display());
            assert!(
                guide.contains("Not measured on hardware")
                    || guide.contains("Not measured on\nhardware"),
                "{}",
                board.display()
            );
        }
    }
}

#[test]
fn partitions_of_the_esp32c3_are_those_of_its_program() {
    let board = places::root().join("firmware/boards/esp32c3");
    let program = read(&board.join("src/main.rs")).replace('_', "");
    let table = read(&board.join("partitions.csv"));
    for (partition, constant) in [("memt_model", "MODEL"), ("memt_store", "STORE")] {
        let line = table.lines().find(|line| line.starts_with(partition));
        let fields: Vec<_> = line.expect(partition).split(',').map(str::trim).collect();
        for (field, name) in [(fields[3], "START"), (fields[4], "BYTES")] {
            let line = format!("const {constant}{name}: u32 = {field};");
            assert!(program.contains(&line), "no {line}");
        }
    }
}
