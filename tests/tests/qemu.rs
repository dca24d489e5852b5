//! The firmware's machines against this one: the same texts, the same model, one hash.
//!
//! Needs QEMU and the targets that `firmware/setup.sh` installs; `MEMT_WITHOUT_QEMU=1` leaves this out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::Bank;
use memt_core::encoder::Scratch;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull};
use memt_host::trials::{Half, families};
use memt_tests::aligned::AlignedBytes;
use memt_tests::checksum::fnv1a_64;
use memt_tests::integer_model::IntegerModel;
use memt_tests::random::Random;
use memt_tests::{corpus, models, places};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The machines of `firmware/machines.json`.
fn machines() -> Vec<String> {
    let table = places::root().join("firmware/machines.json");
    let table =
        std::fs::read(&table).unwrap_or_else(|error| panic!("{}: {error}", table.display()));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&table).expect("a JSON table");
    rows.iter()
        .map(|row| {
            row["name"]
                .as_str()
                .expect("a machine has a name")
                .to_owned()
        })
        .collect()
}

/// What a program printed on a machine.
fn run(machine: &str, program: &str, files: &[(&str, &Path)]) -> String {
    finished(&mut on_machine(machine, program, files))
}

/// A program on a machine.
fn on_machine(machine: &str, program: &str, files: &[(&str, &Path)]) -> Command {
    let mut command = Command::new(places::root().join("firmware/run.sh"));
    command.args([machine, program]);
    for (option, path) in files {
        command.arg(option).arg(path);
    }
    command.args(["--timeout", "300"]);
    command
}

/// What a script of `firmware` did, well or not.
fn ended(command: &mut Command) -> Output {
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        command.env("CARGO_TARGET_DIR", PathBuf::from(target).join("firmware"));
    }
    command.output().expect("bash is installed")
}

/// What a script of `firmware` printed.
fn finished(command: &mut Command) -> String {
    let output = ended(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{printed}{errors}\nwithout QEMU: run firmware/setup.sh, or set MEMT_WITHOUT_QEMU=1",
        output.status
    );
    printed
}

fn left_out() -> bool {
    let left_out = std::env::var_os("MEMT_WITHOUT_QEMU").is_some_and(|value| value == "1");
    if left_out {
        println!("left out: MEMT_WITHOUT_QEMU=1");
    }
    left_out
}

/// A script for a program, gone when the test is over.
struct Script(PathBuf);

