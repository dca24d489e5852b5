//! A session of a person and a host with the firmware on virtual chips: first boot, 200 memories, questions, a power cut, a snapshot to the
//! host and back, another model. Every answer is equal to this computer's.
//!
//! Needs QEMU and the target that `firmware/setup.sh` installs; `MEMT_WITHOUT_QEMU=1` leaves this out. `MEMT_RECORD=1` writes
//! `firmware/session.json`: the RAM that it took.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "session/machine.rs"]
mod machine;

use machine::{Console, Kind, Machine};
use memt_core::encoder::Image;
use memt_core::link::{Call, ModelCall, Refusal};
use memt_core::overlap::Signature;
use memt_core::query::{DEFAULT_MIN_SCORE, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Slot, Timestamp};
use memt_core::snapshot::{Reader, Record};
use memt_core::text::Words;
use memt_host::device::{Added, Client, LinkError, Port};
use memt_host::merge::merge;
use memt_tests::twin::{Twin, shipped_image};
use memt_tests::{corpus, places, snapshots};
use std::path::{Path, PathBuf};

/// The console's owner, so that person and host speak of the same memories.
const OWNER: Owner = Owner(0);

/// Bytes of a piece of a model.
const PIECE: usize = 256;

/// Where the virtual STM32F405 has its RAM, and how much.
const RAM: (u32, usize) = (0x2000_0000, 128 * 1024);

/// What the start code fills the stack with.
const PAINT: u32 = 0xcccc_cccc;

type Link = Client<Port>;

/// Flash that is new, in files of a folder.
fn new_flash(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("memt-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut paths = Vec::new();
    for (name, bytes) in [("store", 128 << 10), ("model", 1 << 20)] {
        let path = folder.join(name);
        std::fs::write(&path, vec![0xff; bytes]).unwrap();
        paths.extend(path.to_str().unwrap().bytes());
        paths.push(0);
    }
    std::fs::write(folder.join("paths"), paths).unwrap();
    folder
}

/// Two hundred texts that fit a slot, and one more.
fn texts<const TERMS: usize>() -> Vec<String> {
    let texts = corpus::texts().into_iter();
    let texts: Vec<String> = texts
        .filter(|text| (20..=120).contains(&text.len()) && Signature::<TERMS>::of(text).is_ok())
        .filter(|text| Words::of(text).next().is_some() && text.chars().all(|c| !c.is_control()))
        .filter(|text| text.trim() == text)
        .take(201)
        .collect();
    assert_eq!(texts.len(), 201);
    texts
}

fn call(text: &str, time: u32) -> Call<'_> {
    Call::Add {
        owner: OWNER,
        text,
        created: Some(Timestamp(time)),
        importance: Factor::ONE,
        evict: false,
    }
}

fn answers(link: &mut Link, text: &str) -> Vec<(String, u32)> {
    let hits = link.query(Call::Query {
        text,
        owner: Some(OWNER),
        mode: Mode::Fused,
        min_score: 0.0,
        recency: None,
        neighbours: false,
        most: 5,
        record: false,
    });
    let hits = hits.unwrap().into_iter();
    hits.map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
        .collect()
}

/// A machine, this computer's twin of it, and the texts that they know.
struct Session<const TERMS: usize> {
    kind: Kind,
    folder: PathBuf,
    machine: Option<Machine>,
    twin: Twin<TERMS>,
    texts: Vec<String>,
}

impl<const TERMS: usize> Session<TERMS> {
    fn new(kind: Kind, name: &str, origin: u32) -> Self {
        Self {
            kind,
            folder: new_flash(name),
            machine: None,
            twin: Twin::new(shipped_image("default"), origin, OWNER),
            texts: texts::<TERMS>(),
        }
    }

    /// Cuts the power, if there is some, and starts.
    fn power(&mut self) -> &Machine {
        self.machine = None;
        let machine = Machine::start(self.kind, &self.folder);
        // Built and ready before a person sits down.
        machine.link();
        self.machine.insert(machine)
    }

    fn link(&self) -> Link {
        self.machine.as_ref().unwrap().link()
    }

    fn console(&self) -> Console {
        self.machine.as_ref().unwrap().console()
    }

