//! Wrong pointers, lengths and numbers are refused with the right status, and nothing changes.

#![allow(unsafe_code, reason = "the functions under test take pointers")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer here is NULL, refused before use, or of a live local variable"
)]

use core::ffi::{CStr, c_char};
use core::ptr::{null, null_mut};
use memt::abi::*;
use memt::failure::Status;
use memt::sizes::{MEMT_HITS_MAX, MEMT_MEMORY_BYTES, MEMT_TEXT_BYTES};
use memt::types::{Hit, Key, MEMT_FACTOR_ONE, NewMemory, QueryOptions, Statistics, View};
use memt_core::encoder::Aligned;

static MODEL: Aligned<[u8; include_bytes!("../../../tests/golden/v0.memt").len()]> =
    Aligned(*include_bytes!("../../../tests/golden/v0.memt"));

/// A memory with the golden model in use.
struct Fixture {
    _memory: Box<Aligned<[u8; MEMT_MEMORY_BYTES]>>,
    handle: *mut Memt,
}

fn fixture() -> Fixture {
    let mut memory = Box::new(Aligned([0xa5; MEMT_MEMORY_BYTES]));
    let mut handle = null_mut();
    let status = unsafe {
        memt_init(
            memory.0.as_mut_ptr().cast(),
            MEMT_MEMORY_BYTES,
            3,
            &mut handle,
        )
    };
    assert_eq!(status, Status::Ok);
    let fixture = Fixture {
        _memory: memory,
        handle,
    };
    assert_eq!(add(&fixture, "too early"), Status::NoModel);
    let status = unsafe { memt_use_model(handle, MODEL.0.as_ptr(), MODEL.0.len()) };
    assert_eq!(status, Status::Ok, "{}", error(&fixture));
    fixture
}

fn error(fixture: &Fixture) -> String {
    let text = unsafe { CStr::from_ptr(memt_error(fixture.handle)) };
    text.to_str().unwrap().to_owned()
}

fn memory(text: &str) -> NewMemory {
    NewMemory {
        owner: 1,
        text: text.as_ptr().cast(),
        text_bytes: text.len(),
        created: 5,
        importance: MEMT_FACTOR_ONE,
        evict_when_full: false,
    }
}

fn add(fixture: &Fixture, text: &str) -> Status {
    unsafe { memt_add(fixture.handle, &memory(text), null_mut()) }
}

fn count(fixture: &Fixture) -> usize {
    let mut counts = Statistics::default();
    let status = unsafe { memt_statistics(fixture.handle, &mut counts) };
    assert_eq!(status, Status::Ok);
    counts.memories
}

#[test]
fn memory_is_checked_before_it_is_used() {
    let mut memory = Box::new(Aligned([0u8; MEMT_MEMORY_BYTES]));
    let start: *mut u8 = memory.0.as_mut_ptr();
    let mut handle = null_mut();
    let mut init =
        |start: *mut u8, bytes| unsafe { memt_init(start.cast(), bytes, 0, &mut handle) };
    assert_eq!(init(null_mut(), MEMT_MEMORY_BYTES), Status::NullPointer);
    assert_eq!(
        init(start.wrapping_add(1), MEMT_MEMORY_BYTES - 1),
        Status::Misaligned
    );
    assert_eq!(init(start, memt_memory_bytes() - 1), Status::MemoryTooSmall);
    assert_eq!(init(start, memt_memory_bytes()), Status::Ok);
    assert_eq!(
        unsafe { memt_init(start.cast(), MEMT_MEMORY_BYTES, 0, null_mut()) },
        Status::NullPointer
    );
}

#[test]
fn handles_are_checked() {
    let mut counts = Statistics::default();
    let mut statistics = |handle| unsafe { memt_statistics(handle, &mut counts) };
    assert_eq!(statistics(null_mut()), Status::NullPointer);
    let mut zeros = Aligned([0u64; 2]);
    assert_eq!(statistics((&raw mut zeros).cast()), Status::NotInitialised);
    assert_eq!(
        unsafe { CStr::from_ptr(memt_error(null_mut())) }.to_bytes(),
        b""
    );
}

#[test]
fn texts_are_checked() {
    let fixture = fixture();
    assert_eq!(add(&fixture, ""), Status::EmptyText);
    assert_eq!(
        add(&fixture, &"a ".repeat(MEMT_TEXT_BYTES)),
        Status::TextTooLong
    );
    assert_eq!(
        error(&fixture),
        format!(
            "text has {} bytes, a slot holds {MEMT_TEXT_BYTES}",
            2 * MEMT_TEXT_BYTES
        )
    );
    let broken = NewMemory {
        text: b"good\xff".as_ptr().cast(),
        text_bytes: 5,
        ..memory("")
    };
    let status = unsafe { memt_add(fixture.handle, &broken, null_mut()) };
    assert_eq!(
        (status, error(&fixture).as_str()),
        (Status::NotUtf8, "text is not UTF-8 after 4 bytes")
    );
    let absent = NewMemory {
        text: null(),
        ..memory("some text")
    };
    let status = unsafe { memt_add(fixture.handle, &absent, null_mut()) };
    assert_eq!(
        (status, error(&fixture).as_str()),
        (Status::NullPointer, "text is NULL")
    );
    let endless = NewMemory {
        text_bytes: usize::MAX,
        ..memory("some text")
    };
    let status = unsafe { memt_add(fixture.handle, &endless, null_mut()) };
    assert_eq!(status, Status::OutOfRange);
    let important = NewMemory {
        importance: u16::MAX,
        ..memory("some text")
    };
    let status = unsafe { memt_add(fixture.handle, &important, null_mut()) };
    assert_eq!(status, Status::OutOfRange);
    assert_eq!(
        unsafe { memt_add(fixture.handle, null(), null_mut()) },
        Status::NullPointer
    );
    assert_eq!(count(&fixture), 0);
    assert_eq!(add(&fixture, "some text"), Status::Ok);
    assert_eq!(count(&fixture), 1);
}