impl Script {
    fn of<T: AsRef<str>>(name: &str, texts: &[T]) -> Self {
        let name = format!("memt-corpus-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, corpus::blob(texts)).unwrap();
        Self(path)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn assert_one_hash<T: AsRef<str>>(name: &str, path: &Path, model: &AlignedBytes, texts: &[T]) {
    let script = Script::of(name, texts);
    let expected = models::hash(&models::encode_large(model, texts));
    let expected = format!("hash={expected:016x} count={}", texts.len());
    let machines = machines();
    assert!(machines.len() >= 6, "{machines:?}");
    for machine in &machines {
        let printed = run(
            machine,
            "embed-hash",
            &[("--model", path), ("--script", &script.0)],
        );
        assert_eq!(printed.trim(), expected, "{name} on {machine}");
    }
}

/// Three texts with the published character encoders, in integers.
#[test]
fn published_encoders_give_the_same_bytes_on_every_machine() {
    if left_out() {
        return;
    }
    let texts = [
        "The boiler valve was replaced on Tuesday.",
        "when did we fix the heating?",
        "\u{fc}ber 9,000 caf\u{e9}s",
    ];
    for (name, model) in [
        ("transformer", IntegerModel::TRANSFORMER),
        ("conv", IntegerModel::CONV),
    ] {
        let image = model.image(&[]);
        let path = std::env::temp_dir().join(format!("memt-{}-{name}.memt", std::process::id()));
        std::fs::write(&path, image.as_ref()).unwrap();
        assert_one_hash(name, &path, &image, &texts);
        std::fs::remove_file(&path).unwrap();
    }
}

/// Programs without the feature `conv` say so instead of answering otherwise.
#[test]
fn a_program_without_convolutions_refuses_them_by_name() {
    if left_out() {
        return;
    }
    let image = IntegerModel::CONV.image(&[]);
    let path = std::env::temp_dir().join(format!("memt-{}-refused.memt", std::process::id()));
    std::fs::write(&path, image.as_ref()).unwrap();
    let output = ended(&mut on_machine("m4f", "answers", &[("--model", &path)]));
    std::fs::remove_file(&path).unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains("the model has convolutions, which this build leaves out"),
        "{printed}"
    );
}

#[test]
fn embeddings_are_the_same_bytes_on_every_machine() {
    if left_out() {
        return;
    }
    let texts = corpus::texts();
    let golden = memt_tests::golden::path("v0.memt");
    assert_one_hash("v0", &golden, &models::golden(), &texts);
    for name in models::TRAINED {
        assert_one_hash(name, &models::path(name), &models::trained(name), &texts);
    }
}

/// Two texts of 10 kB: of English words, and of spellings that no model has rows for, from two scripts.
fn long_texts() -> [String; 2] {
    const BYTES: usize = 10_000;
    let mut random = Random::new(10);
    let mut long = |word: fn(&mut Random) -> String| {
        let mut text = String::new();
        while text.len() < BYTES {
            text.push_str(&word(&mut random));
            text.push(' ');
        }
        text
    };
    [
        long(|random| random.choose(&corpus::WORDS).to_owned()),
        long(|random| {
            let first = [u32::from('a'), u32::from('α')][random.below(2)];
            let letters = 0..random.between(12, 24);
            let letters = letters.filter_map(|_| char::from_u32(first + random.below(17) as u32));
            letters.collect()
        }),
    ]
}

#[test]
fn long_texts_give_the_same_bytes_on_every_machine() {
    if left_out() {
        return;
    }
    let name = "default";
    assert_one_hash(
        "long",
        &models::path(name),
        &models::trained(name),
        &long_texts(),
    );
}

/// Programs that check a machine by themselves: its loops against the definition of a product, which must give
/// the same products everywhere, its instruments against work of known size, and its compiler's Unicode tables.
#[test]
fn kernels_instruments_and_unicode_tables_hold_on_every_machine() {
    if left_out() {
        return;
    }
    let golden = std::fs::read(memt_tests::golden::path("unicode.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_slice(&golden).unwrap();
    let tables = golden["class_and_lower_case"].as_str().expect("a hash");
    let mut products: Option<String> = None;
    for machine in machines() {
        assert_eq!(run(&machine, "unicode", &[]).trim(), tables, "{machine}");
        let printed = run(&machine, "selftest", &[]);
        assert!(printed.contains(" ok, "), "{machine}: {printed}");
        let printed = run(&machine, "kernels", &[]);
        assert!(printed.starts_with("hash="), "{machine}: {printed}");
        let first = products.get_or_insert_with(|| printed.clone());
        assert_eq!(printed, *first, "{machine}");
    }
}

/// Near-duplicates written into a bank too small for them: fits and evictions.
#[test]
fn written_banks_are_the_same_bytes_on_every_machine() {
    if left_out() {
        return;
    }
    let texts = &families(Half::Odd, 1).memories[..48];
    let model = models::trained("default");
    let encoder = models::integer_encoder(&model);
    let mut scratch = Box::new(Scratch::<{ models::SCRATCH_BYTES }>::new());
    let mut encode = |text: &str| encoder.encode(text, &mut scratch);
    let mut bank = Box::new(Bank::<32, 128, 24>::new());
    bank.bind(encoder.fingerprint()).unwrap();
    let mut steps = 0;
    for (number, text) in (0..).zip(texts) {
        let memory = NewMemory {
            owner: Owner(0),
            text,
            embedding: &encode(text).unwrap(),
            created: Timestamp(number),
            importance: Factor::ONE,
        };
        let report = bank.add(&memory, WhenFull::Evict).unwrap();
        let learned = bank.learn(report.key, FitWeights::default(), &mut encode);
        let learned = learned.unwrap().expect("it was just written");
        let rival = learned.rival.map_or(0, |(_, fit)| u32::from(fit.steps));
        steps += u32::from(learned.fit.steps) + rival;
    }
    assert!(bank.len() == 32 && steps > 48, "{steps} steps");
    let counters: Vec<[u8; 4]> = bank
        .owned_by(None)
        .map(|slot| slot.facts.key.counter.to_le_bytes())
        .collect();
    let vectors = bank
        .owned_by(None)
        .map(|slot| bytemuck::cast_slice(&slot.embedding.0));
    let parts = counters.iter().map(|counter| &counter[..]).zip(vectors);
    let hash = fnv1a_64(parts.flat_map(|(counter, vector): (&[u8], &[u8])| [counter, vector]));
    let expected = format!("hash={hash:016x} steps={steps}");
    let script = Script::of("written", texts);
    for machine in machines() {
        let files = [
            ("--model", &*models::path("default")),
            ("--script", &script.0),
        ];
        assert_eq!(
            run(&machine, "write-hash", &files).trim(),
            expected,
            "{machine}"
        );
    }
}

/// Most instructions to start from 200 memories in flash on a Cortex-M3 and up.
const BOOT: u64 = 1_000_000;

/// Most instructions (of products: a thousand times those of one) on a Cortex-M4F.
const LIMITS: [(&str, u64); 12] = [
    ("boot/200", BOOT),
    ("write/256", 1_000_000),
    ("query/256", 1_000_000),
    ("encode/default/14", 5_000_000),
    ("encode/bag/14", 250_000),
    ("step/max", 1_000_000),
    ("matmul/256x128x2", 1_000),
    ("matmul/128x128x2", 1_000),
    ("matmul/256x128x2/i8", 1_000),
    ("matmul/128x128x2/i8", 1_000),
    ("matvec/256x128", 1_350),
    ("matvec/256x128/i8", 1_350),
];

fn assert_within_limits(rows: &[serde_json::Value]) {
    for (operation, limit) in LIMITS {
        let measured = rows.iter().filter(|row| row["operation"] == operation);
        let measured: Vec<u64> = measured
            .map(|row| row["instructions"].as_u64().expect("a number"))
            .collect();
        assert_eq!(measured.len(), 1, "{operation} is measured once");
        assert!(measured[0] <= limit, "{operation}: {}", measured[0]);
    }
    for row in rows {
        let scratch = row["scratch_bytes"].as_u64().expect("a number");
        assert!(scratch <= models::SCRATCH_BYTES as u64, "{row}");
    }
}

/// The record says what the documents say; the machine says what the code does now.
#[test]
fn instructions_stay_within_their_limits() {
    let record = std::fs::read(places::root().join("firmware/measurements.json")).unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&record).unwrap();
    let slower = ["mps2-an385/thumbv6m", "virt/riscv32"].map(serde_json::Value::from);
    let starts = rows.iter().filter(|row| row["operation"] == "boot/200");
    for start in starts.filter(|row| !slower.contains(&row["machine"])) {
        assert!(start["instructions"].as_u64().unwrap() <= BOOT, "{start}");
    }
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| row["machine"] == "mps2-an386")
        .collect();
    assert_within_limits(&rows);
    if left_out() {
        return;
    }
    let mut command = Command::new(places::root().join("firmware/measure.sh"));
    let output = finished(command.args(["--json", "m4f"]));
    assert_within_limits(&serde_json::from_str::<Vec<_>>(&output).unwrap());
}

/// `sizes.sh` knows the limits, and fails where a program exceeds one.
#[test]
fn programs_stay_within_their_limits() {
    if left_out() {
        return;
    }
    let mut command = Command::new(places::root().join("firmware/sizes.sh"));
    let output = finished(command.args(["--json", "m4f"]));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&output).unwrap();
    let programs: Vec<_> = rows.iter().map(|row| row["program"].as_str()).collect();
    assert_eq!(programs, [Some("answers"), Some("app")]);
}
