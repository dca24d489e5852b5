//! Many connections that read and write, and a kill in the middle: nothing acknowledged is lost, and
//! whatever was written is read.
//!
//! `MEMT_LOAD_SECONDS=600 cargo test --release -p memt-tests --test server load -- --nocapture` is the long
//! run; its last line is the record. Without it, the load lasts a few seconds. `MEMT_LOAD_CONNECTIONS` is
//! their number (64).

use crate::running::{Client, KEY, Server};
use memt_tests::random::Random;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |given| {
        given
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// What one connection knows to be so.
struct Connection {
    client: Client,
    user: String,
    random: Random,
    /// Texts of acknowledged memories; `None` where the last change was not acknowledged.
    known: HashMap<String, Option<String>>,
    deleted: Vec<String>,
    searches: Vec<Duration>,
    adds: Vec<Duration>,
    broken: usize,
    requests: usize,
    written: usize,
}

/// A request that came to no end, because the server was killed.
struct Broken;

impl Connection {
    fn ask(&mut self, method: &str, path: &str, body: Value) -> Result<(u16, Value), Broken> {
        self.requests += 1;
        let body = if method == "GET" { None } else { Some(body) };
        let (status, answer) = self
            .client
            .ask(method, path, body.as_ref())
            .map_err(|_| Broken)?;
        assert!(
            status == 200 || status == 404,
            "{method} {path}: {status} {answer}"
        );
        Ok((status, answer))
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 16] = [
            "boiler", "valve", "garden", "Anna", "Tuesday", "coffee", "train", "Paris", "invoice",
            "doctor", "guitar", "snow", "password", "birthday", "window", "engine",
        ];
        self.written += 1;
        let mut words: Vec<&str> = (0..6)
            .map(|_| WORDS[self.random.below(WORDS.len())])
            .collect();
        words.push("number");
        format!("{} {} {}", words.join(" "), self.user, self.written)
    }

    fn add(&mut self) -> Result<(), Broken> {
        let text = self.text();
        let begun = Instant::now();
        let body = json!({"messages": [{"role": "user", "content": text}], "user_id": self.user});
        let (_, answer) = self.ask("POST", "/v3/memories/add/", body)?;
        self.adds.push(begun.elapsed());
        let id = answer["results"][0]["id"].as_str().unwrap().to_owned();
        self.known.insert(id.clone(), Some(text));
        // Read your writes.
        self.check(&id)
    }

    fn search(&mut self) -> Result<(), Broken> {
        let text = self.text();
        let begun = Instant::now();
        let body = json!({"query": text, "filters": {"user_id": self.user}});
        let (_, answer) = self.ask("POST", "/v3/memories/search/", body)?;
        self.searches.push(begun.elapsed());
        for found in answer["results"].as_array().unwrap() {
            let id = found["id"].as_str().unwrap();
            assert!(self.is_so(id, found["memory"].as_str().unwrap()), "{found}");
        }
        Ok(())
    }

    /// Whether what was read can be: it is known, or a change of it was not acknowledged.
    fn is_so(&self, id: &str, text: &str) -> bool {
        match self.known.get(id) {
            Some(Some(known)) => known == text,
            Some(None) => true,
            // An addition that was not acknowledged may have been made.
            None => self.broken > 0 && !self.deleted.iter().any(|deleted| deleted == id),
        }
    }

    fn some(&mut self) -> Option<String> {
        let count = self.known.len().max(1);
        let at = self.random.below(count);
        self.known.keys().nth(at).cloned()
    }

    fn update(&mut self) -> Result<(), Broken> {
        let Some(id) = self.some() else { return Ok(()) };
        let text = self.text();
        self.known.insert(id.clone(), None);
        let (status, _) = self.ask("PUT", &format!("/v1/memories/{id}/"), json!({"text": text}))?;
        match status {
            200 => drop(self.known.insert(id.clone(), Some(text))),
            _ => drop(self.known.remove(&id)),
        }
        self.check(&id)
    }

    fn delete(&mut self) -> Result<(), Broken> {
        let Some(id) = self.some() else { return Ok(()) };
        self.known.insert(id.clone(), None);
        self.ask("DELETE", &format!("/v1/memories/{id}/"), json!({}))?;
        self.known.remove(&id);
        self.deleted.push(id.clone());
        self.check(&id)
    }

    fn check(&mut self, id: &str) -> Result<(), Broken> {
        let (status, answer) = self.ask("GET", &format!("/v1/memories/{id}/"), json!({}))?;
        match self.known.get(id) {
            Some(Some(text)) => {
                assert_eq!(answer["memory"], **text, "memory {id} was acknowledged")
            }
            Some(None) => {}
            None => assert_eq!(status, 404, "memory {id} was deleted"),
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Broken> {
        match self.random.below(20) {
            0..=6 => self.add(),
            7..=16 => self.search(),
            17 => self.update(),
            18 => self.delete(),
            _ => self.some().map_or(Ok(()), |id| self.check(&id)),
        }
    }

    fn run(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if self.step().is_err() {
                self.broken += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn percentile(sorted: &[Duration], part: f64) -> f64 {
    let at = ((sorted.len().saturating_sub(1)) as f64 * part) as usize;
    sorted.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

#[test]
fn load_with_a_kill_in_the_middle_loses_nothing() {
    let seconds = number("MEMT_LOAD_SECONDS", 6);
    let connections = number("MEMT_LOAD_CONNECTIONS", 64);
    let data = tempfile::tempdir().unwrap();
    // A free port that the second server can have again.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let addr = free.to_string();
    let flags = ["--api-key", KEY];
    let server = Server::start_at(data.path(), &addr, &flags);
    let stop = AtomicBool::new(false);
    let mut all: Vec<Connection> = (0..connections)
        .map(|number| Connection {
            client: server.client(),
            user: format!("user{number}"),
            random: Random::new(number + 1),
            known: HashMap::new(),
            deleted: Vec::new(),
            searches: Vec::new(),
            adds: Vec::new(),
            broken: 0,
            requests: 0,
            written: 0,
        })
        .collect();
    let server = std::thread::scope(|scope| {
        for connection in &mut all {
            let stop = &stop;
            scope.spawn(move || connection.run(stop));
        }
        std::thread::sleep(Duration::from_secs(seconds) / 2);
        server.kill();
        let server = Server::start_at(data.path(), &addr, &flags);
        std::thread::sleep(Duration::from_secs(seconds) / 2);
        stop.store(true, Ordering::Relaxed);
        server
    });
    let mut searches: Vec<Duration> = all.iter().flat_map(|one| one.searches.clone()).collect();
    let mut adds: Vec<Duration> = all.iter().flat_map(|one| one.adds.clone()).collect();
    searches.sort_unstable();
    adds.sort_unstable();
    let requests: usize = all.iter().map(|one| one.requests).sum();
    let broken: usize = all.iter().map(|one| one.broken).sum();
    let mut acknowledged = 0;
    for connection in &mut all {
        let ids: Vec<String> = connection.known.keys().cloned().collect();
        for id in ids.iter().chain(&connection.deleted.clone()) {
            assert!(connection.check(id).is_ok(), "the server answers");
            acknowledged += 1;
        }
    }
    let resident =
        std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap_or_default();
    let resident = resident
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    println!(
        "{}",
        json!({
            "connections": connections,
            "seconds": seconds,
            "requests": requests,
            "broken_by_the_kill": broken,
            "acknowledged_and_found": acknowledged,
            "errors": 0,
            "lost": 0,
            "requests_a_second": requests as u64 / seconds.max(1),
            "search_p50_ms": percentile(&searches, 0.5),
            "search_p99_ms": percentile(&searches, 0.99),
            "add_p50_ms": percentile(&adds, 0.5),
            "add_p99_ms": percentile(&adds, 0.99),
            "resident": resident.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()),
        })
    );
    assert!(server.stop());
}
