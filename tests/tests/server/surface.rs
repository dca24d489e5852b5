//! What the released clients do not reach of mem0's interface.

use crate::running::Server;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

fn texts(results: &Value) -> Vec<&str> {
    let results = results.as_array().unwrap();
    results
        .iter()
        .map(|item| item["memory"].as_str().unwrap())
        .collect()
}

#[test]
fn every_message_is_there_at_once_and_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let long = format!(
        "{} the very end",
        "four mebibytes of text ".repeat((4 << 20) / 23 - 1)
    );
    for text in ["  spaces,  kept ", "日本語のメモ", "\u{1f600} emoji", &long] {
        let added = client.post(
            "/v1/memories/",
            json!({"messages": text, "user_id": "anna"}),
        );
        assert_eq!(added[0]["memory"], *text);
        assert_eq!(
            client.get(&format!(
                "/v1/memories/{}/",
                added[0]["id"].as_str().unwrap()
            ))["memory"],
            *text
        );
    }
    let id = client.post("/memories", json!({"messages": [{"role": "user", "content": "changes"}], "agent_id": "a", "user_id": "anna"}));
    let id = id["results"][0]["id"].as_str().unwrap().to_owned();
    let changed =
        json!({"text": "changed", "metadata": {"k": [1, null]}, "expiration_date": "2999-01-02"});
    client.done("PUT", &format!("/v1/memories/{id}"), Some(&changed));
    let before = client.get(&format!("/v1/memories/{id}"));
    assert!(server.stop());
    let server = Server::with_key(data.path());
    let client = server.client();
    assert_eq!(client.get(&format!("/v1/memories/{id}/")), before);
    assert_eq!(before["agent_id"], "a");
    let history = client.get(&format!("/v1/memories/{id}/history/"));
    assert_eq!(
        (&history[0]["new_memory"], &history[1]["new_memory"]),
        (&json!("changes"), &json!("changed"))
    );
    let listed = client.post("/v2/memories/", json!({"filters": {"user_id": "anna"}}));
    assert_eq!(listed.as_array().unwrap().len(), 5);
    client.done("DELETE", &format!("/memories/{id}"), None);
    assert_eq!(client.get(&format!("/memories/{id}")), Value::Null);
    let history = client.get(&format!("/memories/{id}/history"));
    assert_eq!(history[2]["event"], "DELETE");
}

