//! A server of PostgreSQL for a test.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server of PostgreSQL in a folder of its own.
pub(crate) struct Cluster {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) programs: PathBuf,
    server: Child,
}

/// Where initdb and postgres are.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MEMT_POSTGRES") {
        return Some(named.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders
        .filter(|folder| folder.join("initdb").exists())
        .max()
}

/// The number of a user, or of the one that runs this.
fn user(name: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg("-u").args(name).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A command that does not run as the administrator, whom PostgreSQL refuses.
pub(crate) fn command(program: &Path) -> Command {
    match user(None) {
        Some(0) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(program);
            command
        }
        _ => Command::new(program),
    }
}

impl Cluster {
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        if user(None) == Some(0) {
            chown(folder.path(), Some(user(Some("postgres"))?), None).unwrap();
        }
        let made = command(&programs.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        let server = Self::run(&programs, folder.path());
        Some(Self {
            folder,
            programs,
            server,
        })
    }

    fn run(programs: &Path, folder: &Path) -> Child {
        command(&programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .arg("-k")
            .arg(folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=300"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("host={folder} user=postgres dbname={database}")
    }

    /// The same in the form of an address.
    pub(crate) fn address(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("postgres:///{database}?user=postgres&host={folder}")
    }

    /// Makes an empty database; returns how to connect to it.
    pub(crate) fn database(&self) -> String {
        self.url(&self.new_database())
    }

    /// Makes an empty database; returns its name.
    pub(crate) fn new_database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("memt{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let start = Instant::now();
        loop {
            let made = command(&self.programs.join("createdb"))
                .args(["--username=postgres", "--host"])
                .arg(self.folder.path())
                .arg(&name)
                .stderr(Stdio::null())
                .status()
                .unwrap();
            if made.success() {
                return name;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "no database");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn stop(&mut self) {
        let stopped = command(&self.programs.join("pg_ctl"))
            .args(["stop", "--mode=immediate", "-D"])
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null())
            .status();
        assert!(stopped.unwrap().success());
        self.server.wait().unwrap();
    }

    /// What a power failure and a new start would do.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// After [`stop`](Self::stop); returns when questions are answered.
    pub(crate) fn start_again(&mut self) {
        self.server = Self::run(&self.programs, self.folder.path());
        self.new_database();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}
