//! Limits, health, backups, logs, a full disk.

use crate::access::{mine, new_key};
use crate::running::{Client, KEY, Server, memt};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_served_bank_is_backed_up_while_it_changes() {
    let data = tempfile::tempdir().unwrap();
    let anna = new_key(data.path(), &["--new-key", "anna", "--owner", "anna"]);
    let reader = new_key(data.path(), &["--new-key", "reader", "--read-only"]);
    let server = Server::with_key(data.path());
    let client = server.client();
    let add = |number: usize| {
        let text = format!("Anna has horse number {number}");
        client.post(
            "/v3/memories/add/",
            json!({"messages": text, "user_id": "anna"}),
        )
    };
    (0..20).for_each(|number| drop(add(number)));
    for key in [anna, reader] {
        let asked = Client::new(&server.url, &key).status("POST", "/inspector/api/backup", None);
        assert_eq!(asked, 403);
    }
    let copy = client.done("POST", "/inspector/api/backup", None);
    add(20);
    let path = copy["file"].as_str().unwrap();
    let whole = memt()
        .args(["fsck", "--json", "--bank", path])
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!((&told["ok"], &told["memories"]), (&json!(true), &json!(20)));
    // A server starts from the copy, histories included.
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(path, other.path().join("memt.redb")).unwrap();
    let again = Server::with_key(other.path());
    let all = json!({"filters": {"user_id": "anna"}, "page_size": 50});
    let found = again.client().post("/v3/memories/", all);
    let found = found["results"].as_array().unwrap();
    assert_eq!(found.len(), 20);
    let id = found[0]["id"].as_str().unwrap();
    let history = again.client().get(&format!("/v1/memories/{id}/history/"));
    assert_eq!(history.as_array().unwrap().len(), 1, "{history}");
}

#[test]
fn limits_are_told() {
    let data = tempfile::tempdir().unwrap();
    let flags = [
        "--api-key",
        KEY,
        "--body-limit",
        "2000",
        "--rate-limit",
        "1",
        "--rate-burst",
        "5",
    ];
    let server = Server::start(data.path(), &flags);
    let client = server.client();
    let large = json!({"messages": "x".repeat(3000), "user_id": "anna"});
    let (status, answer) = client.ask("POST", "/v1/memories/", Some(&large)).unwrap();
    assert_eq!(status, 413);
    assert!(
        answer["detail"].as_str().unwrap().contains("2000"),
        "{answer}"
    );
    let statuses: Vec<u16> = (0..8)
        .map(|_| client.status("GET", "/v1/ping/", None))
        .collect();
    assert!(
        statuses.contains(&200) && statuses.contains(&429),
        "{statuses:?}"
    );
    // Clients wait as long as they are told to.
    let ping = || {
        let ping = ureq::get(format!("{}/v1/ping", server.url))
            .header("authorization", format!("Token {KEY}"))
            .config()
            .http_status_as_error(false)
            .build();
        ping.call().unwrap()
    };
    let mut answers = std::iter::repeat_with(ping).take(50);
    let limited = answers.find(|answer| answer.status().as_u16() == 429);
    let limited = limited.unwrap();
    let wait = limited.headers()["retry-after"].to_str().unwrap();
    assert!((1..=10).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    // Whoever watches over the server is not counted.
    assert!((0..8).all(|_| client.status("GET", "/health", None) == 200));
}

#[test]
fn health_metrics_and_the_document() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let nobody = Client::new(&server.url, "");
    assert_eq!(nobody.get("/health")["status"], "ok");
    assert_eq!(nobody.get("/ready")["status"], "ok");
    client.post(
        "/v1/memories/",
        json!({"messages": "Bert has a boat", "user_id": "bert"}),
    );
    let Value::String(metrics) = client.get("/metrics") else {
        panic!("metrics are text");
    };
    for line in [
        "memt_memories 1",
        "memt_http_requests_total{method=\"POST\",route=\"/v1/memories\",status=\"200\"} 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    // Every route of the document answers, and not with "there is no such route".
    let document = nobody.get("/openapi.json");
    let mut routes = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let (status, answer) = client
                .ask(&method.to_uppercase(), &path, Some(&json!({})))
                .unwrap();
            assert_ne!(status, 405, "{method} {path}");
            assert!(
                status != 404
                    || !answer["detail"]
                        .as_str()
                        .unwrap_or_default()
                        .contains("/openapi.json"),
                "{method} {path}"
            );
            routes += 1;
        }
    }
    assert!(routes >= 50, "{routes}");
}