#[test]
fn filters_choose_and_mistakes_are_told() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let add = |text: &str, user: &str, metadata: Value, more: Value| {
        let mut body = json!({"messages": text, "user_id": user, "metadata": metadata});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        client.post("/v3/memories/add/", body)["results"][0]["id"].clone()
    };
    let tea = add(
        "Anna drinks green tea",
        "anna",
        json!({"topic": "drink", "stars": 5}),
        json!({"run_id": "r1"}),
    );
    add(
        "Anna drinks coffee",
        "anna",
        json!({"topic": "drink", "stars": 2}),
        json!({"run_id": "r2", "timestamp": 1_600_000_000}),
    );
    add(
        "Bert drinks water",
        "bert",
        json!({"topic": "drink"}),
        json!({"agent_id": "helper"}),
    );
    add(
        "Anna drank milk once",
        "anna",
        json!({}),
        json!({"expiration_date": "2020-01-01"}),
    );
    let search = |body: Value| {
        texts(&client.post("/v3/memories/search/", body)["results"])
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let ask = |filters: Value| {
        search(json!({"query": "who drinks what", "threshold": 0, "filters": filters}))
    };
    assert_eq!(ask(json!({"user_id": "anna"})).len(), 2);
    assert_eq!(
        ask(json!({"AND": [{"user_id": "anna"}, {"run_id": "r2"}]})),
        ["Anna drinks coffee"]
    );
    assert_eq!(ask(json!({"agent_id": "helper"})), ["Bert drinks water"]);
    assert_eq!(ask(json!({"user_id": "*"})).len(), 3);
    assert_eq!(
        ask(json!({"user_id": "anna", "created_at": {"lt": "2021-01-01"}})),
        ["Anna drinks coffee"]
    );
    assert_eq!(
        ask(json!({"user_id": "anna", "memory_ids": [tea]})),
        ["Anna drinks green tea"]
    );
    assert_eq!(
        ask(json!({"AND": [{"user_id": "anna"}, {"NOT": {"metadata": {"stars": 5}}}]})),
        ["Anna drinks coffee"]
    );
    let expired = json!({"query": "milk", "threshold": 0, "show_expired": true, "filters": {"user_id": "anna"}});
    assert_eq!(search(expired)[0], "Anna drank milk once");
    let open = client.post("/search", json!({"query": "drinks", "threshold": 0, "filters": {"user_id": "anna", "stars": {"gte": 3}}}));
    assert_eq!(texts(&open["results"]), ["Anna drinks green tea"]);
    let flowise = client.post(
        "/v1/memories/search/",
        json!({"query": "tea", "filters": {}, "metadata": {}, "user_id": "anna"}),
    );
    assert_eq!(texts(&flowise)[0], "Anna drinks green tea");
    let few = client.post(
        "/v3/memories/",
        json!({"filters": {"user_id": "anna"}, "fields": ["memory"]}),
    );
    assert_eq!(few["results"][0].as_object().unwrap().len(), 2);

    for (method, path, body, status) in [
        ("POST", "/v3/memories/search/", json!({"query": "x"}), 400),
        (
            "POST",
            "/v3/memories/search/",
            json!({"query": "x", "filters": {"topic": 1}}),
            400,
        ),
        (
            "POST",
            "/v3/memories/search/",
            json!({"query": "...", "filters": {"user_id": "anna"}}),
            400,
        ),
        (
            "POST",
            "/v3/memories/search/",
            json!({"query": "x", "top_k": 0, "filters": {"user_id": "anna"}}),
            400,
        ),
        (
            "POST",
            "/v3/memories/search/",
            json!({"query": "x", "threshold": 2, "filters": {"user_id": "anna"}}),
            400,
        ),
        ("POST", "/v3/memories/add/", json!({"messages": "x"}), 400),
        ("POST", "/v3/memories/add/", json!({"user_id": "anna"}), 400),
        (
            "POST",
            "/v3/memories/add/",
            json!({"user_id": "anna", "messages": "..."}),
            400,
        ),
        (
            "POST",
            "/v3/memories/add/",
            json!({"user_id": "*", "messages": "x"}),
            400,
        ),
        (
            "POST",
            "/v3/memories/add/",
            json!({"user_id": "a", "messages": [{"role": "user", "content": {"type": "image_url"}}]}),
            501,
        ),
        (
            "POST",
            "/v3/memories/add/",
            json!({"user_id": "a", "messages": "x", "timestamp": 9_000_000_000_i64}),
            400,
        ),
        ("POST", "/v3/memories/", json!({}), 400),
        (
            "POST",
            "/v3/memories/?page=0",
            json!({"filters": {"user_id": "a"}}),
            400,
        ),
        ("DELETE", "/v1/memories/", json!({}), 400),
        ("DELETE", "/v1/memories/?filters=nonsense", json!({}), 400),
        (
            "DELETE",
            "/v1/batch/",
            json!({"memories": vec![json!({"memory_id": "x"}); 1001]}),
            400,
        ),
        (
            "GET",
            "/v1/memories/00000000-0000-4000-8000-000000000000/",
            json!({}),
            404,
        ),
        ("GET", "/v1/memories/nonsense/", json!({}), 404),
        ("POST", "/v1/summary/", json!({}), 501),
        ("GET", "/v2/entities/user/anna/profile/", json!({}), 501),
        ("POST", "/nowhere", json!({}), 404),
        ("PATCH", "/v1/ping/", json!({}), 405),
    ] {
        let (found, answer) = client.ask(method, path, Some(&body)).unwrap();
        assert_eq!(found, status, "{method} {path} {body}: {answer}");
        assert!(
            answer["detail"].as_str().unwrap() == answer["message"],
            "{answer}"
        );
    }
    let both = json!({"query": "tea", "user_id": "anna", "userId": "anna", "threshold": 0});
    assert_eq!(
        client
            .post("/v2/memories/search/", both)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let number = json!({"query": "tea", "user_id": 7});
    assert_eq!(client.post("/v2/memories/search/", number), json!([]));
    assert_eq!(client.get("/v1/entities/")["total_users"], 2);
    client.done(
        "DELETE",
        "/v1/memories/?filters=%7B%27user_id%27%3A%20%27bert%27%7D",
        None,
    );
    assert_eq!(client.get("/v1/entities/")["total_users"], 1);
    client.post("/reset", json!({}));
    assert_eq!(client.get("/v1/entities/")["count"], 0);
}

#[test]
fn ids_inside_filters_events_and_what_is_immutable() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let body = json!({"messages": "Stays as it is", "filters": {"user_id": "anna", "runId": "r"}, "immutable": true});
    let added = client.post("/v3/memories/add/", body);
    assert_eq!(added["status"], "SUCCEEDED");
    let event = client.get(&format!(
        "/v1/event/{}/",
        added["event_id"].as_str().unwrap()
    ));
    assert_eq!(
        (&event["status"], &event["results"]),
        (&json!("SUCCEEDED"), &added["results"])
    );
    let id = added["results"][0]["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/v1/memories/{id}"))["run_id"], "r");
    assert_eq!(
        client.status(
            "PUT",
            &format!("/v1/memories/{id}/"),
            Some(json!({"text": "x"}))
        ),
        400
    );
}

