//! Many processes over one PostgreSQL database.
//!
//! Starts a server of its own from Debian's package (`tests/postgres.sh` installs it), or from the folder
//! of programs that `MEMT_POSTGRES` names, and leaves everything out where there is none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

#[path = "postgres/cluster.rs"]
mod cluster;

#[path = "postgres/lost_answer.rs"]
mod lost_answer;

#[path = "postgres/schema.rs"]
mod schema;

#[path = "postgres/served.rs"]
mod served;

use cluster::{Cluster, command};
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Factor, Key, Timestamp};
use memt_core::write::NewMemory;
use memt_eval::Random;
use memt_host::bank::OwnedSlot;
use memt_host::model::Model;
use memt_host::store::{
    NewEntry, Opening, Server, Store, StoreError, Stores, check, owner_of_name,
};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MODEL: Fingerprint = Fingerprint(7);

fn open(url: &str) -> Stores {
    let server = Server::connect(url).unwrap();
    server.open_owners(MODEL, 200).unwrap()
}

fn entry(owner: &str, id: Option<&str>, text: &str, embedding: &Embedding) -> NewEntry {
    let new = NewMemory {
        owner: owner_of_name(owner),
        text,
        embedding,
        created: Timestamp(1000),
        importance: Factor::ONE,
    };
    NewEntry {
        slot: OwnedSlot::of(&new, b"{}").unwrap(),
        owner_name: owner.to_owned(),
        external_id: id.map(str::to_owned),
    }
}

fn add(stores: &Stores, owner: &str, id: Option<&str>, text: &str) -> Result<Key, StoreError> {
    let entry = entry(owner, id, text, &Embedding([1; 128]));
    stores.change(owner, |store| Ok(store.write(vec![entry.clone()])?[0]))
}

/// Texts with how often they were read, by key.
fn seen(store: &Store) -> BTreeMap<Key, (String, u32)> {
    let slots = store.bank().owned_by(None);
    slots
        .map(|slot| (slot.facts.key, (slot.text.to_owned(), slot.facts.accesses)))
        .collect()
}

#[derive(Default)]
struct Expected {
    memories: BTreeMap<Key, (String, u32)>,
    ids: BTreeMap<String, Key>,
}

/// Any change through any process is seen by the next question through any other.
fn every_process_sees_every_change(cluster: &Cluster) {
    let url = cluster.database();
    let processes = [open(&url), open(&url), open(&url)];
    let owners: Vec<String> = (0..8).map(|owner| format!("owner {owner}")).collect();
    let mut expected: BTreeMap<&str, Expected> = BTreeMap::new();
    let mut numbers = Random::new(1);
    for step in 0..400 {
        let process = &processes[numbers.below(3)];
        let owner = owners[numbers.below(owners.len())].as_str();
        let known = expected.entry(owner).or_default();
        let keys: Vec<Key> = known.memories.keys().copied().collect();
        let some = (!keys.is_empty()).then(|| keys[numbers.below(keys.len().max(1))]);
        match (numbers.below(4), some) {
            (0, Some(key)) => {
                let forget = |store: &mut Store| store.forget(&[key], Timestamp(2000));
                assert_eq!(process.change(owner, forget).unwrap(), 1);
                known.memories.remove(&key);
                known.ids.retain(|_, named| *named != key);
            }
            (1, Some(key)) => {
                let read = |store: &mut Store| store.record_access(&[key], Timestamp(2000));
                process.change(owner, read).unwrap();
                known.memories.get_mut(&key).unwrap().1 += 1;
            }
            _ => {
                let (id, text) = (format!("id {}", numbers.below(5)), format!("memory {step}"));
                let key = add(process, owner, Some(&id), &text).unwrap();
                known.memories.insert(key, (text, 0));
                if let Some(replaced) = known.ids.insert(id, key) {
                    known.memories.remove(&replaced);
                }
            }
        }
        let (memories, ids) = (&known.memories, &known.ids);
        let process = &processes[numbers.below(3)];
        let asked = process.read(owner, |store| {
            assert_eq!(seen(store), *memories, "step {step}");
            for (id, &key) in ids {
                assert_eq!(store.key_of(owner_of_name(owner), id), Some(key));
            }
        });
        asked.unwrap();
    }
    assert_eq!(processes[0].owners().unwrap().len(), owners.len());
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.redb");
    let backup = processes[1].begin_backup().unwrap();
    backup.write_to(&copy, |_| {}).unwrap();
    assert_eq!(check(&copy).unwrap().problems, [] as [&str; 0]);
    let copy = Opening::existing(&copy).open(MODEL).unwrap();
    let all = expected.values().flat_map(|known| known.memories.clone());
    assert_eq!(seen(&copy), all.collect());
}