#[test]
fn models_are_checked_and_the_one_in_use_stays() {
    let fixture = fixture();
    assert_eq!(add(&fixture, "a memory of the first model"), Status::Ok);
    let use_model =
        |start: *const u8, bytes| unsafe { memt_use_model(fixture.handle, start, bytes) };
    assert_eq!(use_model(null(), 100), Status::NullPointer);
    assert_eq!(use_model(MODEL.0.as_ptr(), 0), Status::BadModel);
    assert_eq!(
        use_model(MODEL.0.as_ptr(), MODEL.0.len() - 1),
        Status::BadModel
    );
    assert_eq!(
        use_model(MODEL.0[1..].as_ptr(), MODEL.0.len() - 1),
        Status::Misaligned
    );
    assert_eq!(add(&fixture, "another memory of it"), Status::Ok);
    assert_eq!(use_model(MODEL.0.as_ptr(), MODEL.0.len()), Status::Ok);
}

#[test]
fn questions_are_checked() {
    let fixture = fixture();
    assert_eq!(add(&fixture, "the valve of the boiler"), Status::Ok);
    let usual = QueryOptions {
        min_score: 0.0,
        ..QueryOptions::of_owner(1)
    };
    let mut hits = [Hit::default(); MEMT_HITS_MAX + 1];
    let mut found = 99;
    let mut ask = |options: &QueryOptions, capacity, found: *mut usize| unsafe {
        let question: *const c_char = c"boiler".as_ptr();
        memt_query(
            fixture.handle,
            question,
            6,
            options,
            hits.as_mut_ptr(),
            capacity,
            found,
        )
    };
    assert_eq!(
        ask(&usual, MEMT_HITS_MAX + 1, &mut found),
        Status::OutOfRange
    );
    let strange = QueryOptions { mode: 3, ..usual };
    assert_eq!(ask(&strange, 1, &mut found), Status::OutOfRange);
    assert_eq!(ask(&usual, 1, null_mut()), Status::NullPointer);
    assert_eq!(found, 99);
    assert_eq!(ask(&usual, MEMT_HITS_MAX, &mut found), Status::Ok);
    assert_eq!(found, 1);
    assert_eq!(ask(&usual, 0, &mut found), Status::Ok);
    assert_eq!(found, 0);
}

#[test]
fn missing_memories_are_not_found() {
    let fixture = fixture();
    let key = Key {
        origin: 3,
        counter: 9,
    };
    let mut view = std::mem::MaybeUninit::<View>::uninit();
    unsafe {
        assert_eq!(
            memt_get(fixture.handle, key, view.as_mut_ptr()),
            Status::NotFound
        );
        assert_eq!(
            memt_at(fixture.handle, 0, view.as_mut_ptr()),
            Status::NotFound
        );
        assert_eq!(memt_forget(fixture.handle, key, 9), Status::NotFound);
        assert_eq!(memt_replay(fixture.handle, key, 9), Status::NotFound);
        assert_eq!(memt_record_access(fixture.handle, key, 9), Status::NotFound);
        assert_eq!(
            memt_export(fixture.handle, None, null_mut()),
            Status::NullPointer
        );
        let bytes = [0; 64];
        let status = memt_import(fixture.handle, bytes.as_ptr(), 64, 0, null_mut());
        assert_eq!(status, Status::BadSnapshot);
    }
}

#[test]
fn a_full_bank_refuses_or_evicts() {
    let fixture = fixture();
    for number in 0..memt::sizes::MEMT_SLOTS {
        assert_eq!(add(&fixture, &format!("memory {number}")), Status::Ok);
    }
    assert_eq!(add(&fixture, "one too many"), Status::Full);
    let last = NewMemory {
        evict_when_full: true,
        ..memory("one too many")
    };
    let mut report = memt::types::WriteReport::default();
    let status = unsafe { memt_add(fixture.handle, &last, &mut report) };
    assert_eq!((status, report.has_evicted), (Status::Ok, true));
}

#[test]
fn every_status_has_a_text() {
    for status in Status::ALL {
        let text = unsafe { CStr::from_ptr(memt_status_text(status as i32)) };
        assert!(!text.is_empty());
    }
    for number in [-1, Status::ALL.len() as i32, i32::MAX] {
        let text = unsafe { CStr::from_ptr(memt_status_text(number)) };
        assert_eq!(text.to_str(), Ok("unknown status"));
    }
}
