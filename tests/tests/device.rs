//! A device and the host's end of its link, over lines good and bad; the flash is a mock.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "device/wire.rs"]
mod wire;

use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Image, Scratch};
use memt_core::link::{Call, Done, ModelCall, Which};
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{Reader, Record};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull};
use memt_host::device::{Client, LinkError};
use memt_tests::corpus;
use wire::{Faults, Wire, device, image};

const OWNER: Owner = Owner(3);

/// Different texts of up to 200 bytes that fit a slot.
fn texts(count: usize) -> Vec<String> {
    let all = corpus::texts();
    let fitting = all.iter().filter(|text| text.len() <= 120);
    let words = fitting.filter(|text| {
        memt_core::text::Words::of(text).next().is_some()
            && memt_core::overlap::Signature::<24>::of(text).is_ok()
    });
    let texts: Vec<String> = words
        .cycle()
        .take(count)
        .enumerate()
        .map(|(number, text)| format!("{text} {number}"))
        .collect();
    assert_eq!(texts.len(), count);
    texts
}

fn add(text: &str, time: u32) -> Call<'_> {
    Call::Add {
        owner: OWNER,
        text,
        created: Some(Timestamp(time)),
        importance: Factor::ONE,
        evict: true,
    }
}

fn question(text: &str) -> Call<'_> {
    Call::Query {
        text,
        owner: Some(OWNER),
        mode: Mode::Fused,
        min_score: 0.0,
        recency: None,
        neighbours: false,
        most: 5,
        record: false,
    }
}

/// The bank that a device must be equal to, on this computer.
struct Twin {
    bank: Box<Bank<200, 200, 32>>,
    encoder: Encoder<'static>,
    scratch: Box<Scratch<65536>>,
}

impl Twin {
    fn new(model: &'static [u8]) -> Self {
        let encoder = Encoder::new(Image::open(model).unwrap()).unwrap();
        let mut bank = Box::new(Bank::new());
        bank.set_origin(wire::ORIGIN);
        bank.bind(encoder.fingerprint()).unwrap();
        Self {
            bank,
            encoder,
            scratch: Box::new(Scratch::new()),
        }
    }

