//! No owner ever sees another's memory, whatever keys, ids and filters are tried, by many at once.

use crate::running::{Client, Server, memt};
use memt_tests::random::Random;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const OWNERS: usize = 6;

/// Requests of each owner: `MEMT_ISOLATION_REQUESTS`, or a few.
fn requests() -> usize {
    let given = std::env::var("MEMT_ISOLATION_REQUESTS").ok();
    given.map_or(250, |given| {
        given.parse().expect("MEMT_ISOLATION_REQUESTS is a number")
    })
}

fn some<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.below(all.len())]
}

/// A filter that may mean anybody.
fn filter(random: &mut Random, depth: usize) -> Value {
    let who = format!("owner{}", random.below(OWNERS));
    match random.below(if depth == 0 { 6 } else { 9 }) {
        0 => json!({ "user_id": who }),
        1 => json!({ "user_id": "*" }),
        2 => json!({ "agent_id": "shared" }),
        3 => json!({ "run_id": {"in": ["run0", "run1", who]} }),
        4 => json!({ "user_id": {"ne": who} }),
        5 => json!({ "AND": [{"user_id": {"in": [who, "owner0"]}}, {"created_at": {"gt": 0}}] }),
        6 => json!({ "OR": [filter(random, depth - 1), filter(random, depth - 1)] }),
        7 => json!({ "AND": [filter(random, depth - 1), filter(random, depth - 1)] }),
        _ => json!({ "NOT": filter(random, depth - 1) }),
    }
}

fn try_everything(client: &Client, me: usize, ids: &Mutex<Vec<String>>, random: &mut Random) {
    let mark = |owner: usize| format!("secretof{owner}x");
    let id = {
        let ids = ids.lock().unwrap();
        if ids.is_empty() {
            "00000000-0000-4000-8000-000000000000".to_owned()
        } else {
            some(random, &ids).clone()
        }
    };
    let anybody = format!("owner{}", random.below(OWNERS));
    let text = format!(
        "{} the boat number {} is blue",
        mark(me),
        random.below(1000)
    );
    let (method, path, body) = match random.below(14) {
        0..=2 => (
            "POST",
            "/v3/memories/add".to_owned(),
            json!({"messages": text, "agent_id": "shared", "run_id": format!("run{}", random.below(3))}),
        ),
        3 => (
            "POST",
            "/v1/memories".to_owned(),
            json!({"messages": text, "user_id": anybody}),
        ),
        4..=6 => (
            "POST",
            "/v3/memories/search".to_owned(),
            json!({"query": "secret blue boat", "threshold": 0, "top_k": 50, "filters": filter(random, 3)}),
        ),
        7 => (
            "POST",
            "/v3/memories".to_owned(),
            json!({"filters": filter(random, 3)}),
        ),
        8 => ("GET", format!("/v1/memories/{id}"), json!({})),
        9 => ("GET", format!("/v1/memories/{id}/history"), json!({})),
        10 => (
            "PUT",
            format!("/v1/memories/{id}"),
            json!({"text": text, "metadata": {"user_id": anybody}}),
        ),
        11 => (
            "POST",
            "/v1/exports/get".to_owned(),
            json!({"filters": filter(random, 2)}),
        ),
        12 => (
            "GET",
            (*some(
                random,
                &[
                    "/v1/events",
                    "/v1/entities",
                    "/memories?user_id=*",
                    "/v1/memories?agent_id=shared",
                    "/v1/stats",
                ],
            ))
            .to_owned(),
            json!({}),
        ),
        _ => ("DELETE", format!("/v1/memories/{id}"), json!({})),
    };
    let (status, answer) = client.ask(method, &path, Some(&body)).unwrap();
    assert!(status < 500, "{method} {path} {body}: {status} {answer}");
    let said = answer.to_string();
    for other in (0..OWNERS).filter(|&other| other != me) {
        assert!(
            !said.contains(&mark(other)),
            "owner{me} saw of owner{other}: {method} {path} {body}: {said}"
        );
        assert!(
            path != "/v1/entities" || !said.contains(&format!("owner{other}\"")),
            "{said}"
        );
    }
    if path.ends_with("/add") && status == 200 {
        let id = answer["results"][0]["id"].as_str().unwrap().to_owned();
        ids.lock().unwrap().push(id);
    }
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    let data = tempfile::tempdir().unwrap();
    let keys: Vec<String> = (0..OWNERS)
        .map(|owner| {
            let owner = format!("owner{owner}");
            let output = memt()
                .args(["serve", "--new-key", &owner, "--owner", &owner, "--data"])
                .arg(data.path())
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        })
        .collect();
    let server = Server::with_key(data.path());
    let ids = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for (me, key) in keys.iter().enumerate() {
            let (client, ids) = (Client::new(&server.url, key), Arc::clone(&ids));
            scope.spawn(move || {
                let mut random = Random::new(me as u64 + 1);
                for _ in 0..requests() {
                    try_everything(&client, me, &ids, &mut random);
                }
            });
        }
    });
    // Nothing was moved to another owner either.
    for (owner, key) in keys.iter().enumerate() {
        let client = Client::new(&server.url, key);
        let mine = client.post(
            "/v2/memories",
            json!({"filters": {"user_id": format!("owner{owner}")}}),
        );
        for memory in mine.as_array().unwrap() {
            assert!(
                memory["memory"]
                    .as_str()
                    .unwrap()
                    .starts_with(&format!("secretof{owner}x")),
                "{memory}"
            );
        }
    }
}
