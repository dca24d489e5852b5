//! Files that tests compare with, and that only `MEMT_BLESS=1` writes.

use crate::places;
use serde_json::Value;
use std::path::PathBuf;

/// Where the golden file `name` lies.
pub fn path(name: &str) -> PathBuf {
    places::root().join("tests/golden").join(name)
}

/// Whether this run writes golden files instead of comparing with them.
pub fn blessing() -> bool {
    std::env::var_os("MEMT_BLESS").is_some_and(|value| value == "1")
}

/// Fails unless the golden file `name` holds `bytes`.
pub fn assert_bytes(name: &str, bytes: &[u8]) {
    if blessing() {
        write(name, bytes);
        return;
    }
    let golden = read(name);
    let differs = golden.iter().zip(bytes).position(|(a, b)| a != b);
    assert!(
        golden == bytes,
        "{name} has {} bytes, now there are {}; first difference at byte {differs:?}. {HOW_TO_BLESS}",
        golden.len(),
        bytes.len(),
    );
}

/// Fails unless the golden JSON file `name` equals `value`.
pub fn assert_json(name: &str, value: &Value) {
    if blessing() {
        write(name, format!("{value:#}\n").as_bytes());
        return;
    }
    let golden: Value = serde_json::from_slice(&read(name))
        .unwrap_or_else(|error| panic!("{name} is not JSON: {error}"));
    assert!(
        golden == *value,
        "{name} says {golden:#}\nnow it is {value:#}\n{HOW_TO_BLESS}"
    );
}

const HOW_TO_BLESS: &str = "If the change is meant, run MEMT_BLESS=1 cargo test -p memt-tests --test golden and commit tests/golden";

fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. {HOW_TO_BLESS}", path.display()))
}

fn write(name: &str, bytes: &[u8]) {
    let path = path(name);
    std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