#[test]
fn webhooks_hear_of_changes() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hear", listener.local_addr().unwrap());
    client.post(
        "/api/v1/webhooks/projects/p/",
        json!({"url": url, "name": "n", "event_types": ["memory_add", "memory_delete"]}),
    );
    let added = client.post(
        "/v1/memories/",
        json!({"messages": "Hear this", "user_id": "anna"}),
    );
    let id = added[0]["id"].as_str().unwrap();
    client.done("DELETE", &format!("/v1/memories/{id}/"), None);
    for word in ["ADD", "DELETE"] {
        let (mut connection, _) = listener.accept().unwrap();
        let mut heard = String::new();
        let mut buffer = [0; 4096];
        while !heard.contains("event_details") || !heard.ends_with('}') {
            let read = connection.read(&mut buffer).unwrap();
            heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
        assert!(
            heard.contains(&format!("\"event\":\"{word}\"")) && heard.contains("Hear this"),
            "{heard}"
        );
    }
    for bad in [
        json!({}),
        json!({"url": "ftp://x"}),
        json!({"url": url, "event_types": ["x"]}),
    ] {
        assert_eq!(
            client.status("POST", "/api/v1/webhooks/projects/p/", Some(bad)),
            400
        );
    }
}

/// What is said of an answer changes the next answers, lasts, and is taken back without a trace.
#[test]
fn feedback_is_learned_kept_and_taken_back() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let texts = [
        "Anna keeps the spare key in the blue drawer",
        "Anna keeps the car key in the green box",
        "Bruno keeps the spare key in the shed",
    ];
    for text in texts {
        client.post(
            "/v3/memories/add/",
            json!({"messages": text, "user_id": "anna"}),
        );
    }
    let query = "where does Anna keep the key?";
    let ask = |client: &crate::running::Client| -> Value {
        let body = json!({"query": query, "filters": {"user_id": "anna"}, "threshold": 0, "explain": true});
        client.post("/v3/memories/search/", body)["results"].take()
    };
    let scores = |found: &Value| -> Vec<(String, f64)> {
        let found = found.as_array().unwrap().iter();
        found
            .map(|item| (item["id"].to_string(), item["score"].as_f64().unwrap()))
            .collect()
    };
    // The first fits are made when nobody asks for anything.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let before = ask(&client);
    let second = before[1]["id"].as_str().unwrap();
    let judge = |client: &crate::running::Client, feedback: Value| {
        client.post(
            "/v1/feedback/",
            json!({"memory_id": second, "feedback": feedback}),
        )
    };
    let learned = judge(&client, json!("positive"));
    assert_eq!(learned["query"], query);
    assert!(learned["weight"].as_f64().unwrap() > 0.0, "{learned}");
    let after = ask(&client);
    assert_eq!(after[0]["id"], second);
    assert!(after[0]["score_details"]["feedback"].as_f64().unwrap() > 0.0);
    assert!(server.stop());
    let server = Server::with_key(data.path());
    let client = server.client();
    assert_eq!(scores(&ask(&client)), scores(&after));
    assert_eq!(judge(&client, Value::Null)["weight"], 0.0);
    assert_eq!(scores(&ask(&client)), scores(&before));
    let body = json!({"memory_id": second, "feedback": "GOOD"});
    let (status, _) = client.ask("POST", "/v1/feedback/", Some(&body)).unwrap();
    assert_eq!(status, 400);
}

#[test]
fn what_is_documented_and_no_client_reaches_answers_too() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let client = server.client();
    let added = json!({"messages": "the boiler valve was replaced", "user_id": "anna"});
    client.post("/v3/memories/add/", added);

    // An entity comes with its first memory; naming it before keeps nothing.
    for (path, field, name, memories) in [
        ("/v1/users/", "user_id", "anna", 1),
        ("/v1/agents/", "agent_id", "robot", 0),
        ("/v1/apps/", "app_id", "diary", 0),
        ("/v1/runs/", "run_id", "first", 0),
    ] {
        let made = client.post(path, json!({field: name}));
        assert_eq!(
            (&made["name"], &made["total_memories"]),
            (&json!(name), &json!(memories))
        );
        let with_metadata = json!({field: name, "metadata": {"k": 1}});
        assert_eq!(client.status("POST", path, Some(with_metadata)), 501);
        assert_eq!(
            client.status("POST", path, Some(json!({"name": name}))),
            400
        );
    }
    assert_eq!(client.get("/v1/entities/")["count"], 1);

    let organisations = "/api/v1/orgs/organizations/";
    assert_eq!(client.get(organisations)[0]["org_id"], "local-org");
    let one = format!("{organisations}local-org/");
    assert_eq!(client.get(&one)["name"], "memt");
    let members = client.get(&format!("{one}members/"));
    assert_eq!(members["members"].as_array().unwrap().len(), 1);
    for (method, path) in [("POST", organisations), ("PATCH", &one), ("DELETE", &one)] {
        assert_eq!(
            client.status(method, path, Some(json!({}))),
            501,
            "{method}"
        );
    }

    // The oldest clients fetch an export by query.
    let filters = json!({"schema": {}, "filters": {"user_id": "anna"}});
    let made = client.post("/v1/exports/", filters);
    for query in [
        format!("memory_export_id={}", made["id"].as_str().unwrap()),
        "user_id=anna".to_owned(),
    ] {
        let export = client.get(&format!("/v1/exports/?{query}"));
        assert_eq!(
            texts(&export["memories"]),
            ["the boiler valve was replaced"]
        );
    }
    assert_eq!(client.get("/configure/providers")["llm"], json!([]));
}
