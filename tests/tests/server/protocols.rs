//! OpenAI's and MCP's own clients, and the inspector in a browser.
//!
//! `tests/clients/setup.sh` installs them; what is not there is left out and said to be.

use crate::clients::{installed, succeeds};
use crate::running::{KEY, Server};
use memt_tests::places;
use std::path::Path;
use std::process::Command;

/// A script of `tests/clients`, by the Python that has these clients.
fn script(name: &str) -> Option<Command> {
    let python = installed("python-protocols")?.join("bin/python");
    let mut command = Command::new(python);
    command.arg(places::root().join("tests/clients").join(name));
    Some(command)
}

#[test]
fn openai_embeddings() {
    let Some(mut script) = script("openai_embeddings.py") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    println!("{}", succeeds(script.args([&server.url, KEY])));
}

#[test]
fn mcp_on_stdio_and_over_http() {
    let Some(mut script) = script("mcp_tools.py") else {
        return;
    };
    let (data, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::with_key(data.path());
    let script = script.arg(env!("CARGO_BIN_EXE_memt-here")).arg(own.path());
    println!("{}", succeeds(script.args([&server.url, KEY])));
}

/// A script that drives the browser, where both are there.
pub(crate) fn in_browser(name: &str) -> Option<Command> {
    let browser = std::env::var("MEMT_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !Path::new(&browser).exists() {
        eprintln!(
            "left out: the inspector in a browser: there is no {browser}; tests/clients/setup.sh installs it"
        );
        return None;
    }
    let mut script = script(name)?;
    script.env("MEMT_CHROMIUM", browser);
    Some(script)
}

#[test]
fn inspector_in_chromium() {
    let Some(mut script) = in_browser("inspector.py") else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let server = Server::with_key(data.path());
    let snapshot = data.path().join("saved.slots");
    let script = script.args([&server.url, KEY]).arg(snapshot);
    println!("{}", succeeds(script));
}
