//! `memt.h` says what the library does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

const SOURCES: [&str; 5] = [
    "src/sizes.rs",
    "src/types.rs",
    "src/failure.rs",
    "src/abi/pointers.rs",
    "src/abi/functions.rs",
];

fn generated() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(here.join("cbindgen.toml")).unwrap();
    let builder = SOURCES.iter().fold(
        cbindgen::Builder::new().with_config(config),
        |builder, source| builder.with_src(here.join(source)),
    );
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    without_safety(&String::from_utf8(header).unwrap())
}

/// The header without Rust's sections on safety, which the top of the header says for C.
fn without_safety(header: &str) -> String {
    let mut kept = String::new();
    let mut skipping = false;
    for line in header.lines() {
        if line.trim() == "// # Safety" {
            skipping = true;
            kept.truncate(kept.trim_end_matches("//\n").len());
        }
        skipping &= line.starts_with("//");
        if !skipping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn header_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("memt.h");
    let header = generated();
    if std::env::var_os("MEMT_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, header).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == header,
        "memt.h differs from src: run MEMT_BLESS=1 cargo test -p memt-c --test header and commit it"
    );
}

#[test]
fn header_has_the_usual_sizes() {
    let header = generated();
    let macros = [
        ("MEMT_SLOTS", memt::sizes::MEMT_SLOTS),
        ("MEMT_TEXT_BYTES", memt::sizes::MEMT_TEXT_BYTES),
        ("MEMT_TERMS", memt::sizes::MEMT_TERMS),
        ("MEMT_SCRATCH_BYTES", memt::sizes::MEMT_SCRATCH_BYTES),
        ("MEMT_SLOT_EXTRA_BYTES", memt::sizes::MEMT_SLOT_EXTRA_BYTES),
        ("MEMT_TERM_BYTES", memt::sizes::MEMT_TERM_BYTES),
        ("MEMT_FIXED_BYTES", memt::sizes::MEMT_FIXED_BYTES),
    ];
    for (name, value) in macros {
        let line = format!("#define {name} {value}\n");
        assert!(header.contains(&line), "no {line}");
    }
}

#[test]
fn memory_bound_is_close() {
    let (needed, given) = (
        memt::abi::memt_memory_bytes(),
        memt::sizes::MEMT_MEMORY_BYTES,
    );
    assert!(
        needed <= given && given - needed <= given / 20,
        "{needed} of {given}"
    );
}