    /// Questions over the link and from the console are answered as this computer answers them.
    fn assert_equal_answers(&mut self) {
        let mut link = self.link();
        let questions: Vec<String> = self.texts.iter().step_by(20).cloned().collect();
        for text in &questions {
            assert_eq!(answers(&mut link, text), self.twin.answers(text), "{text}");
        }
        drop(link);
        let mut console = self.console();
        for text in &questions[..3] {
            let options = QueryOptions {
                min_score: DEFAULT_MIN_SCORE,
                times: Some(Timestamp(1_760_000_000)),
                ..QueryOptions::of_owner(OWNER)
            };
            console.typed("time 1760000000");
            let printed = console.typed(&format!("ask {text}"));
            let expected = self.twin.hits(text, &options, 3);
            let lines: Vec<&str> = printed
                .lines()
                .filter(|line| line.contains(" deg "))
                .collect();
            assert_eq!(lines.len(), expected.len(), "{printed}");
            for (line, hit) in lines.iter().zip(&expected) {
                let percent = format!("{:3} %  ", (100.0 * hit.score.total + 0.5) as u32);
                let text = self.twin.bank.get(hit.key).unwrap().text;
                let rest = format!(" deg  {}  {text}", hit.key);
                assert!(
                    line.starts_with(&percent) && line.ends_with(&rest),
                    "{line}"
                );
            }
        }
    }

    /// A person writes two memories and a host 198.
    fn write(&mut self) {
        let mut console = self.console();
        console.typed("time 1000");
        for text in &self.texts[..2] {
            let printed = console.typed(&format!("add {text}"));
            let key = printed.rsplit("added ").next().unwrap();
            let key: String = key
                .chars()
                .take_while(|c| !c.is_whitespace() && *c != ';')
                .collect();
            let created = self.created(&mut console, &key);
            assert_eq!(key, self.twin.add(text, created).key.to_string());
        }
        drop(console);
        let mut link = self.link();
        for (time, text) in (5000..).zip(&self.texts[2..200]) {
            let added = link.add(call(text, time)).unwrap();
            assert_eq!(added, Added::from(self.twin.add(text, time)), "{text}");
        }
        let full = link.add(call(&self.texts[200], 9000)).unwrap_err();
        assert!(matches!(
            full,
            LinkError::Refused(Refusal::Full { capacity: 200 })
        ));
    }

    /// When a memory was written, as the console lists it: the device's clock has no seconds that a test could know.
    fn created(&self, console: &mut Console, key: &str) -> u32 {
        let listed = console.typed("list");
        let line = listed.lines().find(|line| line.starts_with(key)).unwrap();
        let time = line.split_whitespace().nth(2).unwrap();
        let parts: Vec<u32> = time.split(':').map(|part| part.parse().unwrap()).collect();
        3600 * parts[0] + 60 * parts[1] + parts[2]
    }

    /// What accesses did not change is the twin's.
    fn assert_equal_memories(&self, snapshot: &[u8]) {
        let mut count = 0;
        for record in Reader::open(snapshot).unwrap() {
            if let Record::Memory(memory) = record.unwrap() {
                let slot = self.twin.bank.get(memory.facts.key).unwrap();
                assert_eq!(memory.text, slot.text);
                assert_eq!(memory.embedding().unwrap(), *slot.embedding);
                assert_eq!(memory.facts.created, slot.facts.created);
                count += 1;
            }
        }
        assert_eq!(count, self.twin.bank.len());
    }

    /// The snapshot goes to the host, is merged with what another device knows, and comes back.
    fn merge(&mut self) {
        let mut link = self.link();
        let pulled = link.pull(|_, _| ()).unwrap();
        self.assert_equal_memories(&pulled);
        let mut other = Twin::<TERMS>::new(shipped_image("default"), 77, OWNER);
        other.add(&self.texts[200], 8000);
        let gone = self.twin.bank.at(17).unwrap().facts.key;
        other.bank.import(slot_of(&self.twin, gone)).unwrap();
        other.bank.forget(gone, Timestamp(1_770_000_000));
        let others = snapshots::of_bank(&other.bank, |_| Vec::new());
        let (merged, _) = merge(&[&pulled, &others]).unwrap();
        take_in(&mut self.twin, &merged);
        let reader = Reader::open(&merged).unwrap();
        let pushed = link.push_all(reader, 0, |_, _| ()).unwrap();
        assert_eq!(pushed, [2, 199]);
        let again = Reader::open(&merged).unwrap();
        assert_eq!(link.push_all(again, 0, |_, _| ()).unwrap(), [0, 201]);
    }

