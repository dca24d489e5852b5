//! Keys, limits, health, documents.

use crate::running::{Client, KEY, Server, memt};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn new_key(data: &std::path::Path, arguments: &[&str]) -> String {
    let output = memt()
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn keys_open_what_they_are_bound_to() {
    let data = tempfile::tempdir().unwrap();
    let anna = new_key(data.path(), &["--new-key", "anna", "--owner", "anna"]);
    let reader = new_key(data.path(), &["--new-key", "reader", "--read-only"]);
    let server = Server::with_key(data.path());
    let all = server.client();
    all.post(
        "/v1/memories/",
        json!({"messages": "Bert has a boat", "user_id": "bert"}),
    );
    let of_anna = Client::new(&server.url, &anna);
    // With a key for one owner, that is who is meant.
    let added = of_anna.post(
        "/v3/memories/add/",
        json!({"messages": "Anna has a horse", "run_id": "r"}),
    );
    assert_eq!(
        of_anna.get(&format!(
            "/v1/memories/{}/",
            added["results"][0]["id"].as_str().unwrap()
        ))["user_id"],
        "anna"
    );
    assert_eq!(
        of_anna.status(
            "POST",
            "/v3/memories/add/",
            Some(json!({"messages": "x", "user_id": "bert"}))
        ),
        403
    );
    let everything = json!({"query": "boat horse", "threshold": 0, "filters": {"user_id": "*"}});
    assert_eq!(
        of_anna.post("/v3/memories/search/", everything.clone())["results"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(of_anna.status("GET", "/metrics", None), 403);
    assert_eq!(of_anna.status("POST", "/reset", None), 403);
    let reading = Client::new(&server.url, &reader);
    assert_eq!(
        reading.post("/v3/memories/search/", everything)["results"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for (method, path) in [
        ("POST", "/v3/memories/add/"),
        ("DELETE", "/v1/memories/?user_id=anna"),
        ("POST", "/reset"),
    ] {
        let body = json!({"messages": "x", "user_id": "anna"});
        assert_eq!(reading.status(method, path, Some(body)), 403, "{path}");
    }
    for wrong in ["", "wrong", "memt_0"] {
        assert_eq!(
            Client::new(&server.url, wrong).status("GET", "/v1/ping/", None),
            401
        );
    }
    // A key that is removed opens nothing within two seconds, without a restart.
    new_key(data.path(), &["--remove-key", "anna"]);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(of_anna.status("GET", "/v1/ping/", None), 401);
    let kept = std::fs::read_to_string(data.path().join("keys.toml")).unwrap();
    assert!(!kept.contains(&reader) && kept.contains("reader"));
}

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
fn a_server_without_keys_answers_this_computer_only() {
    let data = tempfile::tempdir().unwrap();
    let refused = memt()
        .args(["serve", "--addr", "0.0.0.0:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--api-key"));
    let server = Server::start(data.path(), &[]);
    assert_eq!(server.client().get("/v1/ping/")["status"], "ok");
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

/// Headers of the answer to a request from a page of an origin.
fn from_page(server: &Server, method: &str, origin: &str) -> ureq::http::Response<ureq::Body> {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}/v3/memories/search/", server.url))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type,mem0-user-id,x-mem0-client",
        )
        .header("content-type", "application/json");
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    agent.run(request.body(String::new()).unwrap()).unwrap()
}

#[test]
fn pages_of_some_origins_may_ask() {
    let data = tempfile::tempdir().unwrap();
    let app = "https://app.example.org";
    let server = Server::start(data.path(), &["--api-key", KEY, "--cors-origin", app]);
    let asked = from_page(&server, "OPTIONS", app);
    // A browser asks without the key first.
    assert!(asked.status().is_success(), "{}", asked.status());
    let header = |answer: &ureq::http::Response<ureq::Body>, name: &str| {
        let value = answer.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_lowercase())
    };
    assert_eq!(header(&asked, "access-control-allow-origin").unwrap(), app);
    let headers = header(&asked, "access-control-allow-headers").unwrap();
    for sent in [
        "authorization",
        "content-type",
        "mem0-user-id",
        "x-mem0-client",
    ] {
        assert!(headers.contains(sent), "{headers}");
    }
    let methods = header(&asked, "access-control-allow-methods").unwrap();
    assert!(
        methods.contains("post") && methods.contains("delete"),
        "{methods}"
    );
    // A failure can be read as well.
    let refused = from_page(&server, "POST", app);
    assert_eq!(refused.status().as_u16(), 401);
    assert_eq!(
        header(&refused, "access-control-allow-origin").unwrap(),
        app
    );
    let other = from_page(&server, "OPTIONS", "https://evil.example");
    assert_eq!(header(&other, "access-control-allow-origin"), None);
    let closed = Server::with_key(data.path().join("closed").as_path());
    let asked = from_page(&closed, "OPTIONS", app);
    assert_eq!(header(&asked, "access-control-allow-origin"), None);
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

fn mine() -> Value {
    json!({"filters": {"user_id": "anna"}})
}

#[test]
fn https_with_a_certificate() {
    let data = tempfile::tempdir().unwrap();
    let (certificate, key) = (data.path().join("cert.pem"), data.path().join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    let curl = Command::new("curl").arg("--version").output();
    if !(made.is_ok_and(|made| made.status.success()) && curl.is_ok()) {
        eprintln!("left out: no openssl or no curl here");
        return;
    }
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let tls = [
        "--api-key",
        KEY,
        "--tls-cert",
        certificate,
        "--tls-key",
        key,
    ];
    let server = Server::start(data.path(), &tls);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let ask = |flags: &[&str], url: &str| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--max-time", "20"])
            .args(flags)
            .arg(url);
        let output = curl.output().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let health = format!("{}/health", server.url);
    let (done, said) = ask(&["--cacert", certificate], &health);
    assert!(done && said.contains("\"ok\""), "{said}");
    // Neither without trust nor without TLS.
    assert!(!ask(&[], &health).0);
    assert!(!ask(&[], &health.replace("https", "http")).0);
    // A certificate that is none is said at the start.
    let wrong = memt()
        .args([
            "serve",
            "--addr",
            "127.0.0.1:0",
            "--tls-cert",
            key,
            "--tls-key",
            key,
        ])
        .arg("--data")
        .arg(data.path().join("other"))
        .output()
        .unwrap();
    assert!(!wrong.status.success());
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains(key), "{said}");
}
