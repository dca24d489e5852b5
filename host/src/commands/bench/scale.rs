//! Large banks: how fast they answer, how much memory they take, how fast they are stored and opened.

use super::made_up::MadeUp;
use crate::bank::{Bank, OwnedSlot};
use crate::command_line::Failure;
use crate::store::{NewEntry, Opening};
use crate::terminal::progress;
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::Fingerprint;
use memt_core::query::QueryOptions;
use memt_core::score::Mode;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::NewMemory;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Questions of each kind; figures are medians.
const QUESTIONS: usize = 41;

/// Memories in one transaction.
const BATCH: usize = 4096;

/// Memories that are added one by one.
const ALONE: usize = 1000;

/// The fingerprint of embeddings that no model made.
const NO_MODEL: Fingerprint = Fingerprint(1);

fn slot(number: usize) -> Result<OwnedSlot, Failure> {
    let mut made_up = MadeUp::new(number as u64 * 1_000_003);
    let memory = NewMemory {
        owner: Owner(1),
        text: &made_up.text(),
        embedding: &made_up.embedding(),
        created: Timestamp(number as u32),
        importance: Factor::ONE,
    };
    OwnedSlot::of(&memory, &[]).map_err(Failure::failed)
}

fn slots(range: core::ops::Range<usize>) -> Result<Vec<OwnedSlot>, Failure> {
    range.into_par_iter().map(slot).collect()
}

/// Bytes of the process that are in memory, if the system tells.
pub(super) fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Bytes that a dense question reads of a memory: its embedding and its squared norm.
const DENSE_BYTES: usize = DIMENSIONS + size_of::<u32>();

/// What plain reading by all cores together takes.
pub(super) struct PlainReading {
    words: Vec<u64>,
}

impl PlainReading {
    /// From 256 MB.
    pub(super) fn new() -> Self {
        const WORDS: u64 = 1 << 25;
        Self {
            words: (0..WORDS).collect(),
        }
    }

    /// Seconds in which so many bytes are read, the same ones again where they are more.
    fn seconds(&self, bytes: usize) -> f64 {
        let start = Instant::now();
        let mut left = bytes / size_of::<u64>();
        while left > 0 {
            let words = &self.words[..left.min(self.words.len())];
            let sum = words.par_chunks(1 << 16).map(|chunk| {
                let add = |sum: u64, &word| sum.wrapping_add(word);
                chunk.iter().fold(0, add)
            });
            std::hint::black_box(sum.reduce(|| 0, u64::wrapping_add));
            left -= words.len();
        }
        start.elapsed().as_secs_f64()
    }
}

/// Seconds that questions of some kind take; `before` is called before each.
fn asked(
    bank: &Bank,
    options: &QueryOptions,
    mut before: impl FnMut(),
) -> Result<Vec<f64>, Failure> {
    let mut seconds = Vec::with_capacity(QUESTIONS);
    for number in 0..QUESTIONS {
        let mut made_up = MadeUp::new(!(number as u64));
        let (text, embedding) = (made_up.text(), made_up.embedding());
        before();
        let start = Instant::now();
        let hits = bank.query(&text, &embedding, options, 10);
        seconds.push(start.elapsed().as_secs_f64());
        std::hint::black_box(hits.map_err(Failure::failed)?);
    }
    Ok(seconds)
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The middle one of [`QUESTIONS`].
fn median(numbers: Vec<f64>) -> f64 {
    sorted(numbers)[QUESTIONS / 2]
}

/// Measures a bank of this many memories of one owner. Between its dense questions as many bytes are read plainly
/// as the next one reads, so that what else the machine does slows both.
pub(super) fn bank(memories: usize, plain: &PlainReading) -> Result<Value, Failure> {
    let before = resident();
    let mut bank = Bank::new();
    bank.bind(NO_MODEL).map_err(Failure::failed)?;
    let bar = progress(memories as u64, "filling");
    let (mut adding, mut payload) = (0.0, 0);
    for first in (0..memories).step_by(BATCH) {
        let slots = slots(first..memories.min(first + BATCH))?;
        let start = Instant::now();
        for slot in slots {
            let view = slot.view();
            payload += view.text.len()
                + DIMENSIONS
                + size_of_val(view.facts)
                + 5 * view.terms.counts.len();
            bank.write(slot).map_err(Failure::failed)?;
        }
        adding += start.elapsed().as_secs_f64();
        bar.set_position(first as u64);
    }
    bar.finish_and_clear();
    let all = QueryOptions::of_owner(Owner(1));
    let dense = QueryOptions {
        mode: Mode::Dense,
        ..all
    };
    let lexical = QueryOptions {
        mode: Mode::Lexical,
        ..all
    };
    let start = Instant::now();
    asked(&bank, &all, || ())?;
    let first = start.elapsed().as_secs_f64();
    let dense_bytes = memories * DENSE_BYTES;
    let mut reading = Vec::with_capacity(QUESTIONS);
    let dense = asked(&bank, &dense, || reading.push(plain.seconds(dense_bytes)))?;
    let shares = reading.iter().zip(&dense);
    let shares = sorted(shares.map(|(reading, dense)| reading / dense).collect());
    let (reading, dense) = (median(reading), sorted(dense));
    let fused = median(asked(&bank, &all, || ())?);
    let lexical = median(asked(&bank, &lexical, || ())?);
    let taken = resident()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before));
    Ok(json!({
        "memories": memories,
        "write_per_second": memories as f64 / adding,
        "first_questions_ms": 1e3 * first,
        "dense_ms": 1e3 * dense[QUESTIONS / 2],
        "dense_least_ms": 1e3 * dense[0],
        "dense_bytes": dense_bytes,
        "plain_reading_ms": 1e3 * reading,
        "dense_by_plain_reading": {
            "least": shares[0],
            "median": shares[QUESTIONS / 2],
            "most": shares[QUESTIONS - 1],
        },
        "fused_ms": 1e3 * fused,
        "lexical_ms": 1e3 * lexical,
        "payload_bytes": payload,
        "bank_bytes": bank.bytes(),
        "bank_per_payload": bank.bytes() as f64 / payload as f64,
        "resident_bytes": taken,
        "resident_per_payload": taken.map(|taken| taken as f64 / payload as f64),
    }))
}