    /// `small` in place of `default`: over the link where there is flash for a second model, else in another program.
    fn replace_model(&mut self) {
        let small = shipped_image("small");
        let begin = ModelCall::Begin {
            bytes: small.len() as u32,
            fingerprint: Image::open(small).unwrap().fingerprint(),
        };
        let mut link = self.link();
        match self.kind {
            Kind::LargeM4f => {
                let mut received = link.model(begin).unwrap().received as usize;
                while received < small.len() {
                    let bytes = &small[received..(received + PIECE).min(small.len())];
                    let offset = received as u32;
                    let state = link.model(ModelCall::Write { offset, bytes }).unwrap();
                    received = state.received as usize;
                }
                assert!(link.model(ModelCall::Activate).unwrap().active);
                assert_eq!(self.machine.as_mut().unwrap().ended(), Some(0));
            }
            Kind::Netduino { .. } => {
                let refused = link.model(begin).unwrap_err();
                assert!(matches!(refused, LinkError::Refused(Refusal::NoRegion)));
                self.kind = Kind::Netduino { small: true };
            }
        }
        drop(link);
        self.twin.encode_anew(small);
        self.power();
        let device = self.link().device().clone();
        assert_eq!(Some(device.fingerprint), self.twin.bank.fingerprint());
        assert_eq!(device.memories as usize, self.twin.bank.len());
    }

    /// All of it; gives the RAM at its end.
    fn run(mut self, record: impl FnOnce(&Machine, &Path)) {
        self.power();
        self.write();
        self.assert_equal_answers();
        self.power();
        assert_eq!(self.link().device().memories, 200);
        self.assert_equal_answers();
        self.merge();
        self.assert_equal_answers();
        record(self.machine.as_ref().unwrap(), &self.folder);
        self.replace_model();
        self.assert_equal_answers();
        let pulled = self.link().pull(|_, _| ()).unwrap();
        assert_eq!(Reader::check(&pulled).unwrap().count, 201);
        self.assert_equal_memories(&pulled);
        self.machine = None;
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

fn slot_of<const TERMS: usize>(twin: &Twin<TERMS>, key: Key) -> Slot<200, TERMS> {
    let slot = twin.bank.get(key).unwrap();
    memt_core::snapshot::MemoryRecord::of(slot, &[])
        .to_slot()
        .unwrap()
}

/// Takes in a snapshot as a device does: deletions first.
fn take_in<const TERMS: usize>(twin: &mut Twin<TERMS>, snapshot: &[u8]) {
    let records = || Reader::open(snapshot).unwrap().map(Result::unwrap);
    for record in records() {
        if let Record::Deletion(deletion) = record {
            twin.bank.import_deletion(deletion);
        }
    }
    for record in records() {
        if let Record::Memory(memory) = record {
            twin.bank.import(memory.to_slot().unwrap()).unwrap();
        }
    }
}

fn left_out() -> bool {
    let left_out = std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1");
    if left_out {
        println!("left out: MEMT_WITHOUT_QEMU=1");
    }
    left_out
}

#[test]
fn a_session_with_a_large_chip() {
    if !left_out() {
        Session::<32>::new(Kind::LargeM4f, "large", 1).run(|_, _| ());
    }
}

#[test]
fn a_session_with_a_chip_of_1_mib_of_flash_and_128_kib_of_ram() {
    if !left_out() {
        let kind = Kind::Netduino { small: false };
        Session::<24>::new(kind, "netduino", 405).run(|machine, _| check_ram(machine));
    }
}

/// Measures what the session took of RAM: static memory lies in front of the longest run of paint, the stack behind it.
fn check_ram(machine: &Machine) {
    let content = machine.ram(RAM.0, RAM.1);
    let words: Vec<u32> = content
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect();
    let mut start = 0;
    let mut longest = 0..0;
    for (at, &word) in words.iter().enumerate() {
        if word != PAINT {
            start = at + 1;
        } else if at + 1 - start > longest.len() {
            longest = start..at + 1;
        }
    }
    let statics = 4 * longest.start;
    let stack = RAM.1 - 4 * longest.end;
    let ram = statics + stack;
    let small = ram - 72 * size_of::<Slot<200, 24>>();
    println!("static {statics}, stack {stack}, together {ram}; with 128 memories {small}");
    assert!(ram <= 124 * 1024, "{ram} bytes of RAM");
    assert!(small <= 92 * 1024, "{small} bytes of RAM with 128 memories");
    if std::env::var_os("MEMT_RECORD").is_some_and(|value| value == "1") {
        let row = format!(
            "{{\"machine\":\"netduinoplus2\",\"memories\":200,\"text_bytes\":200,\"terms\":24,\"static_bytes\":{statics},\"stack_bytes\":{stack},\"ram_bytes\":{ram},\"ram_bytes_of_128_memories\":{small}}}"
        );
        let path = places::root().join("firmware/session.json");
        std::fs::write(path, format!("[\n{row}\n]\n")).unwrap();
    }
}
