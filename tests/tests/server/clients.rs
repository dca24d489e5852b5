//! Released clients of mem0, unmodified.
//!
//! `tests/clients/setup.sh` installs them into `MEMT_CLIENTS` (`target/clients` without it); what is not
//! there is left out and said to be. `tests/ci.sh` runs the script first.

use crate::running::{KEY, Server, memt};
use memt_tests::places;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn clients() -> PathBuf {
    let given = std::env::var_os("MEMT_CLIENTS").map(PathBuf::from);
    given.unwrap_or_else(|| places::root().join("target/clients"))
}

/// The folder of a client that is installed.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let folder = clients().join(name);
    if folder.join("done").exists() {
        return Some(folder);
    }
    eprintln!("left out: client {name} is not there; tests/clients/setup.sh installs it");
    None
}

pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = command
        .env("MEM0_TELEMETRY", "false")
        .output()
        .expect("the client starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}\n{errors}");
    said
}

fn python(version: &str) {
    let Some(folder) = installed(&format!("python-{version}")) else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let script = places::root().join("tests/clients/drive.py");
    let mut command = Command::new(folder.join("bin/python"));
    let home = data.path().join("home");
    succeeds(
        command
            .env("HOME", home)
            .arg(script)
            .args([&server.url, KEY]),
    );
}

fn node(version: &str) {
    let Some(folder) = installed(&format!("node-{version}")) else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let script = places::root().join("tests/clients/drive.mjs");
    let mut command = Command::new("node");
    succeeds(command.arg(script).arg(folder).args([&server.url, KEY]));
}

#[test]
fn python_2_2_1() {
    python("2.2.1");
}

#[test]
fn python_1_0_11() {
    python("1.0.11");
}

#[test]
fn python_0_1_118() {
    python("0.1.118");
}

#[test]
fn node_3_3_1() {
    node("3.3.1");
}

#[test]
fn node_2_4_6() {
    node("2.4.6");
}

/// What `memt env` tells programs whose clients are given no host.
fn redirection(folder: &Path, url: &str) -> Vec<(String, String)> {
    let mut command = memt();
    command.env_remove("PYTHONPATH").env_remove("NODE_OPTIONS");
    command.args(["env", "--json", "--url", url, "--api-key", KEY, "--clients"]);
    let output = command.arg(folder).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = told.as_object().unwrap().iter();
    told.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn clients_that_are_given_no_host_are_redirected() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let told = redirection(&data.path().join("shims"), &server.url);
    let python = "from mem0 import MemoryClient\n\
        MemoryClient().add([{'role': 'user', 'content': 'sent without a host'}], user_id='u')";
    let node = "const { default: Client } = require('mem0ai');\n\
        new Client({ apiKey: process.env.MEM0_API_KEY }).add([{ role: 'user', content: 'sent without a host' }], \
        { user_id: 'u', userId: 'u' }).then(() => process.exit(0));";
    let mut sent = 0;
    for version in ["2.2.1", "1.0.11", "0.1.118"] {
        if let Some(folder) = installed(&format!("python-{version}")) {
            let mut command = Command::new(folder.join("bin/python"));
            command.env("HOME", data.path()).envs(told.clone());
            succeeds(command.args(["-c", python]));
            sent += 1;
        }
    }
    for version in ["3.3.1", "2.4.6"] {
        if let Some(folder) = installed(&format!("node-{version}")) {
            let mut command = Command::new("node");
            command.current_dir(folder).envs(told.clone());
            succeeds(command.args(["-e", node]));
            sent += 1;
        }
    }
    let body = serde_json::json!({"filters": {"user_id": "u"}});
    assert_eq!(server.client().post("/v3/memories", body)["count"], sent);
}

/// mem0's command line, with `mem0` of a folder that is installed.
fn command_line(program: &Path) {
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let mem0 = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command
            .env("HOME", data.path())
            .env("MEM0_BASE_URL", &server.url)
            .env("MEM0_API_KEY", KEY);
        succeeds(command.args(arguments))
    };
    let text = "The boiler valve was replaced on Tuesday.";
    mem0(&["status"]);
    mem0(&["add", text, "-u", "anna", "--no-infer"]);
    let question = "when did we fix the heating valve?";
    let found = mem0(&["search", question, "-u", "anna", "-o", "json"]);
    assert!(found.contains(text), "{found}");
    let mine = serde_json::json!({"filters": {"user_id": "anna"}});
    let kept = server.client().post("/v3/memories", mine.clone());
    let id = kept["results"][0]["id"].as_str().unwrap();
    mem0(&["update", id, "The boiler valve was replaced on Monday."]);
    assert!(mem0(&["get", id]).contains("Monday"));
    assert!(mem0(&["list", "-u", "anna"]).contains("boiler"));
    assert!(mem0(&["entity", "list", "users"]).contains("anna"));
    // What it calls an event is there for as long as the server runs.
    let events = server.client().get("/v1/events/");
    let event = events["results"][0]["id"].as_str().unwrap();
    assert!(mem0(&["event", "status", event]).contains("SUCCEEDED"));
    assert!(mem0(&["event", "list", "-o", "json"]).contains(event));
    let file = data.path().join("import.json");
    std::fs::write(&file, r#"[{"memory": "Ida plays the cello."}]"#).unwrap();
    mem0(&["import", file.to_str().unwrap(), "-u", "anna"]);
    assert_eq!(
        server.client().post("/v3/memories", mine.clone())["count"],
        2
    );
    mem0(&["delete", id, "--force"]);
    mem0(&["delete", "--all", "-u", "anna", "--force"]);
    assert_eq!(server.client().post("/v3/memories", mine)["count"], 0);
}

#[test]
fn command_line_of_python() {
    if let Some(folder) = installed("python-cli") {
        command_line(&folder.join("bin/mem0"));
    }
}

#[test]
fn command_line_of_node() {
    if let Some(folder) = installed("node-cli") {
        command_line(&folder.join("node_modules/.bin/mem0"));
    }
}