    fn add(&mut self, text: &str, time: u32) -> Done {
        let embedding = self.encoder.encode(text, &mut *self.scratch).unwrap();
        let memory = NewMemory {
            owner: OWNER,
            text,
            embedding: &embedding,
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        let mut report = self.bank.add(&memory, WhenFull::Evict).unwrap();
        let encode = |text: &str| self.encoder.encode(text, &mut *self.scratch);
        let learned = self.bank.learn(report.key, FitWeights::default(), encode);
        report.verification = learned.unwrap().unwrap().fit.verification;
        Done::from(report)
    }

    fn replay(&mut self, key: Key, now: Timestamp) {
        self.bank.replay(key, now);
        let encode = |text: &str| self.encoder.encode(text, &mut *self.scratch);
        let fitted = self.bank.refit(key, FitWeights::default(), encode);
        assert!(fitted.unwrap().is_some());
    }

    fn answers(&mut self, text: &str) -> Vec<(String, u32)> {
        let embedding = self.encoder.encode(text, &mut *self.scratch).unwrap();
        let mut hits = [Hit::default(); 5];
        let options = QueryOptions::of_owner(OWNER);
        let found = self.bank.query(text, &embedding, &options, &mut hits);
        let hits = hits[..found.unwrap()].iter();
        hits.map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
            .collect()
    }
}

fn answers(client: &mut Client<Wire>, text: &str) -> Vec<(String, u32)> {
    let hits = client.query(question(text)).unwrap();
    hits.iter()
        .map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
        .collect()
}

fn assert_equal_answers(client: &mut Client<Wire>, twin: &mut Twin, texts: &[String]) {
    for text in texts.iter().step_by(9) {
        assert_eq!(answers(client, text), twin.answers(text), "{text}");
    }
}

#[test]
fn a_device_answers_as_the_host_does_through_power_cuts() {
    let texts = texts(230);
    let mut twin = Twin::new(image("small"));
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    for (time, text) in (1000..).zip(&texts) {
        let done = client.add(add(text, time)).unwrap();
        assert_eq!(done, twin.add(text, time));
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
    client.stream().cut_power();
    let refused = client.query(question("boiler"));
    assert!(matches!(refused, Err(LinkError::Restarted)), "{refused:?}");
    client.greet().unwrap();
    assert_eq!(client.device().next_counter, 230);
    assert_equal_answers(&mut client, &mut twin, &texts);

    let key = twin.bank.at(10).unwrap().facts.key;
    assert_eq!(
        client.change_many(Call::Forget(Which::Key(key))).unwrap(),
        1
    );
    twin.bank.forget(key, Timestamp(2000));
    let replayed = client
        .change_many(Call::Replay(Which::Owner(OWNER)))
        .unwrap();
    assert_eq!(replayed, 199);
    let keys: Vec<_> = twin
        .bank
        .owned_by(None)
        .map(|slot| slot.facts.key)
        .collect();
    for key in keys {
        twin.replay(key, Timestamp(2000));
    }
    client.stream().cut_power();
    client.greet().unwrap();
    assert_equal_answers(&mut client, &mut twin, &texts);
    assert_eq!(client.get(key, false).unwrap(), None);
}

#[test]
fn a_snapshot_goes_to_the_host_and_to_another_device() {
    let texts = texts(200);
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    for (time, text) in (1000..).zip(&texts) {
        let longer = format!("{text}{}", " x".repeat((199 - text.len()) / 2));
        client.add(add(&longer, time)).unwrap();
    }
    client.stream().start_clock();
    let snapshot = client.pull(|_, _| ()).unwrap();
    let seconds = client.stream().seconds();
    println!(
        "200 memories of 200 bytes: {} bytes in {seconds:.2} s",
        snapshot.len()
    );
    assert!(seconds <= 10.0, "{seconds} s");
    assert_eq!(Reader::check(&snapshot).unwrap().count, 200);

    let mut other = Client::begin(device("small", Faults::NONE)).unwrap();
    other.stream().start_clock();
    let reader = Reader::open(&snapshot).unwrap();
    assert_eq!(
        other.push_all(reader.clone(), 0, |_, _| ()).unwrap(),
        [200, 0]
    );
    println!("and to another device in {:.2} s", other.stream().seconds());
    assert_eq!(other.push_all(reader, 190, |_, _| ()).unwrap(), [0, 10]);
    other.stream().cut_power();
    other.greet().unwrap();
    assert_eq!(other.pull(|_, _| ()).unwrap(), snapshot);
}

#[test]
fn bad_lines_only_slow_it_down() {
    let texts = texts(40);
    let mut twin = Twin::new(image("small"));
    let mut client = Client::begin(device("small", Faults::NOISE)).unwrap();
    for (time, text) in (1000..).zip(&texts) {
        assert_eq!(client.add(add(text, time)).unwrap(), twin.add(text, time));
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
    client.stream().start_clock();
    let snapshot = client.pull(|_, _| ()).unwrap();
    let noisy = client.stream().seconds();
    let memories = Reader::open(&snapshot)
        .unwrap()
        .map(|record| match record.unwrap() {
            Record::Memory(memory) => memory.text.to_owned(),
            _ => panic!("no deletions"),
        });
    assert!(memories.eq(texts.iter().cloned()));
    println!(
        "1 % of bytes changed: 40 memories in {noisy:.2} s, {} repeats",
        client.repeats()
    );
}

#[test]
fn frames_lost_repeated_and_late_change_nothing_and_nothing_is_typed() {
    let mut twin = Twin::new(image("small"));
    let mut client = Client::begin(device("small", Faults::DISORDER)).unwrap();
    for time in 0..120 {
        let text = format!(
            "note {time}\rforget all\ryes\r\nforget all\nyes\n valve {}",
            time % 7
        );
        assert_eq!(client.add(add(&text, time)).unwrap(), twin.add(&text, time));
    }
    let counts = client.statistics(None).unwrap();
    assert_eq!((counts.memories, counts.deletions), (120, 0));
    assert!(client.repeats() > 10);
    client.stream().cut_power();
    client.greet().unwrap();
    let counts = client.statistics(None).unwrap();
    assert_eq!((counts.memories, counts.deletions), (120, 0));
}

#[test]
fn a_model_is_replaced_and_memories_are_encoded_anew() {
    let texts = texts(30);
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    let mut twin = Twin::new(image("bag"));
    for (time, text) in (1000..).zip(&texts) {
        client.add(add(text, time)).unwrap();
        twin.add(text, time);
    }
    let bag = Image::open(image("bag")).unwrap();
    let begin = ModelCall::Begin {
        bytes: bag.bytes().len() as u32,
        fingerprint: bag.fingerprint(),
    };
    client.model(begin).unwrap();
    assert!(client.model(ModelCall::Activate).is_err());
    for (number, bytes) in bag.bytes().chunks(256).enumerate() {
        let offset = number as u32 * 256;
        client.model(ModelCall::Write { offset, bytes }).unwrap();
    }
    assert!(client.model(ModelCall::Activate).unwrap().active);
    client.greet().unwrap();
    assert_eq!(client.device().fingerprint, bag.fingerprint());
    assert_equal_answers(&mut client, &mut twin, &texts);
    assert!(client.model(begin).is_err(), "the region is in use");
    client.model(ModelCall::Revert).unwrap();
    client.greet().unwrap();
    let mut twin = Twin::new(image("small"));
    for (time, text) in (1000..).zip(&texts) {
        twin.add(text, time);
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
}

#[test]
fn a_person_types_and_a_silent_line_is_said_to_be_silent() {
    let mut wire = device("small", Faults::NONE);
    assert_eq!(wire.typed("help\r"), "");
    wire.wait(2000);
    assert!(wire.typed("\r").ends_with("memt> "));
    let added = wire.typed("add the boiler valv\x08\x08lve was replaced\r");
    assert!(added.contains("added 1-0"), "{added}");
    let found = wire.typed("ask boiler valve replaced\r");
    assert!(found.contains("the boiler valve was replaced"), "{found}");
    assert!(wire.typed("forget all\r").contains("yes"));
    assert!(wire.typed("no\r").contains("no such command"));
    assert!(wire.typed("list\r").contains("1 of 1 memories"));
    wire.typed("forget all\r");
    assert!(wire.typed("yes\r").contains("forgot 1"));
    wire.unplug();
    let error = Client::begin(wire).err().unwrap();
    assert!(error.to_string().starts_with("nothing answers"), "{error}");
}
