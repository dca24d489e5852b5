//! The inspector and a device that is connected to the server's computer.
//!
//! The device is the firmware's program over a mock of flash; a thread carries bytes between it and a TCP port,
//! as an adapter does.

use crate::clients::succeeds;
use crate::protocols::in_browser;
use crate::running::{Client, KEY, Server, memt};
use crate::wire::{Faults, Wire, device};
use memt_core::link::Call;
use memt_core::slot::{Factor, Timestamp};
use memt_host::device::Stream;
use memt_host::store::owner_of_name;
use memt_tests::models;
use serde_json::json;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

const TEXTS: [&str; 3] = [
    "the boiler valve was replaced on Tuesday",
    "the pump in the cellar leaks",
    "<img src=x onerror=\"document.title='owned'\"> is a text",
];

/// Carries bytes until the other side hangs up.
fn carry(mut stream: &TcpStream, wire: &mut Wire) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(5)))?;
    let mut bytes = [0; 512];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(count) => wire.send(&bytes[..count])?,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
        loop {
            let count = wire.receive(&mut bytes, Duration::ZERO)?;
            if count == 0 {
                break;
            }
            stream.write_all(&bytes[..count])?;
        }
    }
}

/// A device with [`TEXTS`] of anna's on a port of its own. Each connection after the first `connections` finds it
/// unplugged.
fn plugged_in(connections: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut link = memt_host::device::Client::begin(device("small", Faults::NONE)).unwrap();
        for (time, text) in (1_700_000_000..).zip(TEXTS) {
            let add = Call::Add {
                owner: owner_of_name("anna"),
                text,
                created: Some(Timestamp(time)),
                importance: Factor::ONE,
                evict: true,
            };
            link.add(add).unwrap();
        }
        for stream in listener.incoming().take(connections) {
            // A connection that breaks is made anew by whoever wants to.
            drop(carry(&stream.unwrap(), link.stream()));
        }
    });
    format!("tcp:127.0.0.1:{port}")
}

fn serve(data: &std::path::Path, port: &str) -> Server {
    let model = models::path("small");
    let model = model.to_str().unwrap();
    Server::start(
        data,
        &["--api-key", KEY, "--model", model, "--device", port],
    )
}

#[test]
fn a_connected_device_is_shown_asked_and_taken_in() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), &plugged_in(9));
    let client = server.client();
    let found = client.get("/inspector/api/device");
    assert_eq!(
        (&found["device"]["memories"], &found["same_model"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(found["device"]["slots"], 200);
    let question = json!({"query": "when was the boiler valve replaced?", "owner": "anna"});
    let hits = client.post("/inspector/api/device/search", question.clone());
    assert_eq!(hits["hits"][0]["text"], TEXTS[0]);
    assert!(hits["hits"][0]["score"].as_f64().unwrap() > 0.5, "{hits}");
    let nobodys = json!({"query": "boiler", "owner": "bert"});
    assert_eq!(
        client.post("/inspector/api/device/search", nobodys),
        json!({"hits": []})
    );
    let refused = json!({"query": "..."});
    assert_eq!(
        client.status("POST", "/inspector/api/device/search", Some(refused)),
        400
    );
    let taken = client.post("/inspector/api/device/snapshot", json!({}));
    assert_eq!((&taken["added"], &taken["known"]), (&json!(3), &json!(0)));
    let again = client.post("/inspector/api/device/snapshot", json!({}));
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(3)));
    // What was taken in answers here as it does there; a device knows owners by number only.
    let here = json!({"query": question["query"], "owner": hits["hits"][0]["owner"]});
    let here = client.post("/inspector/api/search", here);
    assert_eq!(here["hits"][0]["score"], hits["hits"][0]["score"]);
    assert_eq!(
        client.get("/inspector/api/statistics")["device"],
        found["port"]
    );
}

#[test]
fn a_device_is_for_keys_that_open_everything() {
    let data = tempfile::tempdir().unwrap();
    let made = memt()
        .args(["serve", "--new-key", "anna", "--owner", "anna", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let key = String::from_utf8(made.stdout).unwrap();
    // Nothing listens there; whoever may not ask does not find out.
    let server = serve(data.path(), "tcp:127.0.0.1:9");
    let anna = Client::new(&server.url, key.trim());
    for (method, path) in [
        ("GET", "/inspector/api/device"),
        ("POST", "/inspector/api/device/search"),
        ("GET", "/inspector/api/device/snapshot"),
        ("POST", "/inspector/api/device/snapshot"),
    ] {
        let body = json!({"query": "boiler"});
        assert_eq!(anna.status(method, path, Some(body.clone())), 403, "{path}");
        let (status, answer) = server.client().ask(method, path, Some(&body)).unwrap();
        assert_eq!(status, 503, "{path}");
        assert!(
            answer["detail"]
                .as_str()
                .unwrap()
                .contains("tcp:127.0.0.1:9"),
            "{answer}"
        );
    }
    assert!(anna.get("/inspector/api/statistics")["device"].is_null());
    let without = Server::with_key(data.path().join("other").as_path());
    assert_eq!(
        without
            .client()
            .status("GET", "/inspector/api/device", None),
        404
    );
}

#[test]
fn a_device_that_was_unplugged_is_found_again() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), &broken_once());
    let client = server.client();
    for pause in [0, 1200, 0] {
        std::thread::sleep(Duration::from_millis(pause));
        assert_eq!(client.get("/inspector/api/device")["device"]["memories"], 3);
    }
}

/// A port whose first connection breaks after its first answers.
fn broken_once() -> String {
    let port = plugged_in(9);
    let address = port.strip_prefix("tcp:").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let front = format!("tcp:{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (near, far) = (stream.unwrap(), TcpStream::connect(&address).unwrap());
            let (from, to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            let back = std::thread::spawn(move || std::io::copy(&mut &from, &mut &to));
            match number {
                0 => {
                    near.set_read_timeout(Some(Duration::from_millis(700)))
                        .unwrap();
                    drop(std::io::copy(&mut &near, &mut &far));
                }
                _ => drop(std::io::copy(&mut &near, &mut &far)),
            }
            drop(far.shutdown(std::net::Shutdown::Both));
            drop(near.shutdown(std::net::Shutdown::Both));
            drop(back.join());
        }
    });
    front
}

#[test]
fn inspector_shows_a_device() {
    let Some(mut script) = in_browser("inspector_device.py") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), &plugged_in(9));
    let snapshot = data.path().join("device.slots");
    let script: &mut Command = script.args([&server.url, KEY]).arg(&snapshot);
    println!("{}", succeeds(script));
    let saved = std::fs::read(snapshot).unwrap();
    assert_eq!(memt_core::snapshot::Reader::check(&saved).unwrap().count, 3);
}
