//! The functions of the header, in its order.

use super::pointers::{
    BYTES, Memt, bytes, init, place, place_if_any, places, read, state, text, with,
};
use crate::failure::{Failure, Status};
use crate::types::{
    Hit, ImportReport, Key, MEMT_FACTOR_MAX, NewMemory, QueryOptions, Sink, Statistics, View,
    WriteReport,
};
use core::ffi::{c_char, c_void};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::WhenFull;

/// The library's version, such as "0.1.0".
#[unsafe(no_mangle)]
pub extern "C" fn memt_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Bytes that memt_init needs: at most MEMT_MEMORY_BYTES, if both were built for the same sizes.
#[unsafe(no_mangle)]
pub extern "C" fn memt_memory_bytes() -> usize {
    BYTES
}

/// What a status means. For any number a text that lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn memt_status_text(status: i32) -> *const c_char {
    let known = usize::try_from(status).ok();
    let known = known.and_then(|number| Status::ALL.get(number));
    known
        .map_or(c"unknown status", |status| status.text())
        .as_ptr()
}

/// Makes an empty memory in `memory`, which the caller keeps for as long as it is used. `origin` is part of every key:
/// a number that no other device has, nor this one had before.
///
/// # Safety
/// `memory` is writable for `memory_bytes` bytes, `handle` for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_init(
    memory: *mut c_void,
    memory_bytes: usize,
    origin: u32,
    handle: *mut *mut Memt,
) -> Status {
    // SAFETY: the caller's promise.
    let made = unsafe { place(handle, "handle") }.map_err(|failure| failure.status());
    // SAFETY: the caller's promise.
    let made = made.and_then(|handle| unsafe {
        init(memory.cast(), memory_bytes, origin).map(|made| handle.put(made))
    });
    made.err().unwrap_or(Status::Ok)
}

/// What went wrong last, with the values: a text that lasts until the next failure. Empty if nothing did or `handle` is
/// not a memory.
///
/// # Safety
/// `handle` is what memt_init gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_error(handle: *mut Memt) -> *const c_char {
    // SAFETY: the caller's promise.
    match unsafe { state(handle) } {
        Ok(state) => state.error.with_zero().as_ptr().cast(),
        Err(_) => c"".as_ptr(),
    }
}

/// Encodes with the model image at `model` from now on. The image begins at a multiple of 16 bytes and stays unchanged
/// for as long as it is used; flash is the place for it. A bank with memories keeps its model.
///
/// # Safety
/// `handle` is what memt_init gave; `model` is readable for `model_bytes` bytes for as long as the memory is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_use_model(
    handle: *mut Memt,
    model: *const u8,
    model_bytes: usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            state.use_model(bytes(model, model_bytes, "model")?)
        })
    }
}

/// The number that names the model's embedding space: equal exactly where embeddings may be compared.
///
/// # Safety
/// `handle` is what memt_init gave; `fingerprint` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_fingerprint(handle: *mut Memt, fingerprint: *mut u64) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let fingerprint = place(fingerprint, "fingerprint")?;
            fingerprint.put(state.fingerprint()?.0);
            Ok(())
        })
    }
}

/// Turns a text of any length into MEMT_DIMENSIONS numbers: the same on every machine.
///
/// # Safety
/// `handle` is what memt_init gave; `text_at` is readable for `text_bytes` bytes, `embedding` writable for
/// MEMT_DIMENSIONS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_encode(
    handle: *mut Memt,
    text_at: *const c_char,
    text_bytes: usize,
    embedding: *mut i8,
) -> Status {
    // SAFETY: the caller's promise; arrays are aligned as their elements.
    unsafe {
        with(handle, |state| {
            let embedding = place(embedding.cast(), "embedding")?;
            embedding.put(state.encode(text(text_at, text_bytes)?)?.0);
            Ok(())
        })
    }
}

/// Encodes and writes a memory, tells it from similar ones and its nearest rival from it (up to three more texts are
/// encoded), and reads it back. `report` may be NULL. Nothing changes when it is refused.
///
/// # Safety
/// `handle` is what memt_init gave; `memory` is readable, as is its text; `report` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_add(
    handle: *mut Memt,
    memory: *const NewMemory,
    report: *mut WriteReport,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let report = place_if_any(report, "report")?;
            let memory = read(memory, "memory")?;
            if memory.importance > MEMT_FACTOR_MAX {
                return Err(Failure::OutOfRange {
                    name: "importance",
                    given: memory.importance.into(),
                    limit: MEMT_FACTOR_MAX.into(),
                });
            }
            let written = state.add(
                Owner(memory.owner),
                text(memory.text, memory.text_bytes)?,
                Timestamp(memory.created),
                Factor(memory.importance),
                if memory.evict_when_full {
                    WhenFull::Evict
                } else {
                    WhenFull::Refuse
                },
            )?;
            if let Some(report) = report {
                report.put(written.into());
            }
            Ok(())
        })
    }
}

/// Fills in the usual options: every memory of `owner`, meaning and words, scores of MEMT_DEFAULT_MIN_SCORE and more.
///
/// # Safety
/// `options` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_query_options_of_owner(
    owner: u64,
    options: *mut QueryOptions,
) -> Status {
    // SAFETY: the caller's promise.
    match unsafe { place(options, "options") } {
        Ok(options) => {
            options.put(QueryOptions::of_owner(owner));
            Status::Ok
        }
        Err(failure) => failure.status(),
    }
}

