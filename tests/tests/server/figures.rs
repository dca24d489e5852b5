//! How fast a server is and how much memory it takes, with 10,000 memories of one owner.
//!
//! `cargo test --release -p memt-tests --test server figures -- --ignored --nocapture` prints the record
//! (`host/serve.json`). The clients run on the same cores as the server.

use crate::running::{Client, KEY, Server};
use memt_tests::places;
use memt_tests::random::Random;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

const MEMORIES: usize = 10_000;
const CONNECTIONS: usize = 64;

/// The words of the demonstration's memories.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lines = std::fs::read_to_string(places::root().join("host/demo/memories.jsonl")).unwrap();
    let texts = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let texts: Vec<Value> = texts.collect();
    let texts = texts.iter().filter_map(|memory| memory["text"].as_str());
    let words: BTreeSet<String> = texts
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect();
    assert!(words.len() > 300, "{}", words.len());
    words.into_iter().collect()
});

fn text(random: &mut Random, number: usize) -> String {
    let words: Vec<&str> = (0..8)
        .map(|_| WORDS[random.below(WORDS.len())].as_str())
        .collect();
    format!("{} {number}", words.join(" "))
}

fn add(client: &Client, random: &mut Random, number: usize) {
    let body = json!({"messages": text(random, number), "user_id": "anna"});
    client.post("/v3/memories/add/", body);
}

fn search(client: &Client, random: &mut Random) {
    let body = json!({"query": text(random, 0), "filters": {"user_id": "anna"}});
    client.post("/v3/memories/search/", body);
}

/// Calls `each` from all connections until `enough` says so; how many calls there were.
fn together(
    server: &Server,
    connections: usize,
    each: impl Fn(&Client, &mut Random) -> bool + Sync,
) {
    std::thread::scope(|scope| {
        for seed in 0..connections {
            let (client, each) = (server.client(), &each);
            scope.spawn(move || {
                let mut random = Random::new(seed as u64);
                while each(&client, &mut random) {}
            });
        }
    });
}

fn resident_kilobytes(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Time that the server's threads have had a core so far, which other programs hardly change.
fn processor_seconds(server: &Server) -> f64 {
    /// Ticks a second of Linux's accounting.
    const TICKS: f64 = 100.0;
    let path = format!("/proc/{}/stat", server.process());
    let line = std::fs::read_to_string(path).unwrap();
    let (_, after_name) = line.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS
}

fn percentile(sorted: &[Duration], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3
}

#[test]
#[ignore = "measures; a minute"]
fn figures() {
    let data = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let server = Server::start(data.path(), &["--api-key", KEY]);
    let empty_start = begun.elapsed();

    let processor = processor_seconds(&server);
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    together(&server, CONNECTIONS, |client, random| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number < MEMORIES {
            add(client, random, number);
        }
        number < MEMORIES
    });
    let adding = begun.elapsed();
    let add_cost = (processor_seconds(&server) - processor) / MEMORIES as f64;
    assert!(server.stop());

    let begun = Instant::now();
    let server = Server::start(data.path(), &["--api-key", KEY]);
    let full_start = begun.elapsed();
    let resident = resident_kilobytes(&server);

    const LONG: Duration = Duration::from_secs(8);
    let processor = processor_seconds(&server);
    let (asked, begun) = (AtomicUsize::new(0), Instant::now());
    together(&server, CONNECTIONS, |client, random| {
        search(client, random);
        asked.fetch_add(1, Ordering::Relaxed);
        begun.elapsed() < LONG
    });
    let asked = asked.into_inner() as f64;
    let saturation = asked / begun.elapsed().as_secs_f64();
    let search_cost = (processor_seconds(&server) - processor) / asked;

    // Half of that, at even intervals; a question that begins late counts from when it was due.
    let interval = Duration::from_secs_f64(2.0 / saturation);
    let (due, took, begun) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Instant::now());
    together(&server, 16, |client, random| {
        let at = interval * due.fetch_add(1, Ordering::Relaxed) as u32;
        std::thread::sleep(at.saturating_sub(begun.elapsed()));
        search(client, random);
        took.lock().unwrap().push(begun.elapsed() - at);
        begun.elapsed() < LONG
    });
    let mut took = took.into_inner().unwrap();
    took.sort_unstable();
    println!(
        "{}",
        json!({
            "memories": MEMORIES,
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
            "connections": CONNECTIONS,
            "adds_a_second": (MEMORIES as f64 / adding.as_secs_f64()).round(),
            "server_ms_of_one_core_an_add": 1e3 * add_cost,
            "server_ms_of_one_core_a_search": 1e3 * search_cost,
            "start_empty_ms": empty_start.as_millis() as u64,
            "start_full_ms": full_start.as_millis() as u64,
            "resident_kib": resident,
            "resident_kib_after_questions": resident_kilobytes(&server),
            "searches_a_second_at_most": saturation.round(),
            "search_p50_ms_at_half": percentile(&took, 0.5),
            "search_p99_ms_at_half": percentile(&took, 0.99),
        })
    );
}
