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

#[test]
fn command_line() {
    let Some(folder) = installed("python-cli") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let mem0 = |arguments: &[&str]| {
        let mut command = Command::new(folder.join("bin/mem0"));
        command
            .env("HOME", data.path())
            .env("MEM0_BASE_URL", &server.url)
            .env("MEM0_API_KEY", KEY);
        succeeds(command.args(arguments))
    };
    mem0(&["status"]);
    mem0(&[
        "add",
        "The boiler valve was replaced on Tuesday.",
        "-u",
        "anna",
        "--no-infer",
    ]);
    let found = mem0(&[
        "search",
        "when did we fix the heating valve?",
        "-u",
        "anna",
        "-o",
        "json",
    ]);
    assert!(
        found.contains("The boiler valve was replaced on Tuesday."),
        "{found}"
    );
    assert!(mem0(&["list", "-u", "anna"]).contains("boiler"));
    assert!(mem0(&["entity", "list", "users"]).contains("anna"));
    mem0(&["delete", "--all", "-u", "anna", "--force"]);
    let left = server.client().post(
        "/v3/memories",
        serde_json::json!({"filters": {"user_id": "anna"}}),
    );
    assert_eq!(left["count"], 0);
}