fn writers_of_one_owner_take_turns(cluster: &Cluster) {
    let url = cluster.database();
    let (processes, each) = (5, 30);
    let keys: Vec<Key> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..processes)
            .map(|process| {
                let url = &url;
                scope.spawn(move || {
                    let stores = open(url);
                    let add = |number: usize| {
                        let text = format!("{process} wrote {number}");
                        add(&stores, "anna", None, &text).unwrap()
                    };
                    (0..each).map(add).collect::<Vec<Key>>()
                })
            })
            .collect();
        let writers = writers.into_iter();
        writers.flat_map(|writer| writer.join().unwrap()).collect()
    });
    let found = open(&url).read("anna", seen).unwrap();
    assert_eq!(found.len(), processes * each);
    assert!(keys.iter().all(|key| found.contains_key(key)));
}

/// Not a test of its own: a process that adds memories until it is killed, and says so after each.
#[test]
fn writer() {
    let Ok(url) = std::env::var("MEMT_POSTGRES_WRITER") else {
        return;
    };
    let stores = open(&url);
    let mut output = std::io::stdout();
    for number in 0..1_000_000 {
        let owner = (number % 3).to_string();
        let key = add(&stores, &owner, None, &format!("memory {number}")).unwrap();
        output
            .write_all(format!("\n+ {owner} {} {}\n", key.origin, key.counter).as_bytes())
            .unwrap();
        output.flush().unwrap();
    }
}

fn killed_processes_lose_nothing(cluster: &Cluster) {
    let url = cluster.database();
    let mut numbers = Random::new(5);
    let mut acknowledged: Vec<(String, Key)> = Vec::new();
    for _ in 0..4 {
        let processes = (0..2).map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "writer", "--nocapture"])
                .env("MEMT_POSTGRES_WRITER", &url)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        });
        let processes: Vec<Child> = processes.collect();
        std::thread::sleep(Duration::from_millis(500 + numbers.below(700) as u64));
        for mut process in processes {
            process.kill().unwrap();
            let mut output = String::new();
            process
                .stdout
                .take()
                .unwrap()
                .read_to_string(&mut output)
                .unwrap();
            // A line without its end was cut by the kill.
            for line in output
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'))
            {
                let words: Vec<&str> = line.split(' ').collect();
                if let ["+", owner, origin, counter] = words[..]
                    && let (Ok(origin), Ok(counter)) = (origin.parse(), counter.parse())
                {
                    acknowledged.push((owner.to_owned(), Key { origin, counter }));
                }
            }
            process.wait().unwrap();
        }
    }
    let stores = open(&url);
    let found: Vec<BTreeMap<Key, (String, u32)>> = (0..3)
        .map(|owner| stores.read(&owner.to_string(), seen).unwrap())
        .collect();
    let lost = acknowledged.iter().filter(|(owner, key)| {
        let owner: usize = owner.parse().unwrap();
        !found[owner].contains_key(key)
    });
    assert_eq!(lost.count(), 0);
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    println!(
        "{} acknowledged memories of 8 killed processes",
        acknowledged.len()
    );
}

