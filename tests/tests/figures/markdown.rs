//! Tables in Markdown files, between marks.

use memt_tests::{golden, places};
use std::sync::{Mutex, PoisonError};

const END: &str = "<!-- end of figures -->";

/// Tests that run side by side write tables of one file: each waits for the other.
static FILES: Mutex<()> = Mutex::new(());

/// Fails unless the table `name` of `file` is `rows`, the first of them the heading; with
/// `MEMT_BLESS=1` writes it.
pub(crate) fn assert_table(file: &str, name: &str, rows: &[Vec<String>]) {
    let _held = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = places::root().join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mark = format!("<!-- figures: {name} -->\n");
    let start = text
        .find(&mark)
        .unwrap_or_else(|| panic!("{file} has no table {name}"));
    let start = start + mark.len();
    let length = text[start..]
        .find(END)
        .unwrap_or_else(|| panic!("table {name} has no end"));
    let table = render(rows);
    if golden::blessing() {
        let blessed = format!("{}{table}{}", &text[..start], &text[start + length..]);
        std::fs::write(&path, blessed).unwrap_or_else(|error| panic!("{file}: {error}"));
        return;
    }
    assert_eq!(
        &text[start..start + length],
        table,
        "{file}: table {name} differs from its record; MEMT_BLESS=1 cargo test -p memt-tests --test figures writes it"
    );
}

fn render(rows: &[Vec<String>]) -> String {
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        lines.push(format!("| {} |\n", row.join(" | ")));
        if index == 0 {
            lines.push(format!("|{}\n", "---|".repeat(row.len())));
        }
    }
    lines.concat()
}
