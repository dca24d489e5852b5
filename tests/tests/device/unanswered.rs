//! `memt device` as a person runs it, where something else than memt is at the other end, or nothing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Longest that `memt device` may take to give up.
const LONGEST: Duration = Duration::from_secs(30);

fn memt(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memt-here"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMT_")) {
        command.env_remove(name);
    }
    command.arg("device").args(arguments).output().unwrap()
}

/// What `memt device info` says on standard error about a port, which it must find out soon.
fn complaint(listener: &TcpListener) -> String {
    let port = format!("tcp:127.0.0.1:{}", listener.local_addr().unwrap().port());
    let begun = Instant::now();
    let output = memt(&["info", "--port", &port]);
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A port on which somebody does this with the first who calls.
fn port(answer: impl FnOnce(TcpStream) + Send + 'static) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let answering = listener.try_clone().unwrap();
    std::thread::spawn(move || answer(answering.accept().unwrap().0));
    listener
}

/// Says it again and again until nobody listens.
fn chatter(mut stream: TcpStream, said: &[u8], pause: Duration) {
    while stream.write_all(said).is_ok() {
        std::thread::sleep(pause);
    }
}

#[test]
fn a_port_that_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let port = format!("tcp:127.0.0.1:{closed}");
    let output = memt(&["info", "--port", &port]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains(&format!("cannot open {port}")), "{said}");
}

#[test]
fn a_port_that_is_silent() {
    let silent = port(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let said = complaint(&silent);
    assert!(said.contains("nothing answers (5 attempts)"), "{said}");
}

#[test]
fn a_port_that_never_stops_talking() {
    let line = b"temperature 21.5, humidity 40\r\n";
    let talking = port(|stream| chatter(stream, line, Duration::from_millis(5)));
    let said = complaint(&talking);
    assert!(said.contains("no answer among them"), "{said}");
    assert!(!said.contains("cannot open"), "{said}");
}

#[test]
fn a_port_that_floods() {
    let flooding = port(|stream| chatter(stream, &[0x55; 4096], Duration::ZERO));
    let said = complaint(&flooding);
    assert!(said.contains("no answer among them"), "{said}");
}

#[test]
fn a_port_that_talks_now_and_then() {
    let line = b"login:\0";
    let talking = port(|stream| chatter(stream, line, Duration::from_millis(300)));
    let said = complaint(&talking);
    assert!(said.contains("no answer among them"), "{said}");
}

#[test]
fn ports_are_listed_or_there_are_none() {
    let output = memt(&["ports", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ports = listed["ports"].as_array().unwrap();
    assert!(
        ports.iter().all(|port| port["port"].is_string()),
        "{listed}"
    );
    let plain = memt(&["ports"]);
    let lines = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(lines.lines().count(), ports.len());
    let said = String::from_utf8(plain.stderr).unwrap();
    assert_eq!(said.contains("no serial port"), ports.is_empty(), "{said}");
    // A command without a port names those that there are.
    let nowhere = memt(&["info"]);
    let said = String::from_utf8(nowhere.stderr).unwrap();
    assert!(
        said.contains("where is the device? Say --port PORT"),
        "{said}"
    );
}
