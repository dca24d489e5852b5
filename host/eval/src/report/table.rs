//! Aligned text: a row a set and metric, a column a system; columns that do not fit go into a further block.

use super::{Difference, MetricValue, Report, SystemResult};
use crate::bootstrap::Interval;

/// What the table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Columns of the terminal, 100 by default.
    pub width: usize,
    /// All metrics, or only those that stand for their set (the default).
    pub all_metrics: bool,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            width: 100,
            all_metrics: false,
        }
    }
}

/// Between columns.
const GAP: &str = "  ";
/// Longer names are cut, so that a row always fits.
const LONGEST: usize = 28;

impl Report {
    /// The report as text, ending in a line break; sets for tuning carry a `*`.
    #[must_use]
    pub fn table(&self, options: &TableOptions) -> String {
        let mut rows: Vec<Row> = Vec::new();
        for system in &self.systems {
            for set in &system.sets {
                for value in set
                    .values
                    .iter()
                    .filter(|value| options.shows(value.headline))
                {
                    let mark = if set.dev { "*" } else { "" };
                    let row = Row {
                        set: set.name.clone(),
                        label: [
                            format!("{}{mark}", set.name),
                            value.metric.label().to_owned(),
                        ],
                        metric: value.metric,
                    };
                    if !rows
                        .iter()
                        .any(|other| other.set == row.set && other.metric == row.metric)
                    {
                        rows.push(row);
                    }
                }
            }
        }
        let labels = std::iter::once(["set".to_owned(), "metric".to_owned()])
            .chain(rows.iter().map(|row| row.label.clone()));
        let labels: Vec<[String; 2]> = labels.collect();
        let columns = self
            .systems
            .iter()
            .map(|system| column(system, &rows))
            .collect();
        let mut text = blocks(&labels, columns, options.width);
        let mut bases: Vec<&str> = Vec::new();
        for entry in &self.differences {
            if !bases.contains(&entry.base.as_str()) {
                bases.push(&entry.base);
            }
        }
        for base in bases {
            text.push_str(&format!("\nminus {base}\n"));
            text.push_str(&self.difference_table(base, options));
        }
        text
    }

    /// What other systems reach, less what `base` does: a column each.
    fn difference_table(&self, base: &str, options: &TableOptions) -> String {
        let shown = || {
            let of_base = self.differences.iter().filter(|entry| entry.base == base);
            of_base.filter(|entry| options.shows(entry.headline))
        };
        let mut rows: Vec<[String; 2]> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for entry in shown() {
            let row = difference_row(entry);
            if !rows.contains(&row) {
                rows.push(row);
            }
            if !names.contains(&entry.other.as_str()) {
                names.push(&entry.other);
            }
        }
        let columns = names.iter().map(|name| {
            let cells = rows.iter().map(|row| {
                shown()
                    .find(|entry| difference_row(entry) == *row && entry.other == *name)
                    .map_or_else(absent, |entry| signed(entry.value, entry.interval))
            });
            std::iter::once(shortened(name)).chain(cells).collect()
        });
        let columns = columns.collect();
        rows.insert(0, ["set".to_owned(), "metric".to_owned()]);
        blocks(&rows, columns, options.width)
    }
}

impl TableOptions {
    const fn shows(&self, headline: bool) -> bool {
        self.all_metrics || headline
    }
}

struct Row {
    set: String,
    label: [String; 2],
    metric: crate::metrics::Metric,
}

fn column(system: &SystemResult, rows: &[Row]) -> Vec<String> {
    let cells = rows.iter().map(|row| {
        let set = system.sets.iter().find(|set| set.name == row.set);
        set.and_then(|set| set.metric(row.metric))
            .map_or_else(absent, cell)
    });
    std::iter::once(shortened(&system.name))
        .chain(cells)
        .collect()
}

fn cell(value: &MetricValue) -> String {
    match (value.value, value.interval) {
        (None, _) => "undefined".to_owned(),
        (Some(value), None) => format!("{value:.2}"),
        (Some(value), Some(Interval { low, high })) => format!("{value:.2} [{low:.1}, {high:.1}]"),
    }
}

fn signed(value: Option<f64>, interval: Option<Interval>) -> String {
    match (value, interval) {
        (None, _) => "undefined".to_owned(),
        (Some(value), None) => format!("{value:+.2}"),
        (Some(value), Some(Interval { low, high })) => {
            format!("{value:+.2} [{low:+.1}, {high:+.1}]")
        }
    }
}

fn absent() -> String {
    "-".to_owned()
}

fn difference_row(entry: &Difference) -> [String; 2] {
    [entry.set.clone(), entry.metric.label().to_owned()]
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST - 2).collect();
    format!("{start}..")
}

/// Labels on the left, as many columns beside them as fit; the rest in further blocks below.
fn blocks(labels: &[[String; 2]], columns: Vec<Vec<String>>, width: usize) -> String {
    let first = longest(labels.iter().map(|label| label[0].as_str()));
    let second = longest(labels.iter().map(|label| label[1].as_str()));
    let stub = first + GAP.len() + second;
    let mut text = String::new();
    let mut rest = columns.as_slice();
    while !rest.is_empty() {
        let mut used = stub;
        let fitting = rest
            .iter()
            .take_while(|column| {
                used += GAP.len() + longest(column.iter().map(String::as_str));
                used <= width
            })
            .count();
        let (block, later) = rest.split_at(fitting.max(1));
        if !text.is_empty() {
            text.push('\n');
        }
        for (row, label) in labels.iter().enumerate() {
            let mut line = format!("{:<first$}{GAP}{:<second$}", label[0], label[1]);
            for column in block {
                let width = longest(column.iter().map(String::as_str));
                line.push_str(&format!("{GAP}{:>width$}", column[row]));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        rest = later;
    }
    text
}

fn longest<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
}