fn the_model_changes_while_others_write(cluster: &Cluster) {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let image = |name: &str| Model::read(&models.join(format!("{name}.memt"))).unwrap();
    let (old, new) = (image("bag"), image("small"));
    let fingerprint = |model: &Model| model.image().unwrap().fingerprint();
    let url = cluster.database();
    let open = |model: &Model| {
        let server = Server::connect(&url).unwrap();
        server.open_owners(fingerprint(model), 1000)
    };
    let (writing, changing) = (open(&old).unwrap(), open(&old).unwrap());
    let encoder = old.text_encoder(Default::default()).unwrap();
    let write = |number: usize| {
        let (owner, text) = (format!("owner {}", number % 3), format!("memory {number}"));
        let new = entry(&owner, None, &text, &encoder.encode_one(&text).unwrap());
        writing.change(&owner, |store| store.write(vec![new.clone()]))
    };
    for number in 0..300 {
        write(number).unwrap();
    }
    let mut count = 300;
    std::thread::scope(|scope| {
        let changed = scope.spawn(|| {
            let encoder = new.text_encoder(Default::default()).unwrap();
            changing.reencode(&encoder, |_| {}, || {})
        });
        let refused = loop {
            match write(count) {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
        };
        assert!(
            matches!(refused, StoreError::OtherModel { .. }),
            "{refused}"
        );
        changed.join().unwrap().unwrap();
    });
    assert!(matches!(open(&old), Err(StoreError::OtherModel { .. })));
    let encoder = new.text_encoder(Default::default()).unwrap();
    let mut found = 0;
    for stores in [&open(&new).unwrap(), &changing] {
        for owner in 0..3 {
            let asked = stores.read(&format!("owner {owner}"), |store| {
                for slot in store.bank().owned_by(None) {
                    assert_eq!(*slot.embedding, encoder.encode_one(slot.text).unwrap());
                    found += 1;
                }
            });
            asked.unwrap();
        }
    }
    assert_eq!(found, 2 * count);
}

fn a_server_that_starts_again_is_found_again(cluster: &mut Cluster) {
    let url = cluster.database();
    let stores = open(&url);
    let key = add(&stores, "anna", None, "tea").unwrap();
    cluster.restart();
    let start = Instant::now();
    let asked = loop {
        match stores.read("anna", seen) {
            Err(_) if start.elapsed() < Duration::from_secs(30) => {}
            asked => break asked.unwrap(),
        }
    };
    assert!(asked.contains_key(&key));
    add(&stores, "anna", None, "milk").unwrap();
    assert_eq!(stores.read("anna", seen).unwrap().len(), 2);
}

fn what_cannot_be_reached_is_named() {
    let error = Server::connect("postgres://anna:secret@127.0.0.1:1/memories").unwrap_err();
    let told = error.to_string();
    assert!(told.contains("127.0.0.1/memories"), "{told}");
    assert!(!told.contains("secret"), "{told}");
    let error = Server::connect("postgres://[").unwrap_err();
    assert!(error.to_string().contains("connection string"), "{error}");
}

/// Nine words, the n-th most frequent of which is about n times as rare as the first (Zipf).
fn words(numbers: &mut Random) -> String {
    let words = (0..9).map(|_| {
        let share = numbers.below(1 << 30) as f64 / f64::from(1 << 30);
        format!("word{}", 20_000f64.powf(share) as u32)
    });
    words.collect::<Vec<String>>().join(" ")
}

/// What a node costs: prints a record in JSON. Run alone, with `--ignored --nocapture`.
#[test]
#[ignore = "measures, and takes a minute"]
fn costs_of_a_node() {
    const OWNERS: usize = 200;
    const EACH: usize = 1000;
    let Some(cluster) = Cluster::start() else {
        println!("left out: no PostgreSQL here; tests/postgres.sh installs it");
        return;
    };
    let url = cluster.database();
    let open = || {
        let server = Server::connect(&url).unwrap();
        server.open_owners(MODEL, 1_000_000).unwrap()
    };
    let stores = open();
    let mut numbers = Random::new(9);
    let name = |owner: usize| format!("owner {owner}");
    let mut new = |owner: usize| {
        let mut embedding = Embedding([0; 128]);
        embedding.0.fill_with(|| numbers.below(255) as i8);
        entry(&name(owner), None, &words(&mut numbers), &embedding)
    };
    let mut batched = 0.0;
    for owner in 0..OWNERS {
        let entries: Vec<NewEntry> = (0..EACH).map(|_| new(owner)).collect();
        let start = Instant::now();
        let change = |store: &mut Store| store.write(entries.clone());
        stores.change(&name(owner), change).unwrap();
        batched += start.elapsed().as_secs_f64();
    }
    let alone: Vec<NewEntry> = (0..OWNERS).map(&mut new).collect();
    let start = Instant::now();
    for entry in &alone {
        let change = |store: &mut Store| store.write(vec![entry.clone()]);
        stores.change(&entry.owner_name, change).unwrap();
    }
    let one_by_one = start.elapsed().as_secs_f64();
    let threads = 16;
    let together: Vec<NewEntry> = (0..threads * 100)
        .map(|number| new(number % OWNERS))
        .collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for entries in together.chunks(100) {
            let stores = &stores;
            scope.spawn(move || {
                for entry in entries {
                    let change = |store: &mut Store| store.write(vec![entry.clone()]);
                    stores.change(&entry.owner_name, change).unwrap();
                }
            });
        }
    });
    let together_seconds = start.elapsed().as_secs_f64();
    // A fresh process: every first question reads its owner.
    let fresh = open();
    let ask = |owner: usize, numbers: &mut Random| {
        let (text, embedding) = (words(numbers), Embedding([1; 128]));
        let start = Instant::now();
        let hits = fresh.read(&name(owner), |store| {
            let options = memt_core::query::QueryOptions::of_owner(owner_of_name(&name(owner)));
            store
                .bank()
                .query(&text, &embedding, &options, 10)
                .unwrap()
                .len()
        });
        assert_eq!(hits.unwrap(), 10);
        start.elapsed().as_secs_f64()
    };
    let median = |mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    };
    let mut numbers = Random::new(10);
    let before = resident_bytes();
    let cold = median((0..OWNERS).map(|owner| ask(owner, &mut numbers)).collect());
    let resident = resident_bytes() - before;
    let warm = median(
        (0..2000)
            .map(|number| ask(number % OWNERS, &mut numbers))
            .collect(),
    );
    let memories = OWNERS * EACH + alone.len() + together.len();
    let bytes = command(&cluster.programs.join("psql"))
        .args(["--username=postgres", "-At", "--host"])
        .arg(cluster.folder.path())
        .arg("--dbname")
        .arg("memt0")
        .args(["-c", "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'memt%' AND relkind = 'r'"])
        .output()
        .unwrap();
    let bytes: f64 = String::from_utf8(bytes.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    println!(
        r#"{{"machine":"{}","cores":{},"date":"{}","owners":{OWNERS},"memories":{memories},"add_batched_per_second":{:.0},"add_one_by_one_per_second":{:.0},"add_16_threads_per_second":{:.0},"first_question_of_an_owner_ms":{:.2},"question_ms":{:.3},"database_bytes_per_memory":{:.0},"resident_bytes_per_memory":{:.0}}}"#,
        machine(),
        std::thread::available_parallelism().unwrap(),
        said(Command::new("date").arg("+%F")),
        (OWNERS * EACH) as f64 / batched,
        alone.len() as f64 / one_by_one,
        together.len() as f64 / together_seconds,
        1e3 * cold,
        1e3 * warm,
        bytes / memories as f64,
        resident / memories as f64,
    );
}

