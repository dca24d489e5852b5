//! The example in C, on this computer and on a Cortex-M4F in QEMU, against the same calls in Rust, bit for bit.
//!
//! Needs a C compiler; the machine also QEMU and the compilers that `firmware/setup.sh` installs
//! (`MEMT_WITHOUT_QEMU=1` leaves it out).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Scratch};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{self, MemoryRecord, Record, Writer};
use memt_core::write::{NewMemory, WhenFull};
use memt_tests::{models, places};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// The bank and scratch of the example.
type ExampleBank = Bank<128, 200, 32>;
const SCRATCH_BYTES: usize = 20_480;

/// The origins of the example's two banks, and its present.
const ORIGINS: [u32; 2] = [7, 8];
const NOW: u32 = 1_760_000_000;

fn run(machine: &str) -> String {
    let mut command = Command::new(places::root().join("firmware/c/example/run.sh"));
    command.arg(machine).arg(models::path("small"));
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", PathBuf::from(target).join("firmware"));
    }
    let output = command.output().expect("bash is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        output.status.success(),
        "the example on {machine}: {}\n{printed}{errors}",
        output.status
    );
    printed
}

/// What the example must print: its inputs are taken from the lines that it printed, all else is computed here.
struct Replay<'m> {
    encoder: Encoder<'m>,
    scratch: Box<Scratch<SCRATCH_BYTES>>,
    bank: Box<ExampleBank>,
    snapshot: Vec<u8>,
    expected: String,
}

impl<'m> Replay<'m> {
    fn new(encoder: Encoder<'m>) -> Self {
        Self {
            encoder,
            scratch: Box::default(),
            bank: empty(&encoder, ORIGINS[0]),
            snapshot: Vec::new(),
            expected: String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        let (command, rest) = line.split_once(' ').expect("a command and its input");
        match command {
            "memt" => self.print(format_args!("memt {}", env!("CARGO_PKG_VERSION"))),
            "embedding" => self.encode(after_words(rest, 1)),
            "add" => self.add(word(rest, 2), after_words(rest, 3)),
            "ask" => self.ask(word(rest, 0), after_words(rest, 1)),
            "hit" => {}
            "forget" => self.forget(rest),
            "snapshot" => self.export(),
            "import" => self.import(),
            "statistics" => self.count(),
            _ => panic!("an unknown line: {line}"),
        }
    }

    fn print(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.expected, "{line}").unwrap();
    }

    fn encode(&mut self, text: &str) {
        let embedding = self.encoder.encode(text, &mut self.scratch).unwrap();
        let bytes = embedding.0.map(|component| component as u8);
        self.print(format_args!("embedding {} {text}", hexadecimal(&bytes)));
    }

    fn add(&mut self, owner: &str, text: &str) {
        let embedding = self.encoder.encode(text, &mut self.scratch).unwrap();
        let memory = NewMemory {
            owner: Owner(owner.parse().unwrap()),
            text,
            embedding: &embedding,
            created: Timestamp(NOW),
            importance: Factor::ONE,
        };
        let report = self.bank.add(&memory, WhenFull::Refuse).unwrap();
        let verified = if report.verification.verified {
            "verified"
        } else {
            "unverified"
        };
        self.print(format_args!("add {} {verified} {owner} {text}", report.key));
    }

    fn ask(&mut self, owner: &str, text: &str) {
        self.print(format_args!("ask {owner} {text}"));
        let embedding = self.encoder.encode(text, &mut self.scratch).unwrap();
        let options = QueryOptions {
            min_score: 0.0,
            ..QueryOptions::of_owner(Owner(owner.parse().unwrap()))
        };
        let mut hits = [Hit::default(); 3];
        let found = self
            .bank
            .query(text, &embedding, &options, &mut hits)
            .unwrap();
        for hit in &hits[..found] {
            let score = [hit.score.total, hit.score.cosine, hit.score.lexical];
            let [total, cosine, lexical] = score.map(f32::to_bits);
            let text = self.bank.get(hit.key).unwrap().text.to_owned();
            self.print(format_args!(
                "hit {} {total:08x} {cosine:08x} {lexical:08x} {text}",
                hit.key
            ));
        }
    }

    fn forget(&mut self, key: &str) {
        let (origin, counter) = key.split_once('-').unwrap();
        let key = Key {
            origin: origin.parse().unwrap(),
            counter: counter.parse().unwrap(),
        };
        assert!(self.bank.forget(key, Timestamp(NOW + 60)));
        self.print(format_args!("forget {key}"));
    }

    fn export(&mut self) {
        let mut buffer = [0; 512];
        let count = self.bank.len() + self.bank.deletions().count();
        let fingerprint = self.bank.fingerprint().unwrap();
        let (mut writer, header) = Writer::begin(fingerprint, count as u32);
        let mut bytes = Vec::from(header);
        let memories = self.bank.owned_by(None);
        let memories = memories.map(|slot| Record::Memory(MemoryRecord::of(slot, &[])));
        for record in memories.chain(self.bank.deletions().map(Record::Deletion)) {
            bytes.extend(writer.record(&record, &mut buffer).unwrap());
        }
        bytes.extend(writer.finish().unwrap());
        self.print(format_args!("snapshot {}", hexadecimal(&bytes)));
        self.snapshot = bytes;
    }

    fn import(&mut self) {
        self.bank = empty(&self.encoder, ORIGINS[1]);
        let report = snapshot::import(&mut self.bank, &self.snapshot, 0).unwrap();
        self.print(format_args!("import {} {}", report.added, report.deletions));
    }

    fn count(&mut self) {
        let counts = self.bank.statistics(None);
        self.print(format_args!(
            "statistics {} {}",
            counts.memories, counts.text_bytes
        ));
    }
}

fn empty(encoder: &Encoder<'_>, origin: u32) -> Box<ExampleBank> {
    let mut bank = Box::<ExampleBank>::default();
    bank.set_origin(origin);
    bank.bind(encoder.fingerprint()).unwrap();
    bank
}

fn word(line: &str, index: usize) -> &str {
    line.split(' ').nth(index).expect("another word")
}

fn after_words(line: &str, count: usize) -> &str {
    line.splitn(count + 1, ' ').last().expect("a text")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn assert_same_as_rust(machine: &str) {
    let printed = run(machine);
    let model = models::trained("small");
    let mut replay = Replay::new(models::integer_encoder(&model));
    printed.lines().for_each(|line| replay.line(line));
    assert_eq!(printed, replay.expected, "on {machine}");
    for (command, least) in [("add", 8), ("ask", 12), ("hit", 16), ("snapshot", 1)] {
        let start = format!("{command} ");
        let count = printed.lines().filter(|line| line.starts_with(&start));
        assert!(count.count() >= least, "too few lines {command}");
    }
}

#[test]
fn c_gives_the_answers_of_rust_on_this_computer() {
    assert_same_as_rust("host");
}

#[test]
fn c_gives_the_answers_of_rust_on_a_chip() {
    if std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1") {
        println!("left out: MEMT_WITHOUT_QEMU=1");
        return;
    }
    assert_same_as_rust("m4f");
}
