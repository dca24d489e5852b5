//! `memt serve` as many processes over one database.

use crate::cluster::Cluster;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running `memt serve`; it is killed when it is dropped.
struct Served {
    child: Child,
    url: String,
    agent: ureq::Agent,
    _data: tempfile::TempDir,
}

impl Served {
    fn start(store: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_memt"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMT_")) {
            command.env_remove(name);
        }
        command
            .args(["serve", "--log", "error", "--addr", "127.0.0.1:0"])
            .args(["--json", "--store", store, "--data"])
            .arg(data.path())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = serde_json::Deserializer::from_reader(child.stdout.take().unwrap());
        let said: Value = said.into_iter().next().unwrap().unwrap();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            child,
            url: said["url"].as_str().unwrap().to_owned(),
            agent: config.into(),
            _data: data,
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", "application/json");
        let mut answer = self
            .agent
            .run(request.body(body.to_string()).unwrap())
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (answer.status().as_u16(), value)
    }

    /// The answer to a request that must succeed.
    fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, value) = self.ask(method, path, &body);
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {value}"
        );
        value
    }

    fn get(&self, path: &str) -> Value {
        self.done("GET", path, json!({}))
    }

    fn add(&self, owner: &str, text: &str) -> String {
        let body = json!({"messages": text, "user_id": owner});
        let added = self.done("POST", "/v3/memories/add/", body);
        added["results"][0]["id"].as_str().unwrap().to_owned()
    }

    fn search(&self, owner: &str, query: &str) -> Value {
        let body = json!({"query": query, "filters": {"user_id": owner}, "threshold": 0});
        self.done("POST", "/v3/memories/search/", body)["results"].take()
    }

    fn count(&self, owner: &str) -> u64 {
        let body = json!({"filters": {"user_id": owner}});
        self.done("POST", "/v3/memories/", body)["count"]
            .as_u64()
            .unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Which memories were found, in their order.
fn ids(found: &Value) -> Vec<&str> {
    let found = found.as_array().unwrap().iter();
    found.map(|found| found["id"].as_str().unwrap()).collect()
}

fn pair(cluster: &Cluster) -> (String, [Served; 2]) {
    let store = cluster.address(&cluster.new_database());
    let served = [Served::start(&store), Served::start(&store)];
    (store, served)
}

/// Whatever is done through one server, the next answer of the other knows of.
pub(crate) fn servers_answer_alike(cluster: &Cluster) {
    let (store, [one, other]) = pair(cluster);
    let id = one.add("anna", "The boiler valve was replaced on Tuesday.");
    assert_eq!(other.search("anna", "boiler valve")[0]["id"], *id);
    let path = format!("/v1/memories/{id}/");
    assert_eq!(other.get(&path)["user_id"], "anna");

    other.done(
        "PUT",
        &path,
        json!({"text": "The boiler valve was replaced on Monday.", "metadata": {"k": 1}}),
    );
    assert_eq!(
        one.get(&path)["memory"],
        "The boiler valve was replaced on Monday."
    );
    let history = one.get(&format!("{path}history/"));
    let events: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|past| past["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["ADD", "UPDATE"]);

    // Entities of all kinds, and expirations.
    let expired = json!({"messages": "Bert was here", "agent_id": "robot", "user_id": "bert",
        "expiration_date": "2001-01-01"});
    one.done("POST", "/v3/memories/add/", expired);
    assert_eq!(other.get("/v1/entities/"), one.get("/v1/entities/"));
    assert_eq!(other.get("/v1/entities/")["count"], 3);
    assert_eq!(other.count("bert"), 0);

    // What is learned of a question.
    other.add("anna", "The heating was inspected in the spring.");
    let query = "when did we mend the heating?";
    let before = other.search("anna", query);
    let last = before.as_array().unwrap().last().unwrap();
    let judged = json!({"memory_id": last["id"], "feedback": "POSITIVE", "query": query});
    one.done("POST", "/v1/feedback/", judged);
    let after = other.search("anna", query);
    let score = |found: &Value| {
        let mut found = found.as_array().unwrap().iter();
        let found = found.find(|found| found["id"] == last["id"]);
        found.unwrap()["score"].as_f64().unwrap()
    };
    assert!(score(&after) > score(&before), "{before}\n{after}");
    assert_eq!(ids(&after), ids(&one.search("anna", query)));

    // Notes: exports, settings, webhooks made and removed.
    let made = one.done(
        "POST",
        "/v1/exports/",
        json!({"schema": {}, "filters": {"user_id": "anna"}}),
    );
    let fetched = other.done(
        "POST",
        "/v1/exports/get/",
        json!({"memory_export_id": made["id"]}),
    );
    assert_eq!(fetched["memories"].as_array().unwrap().len(), 2);
    let hooks = "/api/v1/webhooks/projects/p/";
    let hook = json!({"name": "h", "url": "http://127.0.0.1:9/", "event_types": ["memory_add"]});
    let kept = one.done("POST", hooks, hook.clone());
    other.done("POST", hooks, hook);
    assert_eq!(one.get(hooks).as_array().unwrap().len(), 2);
    let id_of = |hook: &Value| {
        let id = hook.get("webhook_id").or(hook.get("id")).unwrap();
        id.as_str().unwrap().to_owned()
    };
    other.done(
        "DELETE",
        &format!("/api/v1/webhooks/{}/", id_of(&kept)),
        json!({}),
    );
    assert_eq!(one.get(hooks).as_array().unwrap().len(), 1);

    // A snapshot taken in by one; memories that are gone.
    let third = Served::start(&store);
    assert_eq!(
        ids(&third.search("anna", query)),
        ids(&other.search("anna", query)),
        "a server that starts later"
    );
    assert_eq!(third.get(hooks), one.get(hooks));
    one.done("DELETE", &path, json!({}));
    for server in [&other, &third] {
        assert_eq!(server.ask("GET", &path, &json!({})).0, 404);
        assert_eq!(server.count("anna"), 1);
    }
    third.done("DELETE", "/v1/memories/?user_id=anna", json!({}));
    assert_eq!((one.count("anna"), other.count("anna")), (0, 0));
    assert_eq!(other.get("/v1/entities/")["count"], 2);
}

/// Servers that add, change and delete memories of the same owners at the same time lose nothing.
pub(crate) fn servers_take_turns(cluster: &Cluster) {
    let (store, [one, other]) = pair(cluster);
    let shared = one.add("anna", "What all of them change.");
    let shared = format!("/v1/memories/{shared}/");
    let (writers, each) = (4, 12);
    let added: BTreeSet<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..writers)
            .map(|writer| {
                let (server, shared) = (if writer % 2 == 0 { &one } else { &other }, &shared);
                scope.spawn(move || {
                    let mut kept = BTreeSet::new();
                    for number in 0..each {
                        let text = format!("writer {writer} wrote memory {number}");
                        let id = server.add("anna", &text);
                        let text = json!({ "text": format!("{writer} changed it {number}") });
                        server.done("PUT", shared, text);
                        if number % 3 == 0 {
                            server.done("DELETE", &format!("/v1/memories/{id}/"), json!({}));
                        } else {
                            kept.insert(id);
                        }
                    }
                    kept
                })
            })
            .collect();
        let writers = writers.into_iter();
        writers.flat_map(|writer| writer.join().unwrap()).collect()
    });
    let third = Served::start(&store);
    for server in [&one, &other, &third] {
        let body = json!({"filters": {"user_id": "anna"}, "page_size": 200});
        let listed = server.done("POST", "/v3/memories/?page_size=200", body);
        let ids = listed["results"].as_array().unwrap().iter();
        let ids = ids.map(|memory| memory["id"].as_str().unwrap().to_owned());
        let mut ids: BTreeSet<String> = ids.collect();
        assert!(ids.remove(shared.split('/').nth(3).unwrap()));
        assert_eq!(ids, added);
        let history = server.get(&format!("{shared}history/"));
        assert_eq!(history.as_array().unwrap().len(), 1 + writers * each);
    }
}

/// While nobody knows what others have changed, nothing is answered from what may be old.
pub(crate) fn servers_say_when_the_database_is_away(cluster: &mut Cluster) {
    let (_, [one, other]) = pair(cluster);
    let id = one.add("anna", "The boiler valve was replaced on Tuesday.");
    let path = format!("/v1/memories/{id}/");
    cluster.stop();
    std::thread::scope(|scope| {
        for server in [&one, &other] {
            let ask =
                move |method: &str, path: &str, body: Value| server.ask(method, path, &body).0;
            let asked = [
                ("GET", path.as_str()),
                ("GET", "/ready"),
                ("POST", "/v3/memories/add/"),
            ];
            let asked = asked.map(|(method, path)| {
                let body = json!({"messages": "lost?", "user_id": "anna"});
                scope.spawn(move || ask(method, path, body))
            });
            assert_eq!(ask("GET", "/health", json!({})), 200);
            for asked in asked {
                assert_eq!(asked.join().unwrap(), 503);
            }
        }
    });
    cluster.start_again();
    for server in [&one, &other] {
        assert_eq!(server.get(&path)["id"], *id);
        assert_eq!(server.ask("GET", "/ready", &json!({})).0, 200);
    }
}
