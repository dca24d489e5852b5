//! Large banks and files, servers, and nodes over a database.

use super::record::{grouped, number, read, rows};
use serde_json::Value;

const BILLION: f64 = 1e9;

fn heading<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).into()
}

fn row<const N: usize>(what: &str, cells: [String; N]) -> Vec<String> {
    [what.to_owned()].into_iter().chain(cells).collect()
}

/// What was measured of so many memories.
fn of(list: &Value, memories: f64) -> &Value {
    let mut measured = rows(list).iter();
    let found = measured.find(|row| row["memories"].as_f64() == Some(memories));
    found.unwrap_or_else(|| panic!("nothing of {memories} memories"))
}

/// The least and the greatest of a field, to the two digits that runs agree in.
fn range(list: &Value, field: &str) -> String {
    let values = rows(list).iter().filter_map(|row| row[field].as_f64());
    let values: Vec<f64> = values.collect();
    let rounded = |value: f64| {
        let unit = 10f64.powf(value.log10().floor() - 1.0);
        grouped((value / unit).round() * unit)
    };
    let (least, most) = (
        values.iter().copied().fold(f64::MAX, f64::min),
        values.iter().copied().fold(0.0, f64::max),
    );
    format!("{} to {}", rounded(least), rounded(most))
}

/// What a dense question takes, beside plain reading of as many bytes.
fn dense(bank: &Value) -> String {
    let ms = |field: &str| number(&bank[field]);
    let share = |field: &str| 100.0 * number(&bank["dense_by_plain_reading"][field]);
    format!(
        "{:.1} ms, least {:.1} ms ({:.1} GB/s, {:.0} % of plain reading between the questions, {:.0} to {:.0} %)",
        ms("dense_ms"),
        ms("dense_least_ms"),
        ms("dense_bytes") / ms("dense_ms") / 1e6,
        share("median"),
        share("least"),
        share("most")
    )
}

/// `memt bench --memories`.
pub(crate) fn scale() -> Vec<Vec<String>> {
    let record = read("host/scale.json");
    let (banks, files) = (&record["banks"], &record["files"]);
    let [small, million, most] = [1e4, 1e6, 1e7].map(|memories| of(banks, memories));
    let ms =
        |bank: &Value, field: &str, digits: usize| format!("{:.digits$} ms", number(&bank[field]));
    let started = |field: &str| {
        let [million, most] = [1e6, 1e7].map(|memories| number(&of(files, memories)[field]));
        [format!("{million:.1} s / {most:.1} s")]
    };
    vec![
        heading(["", "measured"]),
        row("exact dense top 10 of 1,000,000", [dense(million)]),
        row("exact dense top 10 of 10,000,000", [dense(most)]),
        row(
            "fused top 10 of 10,000 / of 1,000,000 / of 10,000,000",
            [format!(
                "{} / {} / {}",
                ms(small, "fused_ms", 2),
                ms(million, "fused_ms", 1),
                ms(most, "fused_ms", 1)
            )],
        ),
        row("words alone, 1,000,000", [ms(million, "lexical_ms", 1)]),
        row(
            "bank by payload, 1,000,000",
            [format!(
                "{:.2} (resident {:.2})",
                number(&million["bank_per_payload"]),
                number(&million["resident_per_payload"])
            )],
        ),
        row(
            "durable adds, 4,096 a transaction",
            [format!(
                "{} a second",
                range(files, "add_batched_per_second")
            )],
        ),
        row(
            "durable adds, one a transaction",
            [format!(
                "{} a second; the disk itself syncs {} times a second",
                range(files, "add_one_by_one_per_second"),
                range(files, "syncs_per_second")
            )],
        ),
        row(
            "opening 1,000,000 and answering / 10,000,000, the file in the page cache",
            started("first_answer_seconds"),
        ),
        row(
            "the same, the file on disk alone",
            started("cold_first_answer_seconds"),
        ),
    ]
}

/// `host/serve.sh`.
pub(crate) fn serve() -> Vec<Vec<String>> {
    let record = read("host/serve.json");
    let figures = &record["figures"];
    let of = |field: &str| number(&figures[field]);
    vec![
        heading(["", "measured"]),
        row(
            "durable adds",
            [format!("{} a second", grouped(of("adds_a_second")))],
        ),
        row(
            "searches, at most / half way, 50th and 99th of a hundred",
            [format!(
                "{} a second / {:.1} ms and {:.1} ms",
                grouped(of("searches_a_second_at_most")),
                of("search_p50_ms_at_half"),
                of("search_p99_ms_at_half")
            )],
        ),
        row(
            "resident memory, after all questions",
            [format!(
                "{:.0} MB",
                of("resident_kib_after_questions") * 1024.0 / 1e6
            )],
        ),
        row(
            "start, empty / with 10,000 memories",
            [format!(
                "{:.0} ms / {:.0} ms",
                of("start_empty_ms"),
                of("start_full_ms")
            )],
        ),
    ]
}

/// What a billion memories take at so many a second.
fn time_for_a_billion(per_second: f64) -> String {
    let hours = BILLION / per_second / 3600.0;
    match hours < 48.0 {
        true => format!("{hours:.0} hours"),
        false => format!("{:.0} days", hours / 24.0),
    }
}

/// What a node over PostgreSQL costs.
pub(crate) fn postgres() -> Vec<Vec<String>> {
    let record = read("host/postgres.json");
    let of = |field: &str| number(&record[field]);
    let (stored, resident) = (
        of("database_bytes_per_memory"),
        of("resident_bytes_per_memory"),
    );
    let same = "the same".to_owned();
    vec![
        heading(["", "measured", "a billion memories"]),
        row(
            "database, tables and indexes",
            [
                format!("{stored:.0} bytes a memory"),
                format!("{stored:.0} GB"),
            ],
        ),
        row(
            "a process, for owners that are in memory",
            [
                format!("{resident:.0} bytes a memory"),
                format!(
                    "{resident:.0} GB if all were; {:.1} GB for the hundredth that is in use",
                    resident / 100.0
                ),
            ],
        ),
        row(
            "adds, 1,000 a transaction",
            [
                format!("{} a second", grouped(of("add_batched_per_second"))),
                time_for_a_billion(of("add_batched_per_second")),
            ],
        ),
        row(
            "adds, one a transaction, one thread / 16 threads",
            [
                format!(
                    "{} / {} a second",
                    grouped(of("add_one_by_one_per_second")),
                    grouped(of("add_16_threads_per_second"))
                ),
                format!(
                    "{} with 16 threads",
                    time_for_a_billion(of("add_16_threads_per_second"))
                ),
            ],
        ),
        row(
            "question to an owner that is in memory, with the round trip that asks for its version",
            [format!("{:.2} ms", of("question_ms")), same.clone()],
        ),
        row(
            "first question to an owner of 1,000",
            [
                format!("{:.1} ms", of("first_question_of_an_owner_ms")),
                same,
            ],
        ),
    ]
}