#[test]
fn logs_name_requests() {
    let data = tempfile::tempdir().unwrap();
    let mut command = memt();
    command
        .args(["serve", "--addr", "127.0.0.1:0", "--api-key", KEY])
        .args(["--log", "debug", "--log-format", "json", "--data"])
        .arg(data.path())
        .stderr(Stdio::piped());
    let mut server = Server::of(&mut command);
    let errors = server.errors();
    let ask = |path: &str, id: Option<&str>| {
        let mut request = ureq::get(format!("{}{path}", server.url))
            .header("authorization", format!("Token {KEY}"));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let request = request.config().http_status_as_error(false).build();
        let answer = request.call().unwrap();
        answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(ask("/v1/ping/", Some("mine-1")), "mine-1");
    let given = ask("/v1/memories/unknown/", None);
    assert!(given.len() >= 32, "{given}");
    assert!(server.stop());
    let lines = BufReader::new(errors).lines();
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let line = |id: &str| lines.iter().find(|line| line["id"] == id).unwrap();
    let answered = line("mine-1");
    assert_eq!(answered["level"], "DEBUG");
    assert_eq!(answered["route"], "/v1/ping");
    assert_eq!(answered["status"], 200);
    assert!(answered["microseconds"].is_u64() && answered["timestamp"].is_string());
    let refused = line(&given);
    assert_eq!(
        (&refused["level"], &refused["status"]),
        (&json!("INFO"), &json!(404))
    );
    let keys = lines.iter().filter(|line| line.to_string().contains(KEY));
    assert_eq!(keys.count(), 0, "no key is logged");
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let text = |number: usize| format!("memory {number} {}", "of many words ".repeat(2000));
    let add = |client: &Client, number: usize| {
        let body = json!({"messages": text(number), "user_id": "anna"});
        client
            .ask("POST", "/v3/memories/add/", Some(&body))
            .unwrap()
    };
    let acknowledged = {
        // Files of at most as many blocks of 512 bytes; the signal that would tell of it is ignored.
        let limit = "trap '' XFSZ; ulimit -f 6000; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", limit]).arg(memt().get_program());
        command
            .args([
                "serve",
                "--log",
                "off",
                "--addr",
                "127.0.0.1:0",
                "--api-key",
                KEY,
            ])
            .arg("--data")
            .arg(data.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMT_")) {
            command.env_remove(name);
        }
        let server = Server::of(&mut command);
        let client = server.client();
        let mut acknowledged = 0;
        let (status, answer) = loop {
            let (status, answer) = add(&client, acknowledged);
            if status != 200 {
                break (status, answer);
            }
            acknowledged += 1;
            assert!(acknowledged < 1000, "the disk is never full");
        };
        assert_eq!(status, 507, "{answer}");
        assert!(
            answer["detail"].as_str().unwrap().contains("no room"),
            "{answer}"
        );
        // What was kept can be read; nothing more is written until the server starts anew.
        assert_eq!(client.post("/v3/memories/", mine())["count"], acknowledged);
        assert_eq!(add(&client, acknowledged).0, 503);
        assert_eq!(client.status("GET", "/ready", None), 503);
        assert_eq!(client.status("GET", "/health", None), 200);
        acknowledged
    };
    assert!(acknowledged > 3, "{acknowledged}");
    let server = Server::with_key(data.path());
    let client = server.client();
    assert_eq!(client.post("/v3/memories/", mine())["count"], acknowledged);
    assert_eq!(add(&client, acknowledged).0, 200);
    assert_eq!(client.status("GET", "/ready", None), 200);
}
