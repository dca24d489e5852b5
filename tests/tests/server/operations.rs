//! Keys, limits, health, documents.

use crate::running::{Client, KEY, Server, memt};
use serde_json::{Value, json};

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