/// What a program prints, without the end of the line.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The processor's name.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let names = told.lines().filter(|line| line.starts_with("model name"));
    let name = names.filter_map(|line| line.split_once(": ")).next();
    name.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |(_, name)| name.to_owned(),
    )
}

/// Bytes of this process that are in memory.
fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.unwrap().parse::<f64>().unwrap() * 1024.0
}

#[test]
fn processes_share_a_database() {
    let Some(mut cluster) = Cluster::start() else {
        println!("left out: no PostgreSQL here; tests/postgres.sh installs it");
        return;
    };
    let step = |name: &str| println!("{name}");
    step("every process sees every change");
    every_process_sees_every_change(&cluster);
    step("writers of one owner take turns");
    writers_of_one_owner_take_turns(&cluster);
    step("killed processes lose nothing");
    killed_processes_lose_nothing(&cluster);
    step("the model changes while others write");
    the_model_changes_while_others_write(&cluster);
    step("an answer is lost");
    lost_answer::a_batch_is_made_once(&cluster);
    step("servers answer alike");
    served::servers_answer_alike(&cluster);
    step("servers that change the same memories take turns");
    served::servers_take_turns(&cluster);
    step("servers say when the database is away");
    served::servers_say_when_the_database_is_away(&mut cluster);
    step("a server that starts again is found again");
    a_server_that_starts_again_is_found_again(&mut cluster);
    step("tables of a newer version are refused");
    schema::tables_of_a_newer_version_are_refused(&cluster);
    step("what cannot be reached is named");
    what_cannot_be_reached_is_named();
}