/// Finds the best memories for a question: up to `capacity` (at most MEMT_HITS_MAX) in `hits`, best first, and their
/// number in `found`. None is MEMT_STATUS_OK with 0 found.
///
/// # Safety
/// `handle` is what memt_init gave; `question` is readable for `question_bytes` bytes, `options` is readable, `hits`
/// writable for `capacity` values and `found` for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_query(
    handle: *mut Memt,
    question: *const c_char,
    question_bytes: usize,
    options: *const QueryOptions,
    hits: *mut Hit,
    capacity: usize,
    found: *mut usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let found = place(found, "found")?;
            let hits = places(hits, capacity, "hits")?;
            let options = read(options, "options")?;
            let question = text(question, question_bytes)?;
            found.put(state.query(question, &options, capacity, hits)?);
            Ok(())
        })
    }
}

/// The memory of this name. The pointers in `view` are good until the bank changes.
///
/// # Safety
/// `handle` is what memt_init gave; `view` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_get(handle: *mut Memt, key: Key, view: *mut View) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let view = place(view, "view")?;
            view.put(state.bank.get(key.into()).ok_or(Failure::NotFound)?.into());
            Ok(())
        })
    }
}

/// The memory at place `index` from old to new, counted from 0; MEMT_STATUS_NOT_FOUND after the last. The pointers in
/// `view` are good until the bank changes.
///
/// # Safety
/// `handle` is what memt_init gave; `view` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_at(handle: *mut Memt, index: usize, view: *mut View) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let view = place(view, "view")?;
            view.put(state.at(index)?.into());
            Ok(())
        })
    }
}

/// Notes that a memory was read, so that it is kept longer.
///
/// # Safety
/// `handle` is what memt_init gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_record_access(handle: *mut Memt, key: Key, now: u32) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            there(state.bank.record_access(key.into(), Timestamp(now)))
        })
    }
}

/// Rehearses a memory: it scores a little higher, is kept longer and is told anew from similar ones. Needs a model.
///
/// # Safety
/// `handle` is what memt_init gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_replay(handle: *mut Memt, key: Key, now: u32) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            there(state.replay(key.into(), Timestamp(now))?)
        })
    }
}

/// Forgets a memory. It stays forgotten when a later import brings it.
///
/// # Safety
/// `handle` is what memt_init gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_forget(handle: *mut Memt, key: Key, now: u32) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            there(state.bank.forget(key.into(), Timestamp(now)))
        })
    }
}

/// Forgets every memory of an owner. Their number is in `forgotten`, which may be NULL.
///
/// # Safety
/// `handle` is what memt_init gave; `forgotten` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_forget_owner(
    handle: *mut Memt,
    owner: u64,
    now: u32,
    forgotten: *mut usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { forget_all(handle, Some(Owner(owner)), now, forgotten) }
}

/// Forgets every memory. Their number is in `forgotten`, which may be NULL.
///
/// # Safety
/// `handle` is what memt_init gave; `forgotten` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_forget_everything(
    handle: *mut Memt,
    now: u32,
    forgotten: *mut usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { forget_all(handle, None, now, forgotten) }
}

unsafe fn forget_all(
    handle: *mut Memt,
    owner: Option<Owner>,
    now: u32,
    forgotten: *mut usize,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let forgotten = place_if_any(forgotten, "forgotten")?;
            let count = state.bank.forget_all(owner, Timestamp(now));
            if let Some(forgotten) = forgotten {
                forgotten.put(count);
            }
            Ok(())
        })
    }
}

/// Counts over all memories.
///
/// # Safety
/// `handle` is what memt_init gave; `statistics` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_statistics(handle: *mut Memt, statistics: *mut Statistics) -> Status {
    // SAFETY: the caller's promise.
    unsafe { count(handle, None, statistics) }
}

/// Counts over the memories of an owner.
///
/// # Safety
/// `handle` is what memt_init gave; `statistics` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_statistics_of_owner(
    handle: *mut Memt,
    owner: u64,
    statistics: *mut Statistics,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { count(handle, Some(Owner(owner)), statistics) }
}

unsafe fn count(handle: *mut Memt, owner: Option<Owner>, statistics: *mut Statistics) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let statistics = place(statistics, "statistics")?;
            let bank = &state.bank;
            statistics.put(Statistics::new(
                &bank.statistics(owner),
                bank.capacity(),
                bank.lost_deletions(),
            ));
            Ok(())
        })
    }
}

/// Gives `sink` the whole bank as a snapshot, piece by piece: memories and what was forgotten. `context` is handed
/// through.
///
/// # Safety
/// `handle` is what memt_init gave; `sink` may be called with `context`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_export(
    handle: *mut Memt,
    sink: Sink,
    context: *mut c_void,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let sink = sink.ok_or(Failure::Null { name: "sink" })?;
            state.export(|piece| sink(context, piece.as_ptr(), piece.len()))
        })
    }
}

/// Takes in the records of a snapshot from number `from` on. A record is taken whole or not at all; one that is there
/// already changes nothing, so an import may be repeated. `report` may be NULL and is written on success.
///
/// # Safety
/// `handle` is what memt_init gave; `snapshot` is readable for `snapshot_bytes` bytes; `report` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memt_import(
    handle: *mut Memt,
    snapshot: *const u8,
    snapshot_bytes: usize,
    from: u32,
    report: *mut ImportReport,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        with(handle, |state| {
            let report = place_if_any(report, "report")?;
            let taken = state.import(bytes(snapshot, snapshot_bytes, "snapshot")?, from)?;
            if let Some(report) = report {
                report.put(taken.into());
            }
            Ok(())
        })
    }
}

fn there(found: bool) -> Result<(), Failure> {
    found.then_some(()).ok_or(Failure::NotFound)
}
