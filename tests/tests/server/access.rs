//! Who may ask: keys, this computer, pages of some origins, certificates.

use crate::running::{Client, KEY, Server, memt};
use serde_json::{Value, json};
use std::process::Command;

pub(crate) fn new_key(data: &std::path::Path, arguments: &[&str]) -> String {
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

pub(crate) fn mine() -> Value {
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
