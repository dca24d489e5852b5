//! The firmware of a part of real size, a Netduino Plus 2 in QEMU: 200 memories through its console, a power cut, and the
//! same answers as here before and after it.
//!
//! Needs QEMU and the compiler that `firmware/setup.sh` installs; `MEMT_WITHOUT_QEMU=1` leaves this out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Scratch};
use memt_core::query::{DEFAULT_MIN_SCORE, Hit, QueryOptions};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::{NewMemory, WhenFull};
use memt_tests::{models, places};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PROMPT: &str = "\r\nmemt> ";
const ORIGIN: u32 = 405;
const MEMORIES: usize = 200;

const QUESTIONS: [&str; 5] = [
    "when did we fix the heating in house 17?",
    "which neighbour owes us money?",
    "what did the doctor say about sleep, visit 42?",
    "train to Vienna",
    "who grows the best tomatoes?",
];

fn memory(number: usize) -> String {
    let texts = [
        "the boiler valve of house {} was replaced on Tuesday",
        "neighbour {} borrowed forty euros for a taxi",
        "at visit {} the doctor advised eight hours of sleep",
        "the express to Vienna leaves from platform {}",
        "garden {} won the prize for its tomatoes",
    ];
    texts[number % texts.len()].replace("{}", &number.to_string())
}

/// The machine, whose flash is a file in a folder.
struct Machine {
    qemu: Child,
    keys: ChildStdin,
    screen: ChildStdout,
}

impl Machine {
    fn start(program: &Path, folder: &Path) -> Self {
        let mut qemu = Command::new("qemu-system-arm")
            .args(["-machine", "netduinoplus2", "-display", "none"])
            .args(["-monitor", "none", "-serial", "stdio"])
            .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
            .arg(program)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("QEMU is installed: run firmware/setup.sh");
        let (keys, screen) = (qemu.stdin.take().unwrap(), qemu.stdout.take().unwrap());
        let mut machine = Self { qemu, keys, screen };
        let greeting = machine.typed("");
        assert!(greeting.contains("memt 0.1.0: help"), "{greeting}");
        machine
    }

    /// What the console answers to a line.
    fn typed(&mut self, line: &str) -> String {
        write!(self.keys, "{line}\r").unwrap();
        self.keys.flush().unwrap();
        let mut seen = Vec::new();
        let mut piece = [0; 256];
        loop {
            let count = self.screen.read(&mut piece).unwrap();
            let text = String::from_utf8_lossy(&seen).into_owned();
            assert!(count > 0, "the machine stopped after {text:?}");
            seen.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&seen).into_owned();
            // The line itself, drawn anew for each key, ends with the first line feed.
            if let Some((_, answer)) = text.split_once("\r\n")
                && let Some(answer) = format!("\r\n{answer}").strip_suffix(PROMPT)
            {
                return answer.trim_start().to_owned();
            }
        }
    }

    fn cut_power(mut self) {
        self.qemu.kill().unwrap();
        self.qemu.wait().unwrap();
    }
}

/// The same memories in a bank of this computer.
struct Host<'m> {
    encoder: Encoder<'m>,
    scratch: Box<Scratch<{ models::SCRATCH_BYTES }>>,
    bank: Box<Bank<MEMORIES, 200, 32>>,
}

impl<'m> Host<'m> {
    fn new(encoder: Encoder<'m>) -> Self {
        let mut bank = Box::<Bank<MEMORIES, 200, 32>>::default();
        bank.set_origin(ORIGIN);
        bank.bind(encoder.fingerprint()).unwrap();
        let scratch = Box::default();
        Self {
            encoder,
            scratch,
            bank,
        }
    }

    fn add(&mut self, text: &str, created: u32) -> String {
        let embedding = self.encoder.encode(text, &mut self.scratch).unwrap();
        let memory = NewMemory {
            owner: Owner(0),
            text,
            embedding: &embedding,
            created: Timestamp(created),
            importance: Factor::ONE,
        };
        let report = self.bank.add(&memory, WhenFull::Refuse).unwrap();
        format!("added {}", report.key)
    }

    /// Score in percent, key and text of the best memories.
    fn ask(&mut self, question: &str) -> Vec<(String, String, String)> {
        let embedding = self.encoder.encode(question, &mut self.scratch).unwrap();
        let options = QueryOptions {
            min_score: DEFAULT_MIN_SCORE,
            ..QueryOptions::of_owner(Owner(0))
        };
        let mut hits = [Hit::default(); 3];
        let found = self
            .bank
            .query(question, &embedding, &options, &mut hits)
            .unwrap();
        let describe = |hit: &Hit| {
            let percent = (100.0 * hit.score.total + 0.5) as u32;
            let text = self.bank.get(hit.key).unwrap().text;
            (percent.to_string(), hit.key.to_string(), text.to_owned())
        };
        hits[..found].iter().map(describe).collect()
    }
}

/// The same of the lines that the console prints: `PERCENT %  DEGREES deg  KEY  TEXT`.
fn printed_hits(answer: &str) -> Vec<(String, String, String)> {
    let lines = answer.lines().filter(|line| line.contains(" deg "));
    lines
        .map(|line| {
            let (percent, rest) = line.trim().split_once(" %").unwrap();
            let (_, rest) = rest.split_once(" deg  ").unwrap();
            let (key, text) = rest.split_once("  ").unwrap();
            (percent.to_owned(), key.to_owned(), text.trim().to_owned())
        })
        .collect()
}

fn program() -> PathBuf {
    let mut command = Command::new(places::root().join("firmware/build-boards.sh"));
    command.arg("netduinoplus2");
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", PathBuf::from(target).join("firmware"));
    }
    let output = command.output().expect("bash is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

#[test]
fn a_part_of_real_size_remembers_through_a_power_cut() {
    if std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1") {
        println!("left out: MEMT_WITHOUT_QEMU=1");
        return;
    }
    let program = program();
    let folder = std::env::temp_dir().join(format!("memt-part-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let model = models::trained("default");
    let mut host = Host::new(models::integer_encoder(&model));

    let mut machine = Machine::start(&program, &folder);
    for number in 0..MEMORIES {
        let text = memory(number);
        let expected = host.add(&text, number as u32);
        let answer = machine.typed(&format!("add {text}"));
        assert!(answer.starts_with(&expected), "{answer}");
    }
    let expected = QUESTIONS.map(|question| host.ask(question));
    assert!(expected.iter().flatten().count() >= 5);
    let ask_all = |machine: &mut Machine| {
        QUESTIONS.map(|question| printed_hits(&machine.typed(&format!("ask {question}"))))
    };
    assert_eq!(ask_all(&mut machine), expected);
    machine.cut_power();

    let mut machine = Machine::start(&program, &folder);
    let counts = machine.typed("stats");
    assert!(counts.contains("200 of 200 memories"), "{counts}");
    assert_eq!(ask_all(&mut machine), expected, "after the power cut");
    machine.cut_power();
    std::fs::remove_dir_all(&folder).unwrap();
}
