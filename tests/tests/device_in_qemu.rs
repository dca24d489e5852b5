//! The firmware on a virtual Cortex-M4F, driven over its serial port from boot through power cuts.
//!
//! Needs QEMU and the target that `firmware/setup.sh` installs; `MEMT_WITHOUT_QEMU=1` leaves this out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::link::{Call, Done};
use memt_core::overlap::Signature;
use memt_core::query::QueryOptions;
use memt_core::score::Mode;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::snapshot::import;
use memt_core::text::Words;
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull};
use memt_core::{bank::Bank, encoder::Encoder, encoder::Image, encoder::Scratch, query::Hit};
use memt_host::device::{Client, Stream, open};
use memt_host::merge::merge;
use memt_tests::{corpus, models, places};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const OWNER: Owner = Owner(1);

/// A machine that loses power when it is dropped.
struct Machine {
    process: Child,
    port: u16,
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
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let mut command = Command::new(places::root().join("firmware/run.sh"));
        command.args(["m4f", "app", "--model"]);
        command.arg(models::path("default"));
        command.arg("--script").arg(folder.join("paths"));
        let serial = format!("tcp:127.0.0.1:{port},server=on,wait=off");
        command.args(["--serial", &serial, "--timeout", "300"]);
        if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
            command.env("CARGO_TARGET_DIR", PathBuf::from(target).join("firmware"));
        }
        let process = command.stdin(Stdio::null()).spawn().unwrap();
        Self { process, port }
    }

    /// Waits for the machine, which may have to be built.
    fn begin(&self) -> Client<Box<dyn Stream>> {
        let end = Instant::now() + Duration::from_secs(280);
        loop {
            let stream = open(&format!("tcp:127.0.0.1:{}", self.port), 0);
            match stream.and_then(Client::begin) {
                Ok(client) => return client,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn new_flash() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("memt-device-{}", std::process::id()));
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

type Answers = Vec<(String, u32)>;

fn host_answers(bank: &Bank<200, 200, 32>, encoder: &Encoder<'_>, text: &str) -> Answers {
    let embedding = encoder
        .encode(text, &mut *Box::new(Scratch::<65536>::new()))
        .unwrap();
    let mut hits = [Hit::default(); 5];
    let options = QueryOptions::of_owner(OWNER);
    let found = bank.query(text, &embedding, &options, &mut hits).unwrap();
    let hits = hits[..found].iter();
    hits.map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
        .collect()
}

fn device_answers(client: &mut Client<Box<dyn Stream>>, text: &str) -> Answers {
    let hits = client.query(Call::Query {
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

#[test]
fn a_virtual_chip_answers_as_the_host_does_through_a_power_cut() {
    if std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1") {
        println!("left out: MEMT_WITHOUT_QEMU=1");
        return;
    }
    let model = models::trained("default");
    let encoder = Encoder::new(Image::open(model.as_ref()).unwrap()).unwrap();
    let mut bank = Box::new(Bank::<200, 200, 32>::new());
    bank.set_origin(1);
    bank.bind(encoder.fingerprint()).unwrap();
    let texts: Vec<String> = corpus::texts()
        .into_iter()
        .filter(|text| (20..=120).contains(&text.len()) && Signature::<32>::of(text).is_ok())
        .filter(|text| Words::of(text).next().is_some())
        .take(200)
        .collect();
    let folder = new_flash();
    let machine = Machine::start(&folder);
    let mut client = machine.begin();
    let mut scratch = Box::new(Scratch::<65536>::new());
    for (time, text) in (1000..).zip(&texts) {
        let embedding = encoder.encode(text, &mut *scratch).unwrap();
        let memory = NewMemory {
            owner: OWNER,
            text,
            embedding: &embedding,
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        let mut report = bank.add(&memory, WhenFull::Refuse).unwrap();
        let encode = |text: &str| encoder.encode(text, &mut *scratch);
        let learned = bank.learn(report.key, FitWeights::default(), encode);
        report.verification = learned.unwrap().unwrap().fit.verification;
        let call = Call::Add {
            owner: OWNER,
            text,
            created: Some(Timestamp(time)),
            importance: Factor::ONE,
            evict: false,
        };
        assert_eq!(client.add(call).unwrap(), Done::from(report), "{text}");
    }
    let questions: Vec<&String> = texts.iter().step_by(20).collect();
    for text in &questions {
        let expected = host_answers(&bank, &encoder, text);
        assert_eq!(device_answers(&mut client, text), expected, "{text}");
    }
    drop((client, machine));

    let machine = Machine::start(&folder);
    let mut client = machine.begin();
    assert_eq!(client.device().memories as usize, bank.len());
    for text in &questions {
        let expected = host_answers(&bank, &encoder, text);
        assert_eq!(device_answers(&mut client, text), expected, "{text}");
    }
    let snapshot = client.pull(|_, _| ()).unwrap();
    let (merged, _) = merge(&[&snapshot, &snapshot]).unwrap();
    assert_eq!(merged, snapshot);
    let mut taken = Box::new(Bank::<200, 200, 32>::new());
    import(&mut taken, &merged, 0).unwrap();
    assert_eq!(taken.len(), bank.len());
    let reader = memt_core::snapshot::Reader::open(&merged).unwrap();
    let pushed = client.push_all(reader, 0, |_, _| ()).unwrap();
    assert_eq!(pushed, [0, bank.len() as u32]);
    drop((client, machine));
    std::fs::remove_dir_all(&folder).unwrap();
}
