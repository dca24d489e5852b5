//! The tables, each from its record.

use super::record::{find, grouped, metric, number, read, rows};
use serde_json::Value;

const EVALUATION: &str = "host/models/evaluation.json";

pub(crate) fn line(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// `memt eval`: what `system` reached on `set`.
fn reached(record: &Value, system: &str, set: &str, name: &str) -> String {
    format!("{:.1}", metric(record, system, set, name))
}

/// Encoders by themselves.
pub(crate) fn quality() -> Vec<Vec<String>> {
    let record = read(EVALUATION);
    let mut table = vec![line(&[
        "image",
        "bytes",
        "STS12-16",
        "STS-B test",
        "SICK",
        "own memories R@1",
        "real chats R@10",
        "assistant chats R@10",
        "NQ passages MRR",
        "XQuAD sentences MRR",
        "CLINC150 5-NN",
    ])];
    for image in ["default", "bag", "small"] {
        let card = read(&format!("host/models/{image}.json"));
        let dense = format!("{image} dense");
        let mut row = vec![format!("`{image}`"), grouped(number(&card["bytes"]))];
        for (set, metric) in [
            ("sts12_16", "spearman_mean"),
            ("stsb_test", "spearman_mean"),
            ("sick_test", "spearman_mean"),
            ("memory_handmade", "r1"),
            ("realtalk", "r10"),
            ("beam_128k_user", "r10"),
            ("nq_oracle", "mrr"),
            ("xquad_sent", "mrr"),
            ("clinc150_small", "knn5_acc"),
        ] {
            row.push(reached(&record, &dense, set, metric));
        }
        table.push(row);
    }
    table
}

/// Finding memories: meaning and words together against each alone.
pub(crate) fn retrieval() -> Vec<Vec<String>> {
    let record = read(EVALUATION);
    let mut table = vec![line(&[
        "",
        "own memories R@1",
        "real chats R@10",
        "assistant chats R@10",
        "NQ passages MRR",
        "XQuAD sentences MRR",
    ])];
    for (name, system) in [
        ("BM25 plain", "BM25 plain"),
        ("BM25, stop words and stems", "BM25 stop words, stems"),
        ("`small`, meaning alone", "small dense"),
        ("`small`, meaning and words", "small fused"),
        ("`bag`, meaning alone", "bag dense"),
        ("`bag`, meaning and words", "bag fused"),
        ("`default`, meaning alone", "default dense"),
        ("`default`, meaning and words", "default fused"),
    ] {
        let mut row = vec![name.to_owned()];
        for (set, metric) in [
            ("memory_handmade", "r1"),
            ("realtalk", "r10"),
            ("beam_128k_user", "r10"),
            ("nq_oracle", "mrr"),
            ("xquad_sent", "mrr"),
        ] {
            row.push(reached(&record, system, set, metric));
        }
        table.push(row);
    }
    table
}

/// Instructions on each machine.
pub(crate) fn chip() -> Vec<Vec<String>> {
    let record = read("firmware/measurements.json");
    let operations = [
        "encode/default/14",
        "encode/bag/14",
        "query/256",
        "write/256",
        "boot/model",
    ];
    let mut table = vec![line(&[
        "core (machine in QEMU)",
        "encode 14 words, `default`",
        "`bag`",
        "ask 256 memories",
        "write one of 256",
        "check the image at boot",
    ])];
    for (core, machine) in [
        ("Cortex-M0 (v6-M code)", "mps2-an385/thumbv6m"),
        ("Cortex-M3", "mps2-an385"),
        ("Cortex-M4F", "mps2-an386"),
        ("Cortex-M33", "mps2-an505"),
        ("RISC-V rv32imac", "virt/riscv32"),
        ("AArch64", "virt/aarch64"),
    ] {
        let mut row = vec![format!("{core} (`{machine}`)")];
        for operation in operations {
            let fields = [("machine", machine), ("operation", operation)];
            let measured = find(rows(&record), &fields);
            row.push(grouped(number(&measured["instructions"])));
        }
        table.push(row);
    }
    table
}

/// Bytes of the program and of its memory.
pub(crate) fn sizes() -> Vec<Vec<String>> {
    let record = read("firmware/sizes.json");
    let mut table = vec![line(&[
        "machine",
        "program",
        "bytes in flash",
        "static RAM",
        "of it the bank (200 slots of 200 bytes)",
    ])];
    for row in rows(&record) {
        table.push(vec![
            format!("`{}`", row["machine"].as_str().unwrap_or("?")),
            format!("`{}`", row["program"].as_str().unwrap_or("?")),
            grouped(number(&row["flash_bytes"])),
            grouped(number(&row["ram_bytes"])),
            grouped(number(&row["bank_bytes"])),
        ]);
    }
    table
}

/// `memt bench`.
pub(crate) fn host() -> Vec<Vec<String>> {
    let record = read("host/benchmarks.json");
    let mut table = vec![line(&["operation", "threads", "a second"])];
    for row in rows(&record["rows"]) {
        table.push(vec![
            row["operation"].as_str().unwrap_or("?").to_owned(),
            grouped(number(&row["threads"])),
            grouped(number(&row["per_second"])),
        ]);
    }
    table
}

/// One training step here and in PyTorch.
pub(crate) fn training_step() -> Vec<Vec<String>> {
    let record = read("host/trainer/comparison/results.json");
    let mut table = vec![line(&["candidate", "step, ms", "texts/s"])];
    for row in rows(&record["results"]) {
        table.push(vec![
            row["candidate"].as_str().unwrap_or("?").to_owned(),
            format!("{:.1}", number(&row["milliseconds"])),
            grouped(number(&row["texts_per_second"])),
        ]);
    }
    table
}

/// `host/peers/run.sh`: other engines beside memt, and how many times as fast memt is.
pub(crate) fn peers() -> Vec<Vec<String>> {
    let record = read("host/peers.json");
    let mut table = vec![line(&["what", "engine", "measured", "memt is as fast"])];
    let memories = grouped(number(&record["memories"]));
    for (what, part) in [
        (format!("nearest 10 of {memories}"), "dense"),
        (format!("10 of {memories} by words"), "lexical"),
    ] {
        let ours = number(&record[part][0]["top_10_ms"]);
        for row in rows(&record[part]) {
            let measured = number(&row["top_10_ms"]);
            table.push(peer(
                &what,
                row,
                format!("{measured:.2} ms"),
                &[measured / ours],
            ));
        }
    }
    let stored = number(&record["store"][0]["memories"]);
    let ours = number(&record["store"][0]["add_batched_per_second"]);
    for row in rows(&record["store"]) {
        let measured = number(&row["add_batched_per_second"]);
        let what = format!("durable adds, {}", grouped(stored));
        let written = format!("{} a second", grouped(measured));
        table.push(peer(&what, row, written, &[ours / measured]));
    }
    let ours = ["memt, default", "memt, bag"].map(|engine| {
        let row = find(rows(&record["encoding"]), &[("engine", engine)]);
        number(&row["texts_per_second"])
    });
    for row in rows(&record["encoding"]) {
        let measured = number(&row["texts_per_second"]);
        let written = format!("{} texts a second", grouped(measured));
        let ratios = ours.map(|ours| ours / measured);
        table.push(peer("encoding", row, written, &ratios));
    }
    table
}

/// `host/approximate.sh`: what the index finds, and how fast.
pub(crate) fn approximate() -> Vec<Vec<String>> {
    let record = read("host/approximate.json");
    let mut table = vec![line(&[
        "memories",
        "found of the exact ten by meaning / meaning and words",
        "by meaning, exact and approximate",
        "meaning and words, exact and approximate",
        "indexed a second",
    ])];
    for run in rows(&record["runs"]) {
        let found = ["dense", "fused"]
            .map(|mode| format!("{:.1} %", 100.0 * number(&run[mode]["recall_at_10"])));
        let times = ["dense", "fused"].map(|mode| {
            let [exact, approximate] =
                ["exact_ms", "approximate_ms"].map(|name| number(&run[mode][name]));
            format!("{exact:.2} ms, {approximate:.2} ms")
        });
        let [dense, fused] = times;
        table.push(vec![
            grouped(number(&run["memories"])),
            found.join(" / "),
            dense,
            fused,
            grouped(number(&run["indexed_per_second"])),
        ]);
    }
    table
}

/// One row; memt's own have no ratio, encoders two: of `default` and of `bag`.
fn peer(what: &str, row: &Value, measured: String, ratios: &[f64]) -> Vec<String> {
    let engine = row["engine"].as_str().unwrap_or("?");
    let ratio = match ratios {
        _ if engine.starts_with("memt") => String::new(),
        [default, bag] => format!("{default:.2} x, `bag` {bag:.2} x"),
        ratios => format!("{:.2} x", ratios[0]),
    };
    let recall = match row["recall"].as_f64() {
        Some(recall) => format!(" (finds {:.1} %)", 100.0 * recall),
        None => String::new(),
    };
    vec![
        what.to_owned(),
        format!("{engine}{recall}"),
        measured,
        ratio,
    ]
}