fn entries(range: core::ops::Range<usize>) -> Result<Vec<NewEntry>, Failure> {
    let entry = |slot| NewEntry {
        slot,
        owner_name: "1".to_owned(),
        external_id: None,
    };
    Ok(slots(range)?.into_iter().map(entry).collect())
}

/// Measures a bank file of this many memories in a folder.
pub(super) fn store(memories: usize, folder: &Path) -> Result<Value, Failure> {
    let folder = tempfile::tempdir_in(folder).map_err(Failure::failed)?;
    let path = folder.path().join("bench.redb");
    let mut store = Opening::or_new(&path).open(NO_MODEL)?;
    let mut alone = 0.0;
    for entry in entries(0..ALONE)? {
        let start = Instant::now();
        store.write(vec![entry])?;
        alone += start.elapsed().as_secs_f64();
    }
    let bar = progress(memories as u64, "storing");
    let mut batched = 0.0;
    for first in (ALONE..memories).step_by(BATCH) {
        let entries = entries(first..memories.min(first + BATCH))?;
        let start = Instant::now();
        store.write(entries)?;
        batched += start.elapsed().as_secs_f64();
        bar.set_position(first as u64);
    }
    bar.finish_and_clear();
    drop(store);
    let (opening, answered) = opened(&path)?;
    let cold = match leave_page_cache(&path)? {
        true => Some(opened(&path)?.1),
        false => None,
    };
    let bytes = std::fs::metadata(&path).map_err(Failure::failed)?.len();
    Ok(json!({
        "memories": memories,
        "add_one_by_one_per_second": ALONE as f64 / alone,
        "syncs_per_second": syncs(folder.path())?,
        "add_batched_per_second": memories.saturating_sub(ALONE) as f64 / batched,
        "batch": BATCH,
        "open_seconds": opening,
        "first_answer_seconds": answered,
        "cold_first_answer_seconds": cold,
        "file_bytes": bytes,
    }))
}

/// Seconds until a bank file is open, and until its first question is answered.
fn opened(path: &Path) -> Result<(f64, f64), Failure> {
    let start = Instant::now();
    let store = Opening::existing(path).open(NO_MODEL)?;
    let opening = start.elapsed().as_secs_f64();
    let (text, embedding) = (MadeUp::new(5).text(), MadeUp::new(6).embedding());
    let hits = store
        .bank()
        .query(&text, &embedding, &QueryOptions::of_owner(Owner(1)), 10);
    std::hint::black_box(hits.map_err(Failure::failed)?);
    Ok((opening, start.elapsed().as_secs_f64()))
}

/// Makes the system forget a file that it holds in memory, so that it is next read from its disk; whether
/// it can be asked to.
#[cfg(target_os = "linux")]
fn leave_page_cache(path: &Path) -> Result<bool, Failure> {
    use rustix::fs::{Advice, fadvise};
    let file = std::fs::File::open(path).map_err(Failure::failed)?;
    file.sync_all().map_err(Failure::failed)?;
    fadvise(&file, 0, None, Advice::DontNeed).map_err(Failure::failed)?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn leave_page_cache(_: &Path) -> Result<bool, Failure> {
    Ok(false)
}

/// How often a second this disk makes a page durable that is written over: what one by one can reach.
fn syncs(folder: &Path) -> Result<f64, Failure> {
    use std::io::{Seek, SeekFrom, Write};
    const TIMES: usize = 300;
    let mut file = std::fs::File::create(folder.join("syncs")).map_err(Failure::failed)?;
    let mut write = |number: usize| -> std::io::Result<()> {
        file.seek(SeekFrom::Start(4096 * (number % 16) as u64))?;
        file.write_all(&[number as u8; 4096])?;
        file.sync_data()
    };
    (0..16).try_for_each(&mut write).map_err(Failure::failed)?;
    let start = Instant::now();
    (0..TIMES)
        .try_for_each(&mut write)
        .map_err(Failure::failed)?;
    Ok(TIMES as f64 / start.elapsed().as_secs_f64())
}
