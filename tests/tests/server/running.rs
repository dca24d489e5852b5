//! A server of this checkout, and questions to it.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The key that opens everything.
pub(crate) const KEY: &str = "the key of the tests";

/// A running server; it is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

/// `memt`, with this environment's settings for it left out.
pub(crate) fn memt() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memt-here"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MEMT_")) {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// Starts a server over a folder, with further flags.
    pub(crate) fn start(data: &Path, flags: &[&str]) -> Self {
        Self::start_at(data, "127.0.0.1:0", flags)
    }

    /// The same at an address.
    pub(crate) fn start_at(data: &Path, addr: &str, flags: &[&str]) -> Self {
        let mut command = memt();
        command
            .args(["serve", "--log", "error", "--addr", addr, "--data"])
            .arg(data)
            .args(flags);
        Self::of(&mut command)
    }

    /// The server that a command starts.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http"));
        let url = url
            .unwrap_or_else(|| panic!("memt serve said {line:?}"))
            .to_owned();
        Self { child, url }
    }

    /// One that asks for [`KEY`].
    pub(crate) fn with_key(data: &Path) -> Self {
        Self::start(data, &["--api-key", KEY])
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and returns whether it ended well.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> bool {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(asked.unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// What it says on standard error until it ends, where that is piped.
    pub(crate) fn errors(&mut self) -> std::process::ChildStderr {
        self.child.stderr.take().unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, KEY)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks a server with a key.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    key: String,
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            // A server that has not read a refused request's body closes the connection.
            .max_idle_connections(0)
            .build();
        Self {
            agent: config.into(),
            url: url.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Asks; the error is one of the connection.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), ureq::Error> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Token {}", self.key))
            .header("content-type", "application/json");
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(body).unwrap();
        let mut answer = self.agent.run(request)?;
        let status = answer.status().as_u16();
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_vec()?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let value = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Ok((status, value))
    }

    /// The answer to a request that must succeed.
    pub(crate) fn get(&self, path: &str) -> Value {
        self.done("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Value {
        self.done("POST", path, Some(&body))
    }

    pub(crate) fn done(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, value) = self.ask(method, path, body).unwrap();
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {value}"
        );
        value
    }

    /// The status of a request that may fail.
    pub(crate) fn status(&self, method: &str, path: &str, body: Option<Value>) -> u16 {
        self.ask(method, path, body.as_ref()).unwrap().0
    }
}
