//! Virtual machines with the firmware, that lose power when they are dropped.

use memt_host::device::{Client, Port, open};
use memt_tests::{models, places};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a machine, which may have to be built first.
const PATIENCE: Duration = Duration::from_secs(1200);

/// Which program runs on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The program `app` on a Cortex-M4F with more memory than it needs.
    LargeM4f,
    /// The board package on the virtual STM32F405: 1 MiB of flash and 128 KiB of RAM.
    Netduino {
        /// Whether its program holds `small` instead of `default`.
        small: bool,
    },
}

/// A machine that is running.
pub(crate) struct Machine {
    process: Child,
    port: u16,
    monitor: PathBuf,
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The script has become `timeout`, which hands this signal on to QEMU; it would not hand on a kill.
        let process = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &process]).status();
        let _ = self.process.wait();
    }
}

impl Machine {
    /// Starts with the flash that lies in `folder`.
    pub(crate) fn start(kind: Kind, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let serial = format!("tcp:127.0.0.1:{port},server=on,wait=off");
        let monitor = folder.join("monitor");
        let _ = std::fs::remove_file(&monitor);
        let mut command = match kind {
            Kind::LargeM4f => large_m4f(folder, &serial),
            Kind::Netduino { small } => netduino(folder, &serial, &monitor, small),
        };
        let process = command.stdin(Stdio::null()).spawn().unwrap();
        Self {
            process,
            port,
            monitor,
        }
    }

    /// Begins a conversation over the link.
    pub(crate) fn link(&self) -> Client<Port> {
        let end = Instant::now() + PATIENCE;
        loop {
            let stream = open(&format!("tcp:127.0.0.1:{}", self.port), 0);
            match stream.and_then(Client::begin) {
                Ok(client) => return client,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Sits down at the console, which must have been silent for a second of the machine's time: QEMU's own processor time.
    pub(crate) fn console(&self) -> Console {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut console = Console(stream);
        for tenths in [12, 25, 50, 100, 200] {
            std::thread::sleep(Duration::from_millis(100 * tenths));
            console.patience(3);
            if console.line("").is_ok() {
                // Nobody types in the first twentieth of a second of the machine's time.
                std::thread::sleep(Duration::from_millis(500));
                console.patience(60);
                return console;
            }
        }
        panic!("the console does not wake");
    }

    /// Waits for the machine to end by itself.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }

    /// The content of RAM.
    pub(crate) fn ram(&self, address: u32, bytes: usize) -> Vec<u8> {
        let file = self.monitor.with_file_name("ram");
        let mut monitor = UnixStream::connect(&self.monitor).unwrap();
        writeln!(monitor, "pmemsave {address} {bytes} \"{}\"", file.display()).unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            match std::fs::read(&file) {
                Ok(content) if content.len() == bytes => return content,
                _ => assert!(Instant::now() < end, "the monitor has not written RAM"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Where the firmware is built, if not in its own folder.
fn target() -> Option<PathBuf> {
    let target = PathBuf::from(std::env::var_os("CARGO_TARGET_DIR")?);
    Some(places::root().join(target).join("firmware"))
}

fn large_m4f(folder: &Path, serial: &str) -> Command {
    let mut command = Command::new(places::root().join("firmware/run.sh"));
    command.args(["m4f", "app", "--model"]);
    command.arg(models::path("default"));
    command.arg("--script").arg(folder.join("paths"));
    command.args(["--serial", serial, "--timeout", "1800"]);
    if let Some(target) = target() {
        command.env("CARGO_TARGET_DIR", target);
    }
    command
}

fn netduino(folder: &Path, serial: &str, monitor: &Path, small: bool) -> Command {
    let mut command = Command::new("timeout");
    let monitor = format!("unix:{},server=on,wait=off", monitor.display());
    command.args(["1800", "qemu-system-arm", "-machine", "netduinoplus2"]);
    command.args(["-display", "none", "-monitor", &monitor, "-serial", serial]);
    command.args(["-semihosting-config", "enable=on,target=native"]);
    command.args(["-icount", "shift=0", "-kernel"]);
    command.arg(netduino_program(folder, small));
    // The file that stands for its flash is in the current folder.
    command.current_dir(folder);
    command
}

/// The board's program, built once for the folder.
fn netduino_program(folder: &Path, small: bool) -> PathBuf {
    let program = folder.join(if small { "small.elf" } else { "default.elf" });
    if program.exists() {
        return program;
    }
    let mut command = Command::new(places::root().join("firmware/build-boards.sh"));
    if small {
        command.args(["--features", "small-model"]);
    }
    if let Some(target) = target() {
        command.env("CARGO_TARGET_DIR", target);
    }
    let built = command.arg("netduinoplus2").output().unwrap();
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{errors}");
    let path = String::from_utf8(built.stdout).unwrap();
    std::fs::copy(path.trim(), &program).unwrap();
    program
}

/// A person's end of the port.
pub(crate) struct Console(TcpStream);

impl Console {
    fn patience(&self, seconds: u64) {
        let patience = Some(Duration::from_secs(seconds));
        self.0.set_read_timeout(patience).unwrap();
    }

    /// Types a line and gives what the machine prints, up to its next prompt.
    pub(crate) fn typed(&mut self, line: &str) -> String {
        self.line(line).unwrap()
    }

    fn line(&mut self, line: &str) -> std::io::Result<String> {
        self.0.write_all(format!("{line}\r").as_bytes())?;
        let mut printed = Vec::new();
        while !printed.ends_with(b"\nmemt> ") {
            let mut bytes = [0; 256];
            let count = self.0.read(&mut bytes)?;
            assert!(count > 0, "{}", String::from_utf8_lossy(&printed));
            printed.extend(&bytes[..count]);
        }
        Ok(String::from_utf8(printed).unwrap())
    }
}
