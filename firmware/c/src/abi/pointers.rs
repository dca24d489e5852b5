//! From pointers to references.
//!
//! Null, alignment, lengths and the mark of `memt_init` are checked. What cannot be checked is the caller's duty and
//! stated in `memt.h`: memory is as large as stated, lives as long as stated, and is used by one thread at a time.

use crate::failure::{Failure, Status};
use crate::sizes::MEMT_MEMORY_BYTES;
use crate::state::{ErrorText, State};
use core::ffi::c_char;
use core::ptr::addr_of_mut;

/// What `memt_init` leaves at the start: "memt" and the version of this layout.
const MARK: u64 = u64::from_le_bytes(*b"memt\0\0\0\x01");

/// A memory for text, in the caller's memory.
#[derive(Debug)]
pub struct Memt {
    _state: Marked,
}

/// What is behind a handle.
#[repr(C)]
#[derive(Debug)]
struct Marked {
    mark: u64,
    state: State,
}

/// Bytes of a memory.
pub(super) const BYTES: usize = size_of::<Marked>();

const _: () = assert!(
    BYTES <= MEMT_MEMORY_BYTES,
    "MEMT_MEMORY_BYTES is too small: raise MEMT_SLOT_EXTRA_BYTES or MEMT_FIXED_BYTES"
);
const _: () = assert!(align_of::<Marked>() <= 16);

fn check<T>(pointer: *const T, name: &'static str) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::Null { name });
    }
    if !pointer.is_aligned() {
        let alignment = align_of::<T>();
        return Err(Failure::Misaligned { name, alignment });
    }
    Ok(())
}

/// Makes an empty bank in `memory`.
///
/// # Safety
/// `memory` is writable for `bytes` bytes.
pub(super) unsafe fn init(memory: *mut u8, bytes: usize, origin: u32) -> Result<*mut Memt, Status> {
    let marked = memory.cast::<Marked>();
    check(marked, "memory").map_err(|failure| failure.status())?;
    if bytes < BYTES {
        return Err(Status::MemoryTooSmall);
    }
    // SAFETY: the memory is aligned and large enough. A new bank is all zero bytes, as its documentation says, and so is
    // scratch; both are too large to be made on the stack first. No reference is made before all parts are written.
    unsafe {
        addr_of_mut!((*marked).state.bank).write_bytes(0, 1);
        addr_of_mut!((*marked).state.scratch).write_bytes(0, 1);
        addr_of_mut!((*marked).state.encoder).write(None);
        addr_of_mut!((*marked).state.error).write(ErrorText::new());
        addr_of_mut!((*marked).mark).write(MARK);
        (*marked).state.bank.set_origin(origin);
    }
    Ok(marked.cast())
}

/// The state behind a handle.
///
/// # Safety
/// `handle` is NULL or readable memory that nobody else uses meanwhile; if it holds the mark, `memt_init` put it there.
pub(super) unsafe fn state<'m>(handle: *mut Memt) -> Result<&'m mut State, Status> {
    let marked = handle.cast::<Marked>();
    check(marked, "handle").map_err(|failure| failure.status())?;
    // SAFETY: the pointer is aligned and readable, and any eight bytes are a number.
    if unsafe { addr_of_mut!((*marked).mark).read() } != MARK {
        return Err(Status::NotInitialised);
    }
    // SAFETY: `init` wrote every part, and the caller lets nobody else use it.
    Ok(unsafe { &mut (*marked).state })
}

/// Runs `work` on the state behind a handle and keeps the text of its failure.
///
/// # Safety
/// As [`state`].
pub(super) unsafe fn with(
    handle: *mut Memt,
    work: impl FnOnce(&mut State) -> Result<(), Failure>,
) -> Status {
    // SAFETY: the caller's promise.
    let state = match unsafe { state(handle) } {
        Ok(state) => state,
        Err(status) => return status,
    };
    match work(state) {
        Ok(()) => Status::Ok,
        Err(failure) => {
            state.note(&failure);
            failure.status()
        }
    }
}

/// Bytes that the caller lends. NULL is no bytes if there are none.
///
/// # Safety
/// `pointer` is readable for `count` bytes for the lifetime.
pub(super) unsafe fn bytes<'b>(
    pointer: *const u8,
    count: usize,
    name: &'static str,
) -> Result<&'b [u8], Failure> {
    if pointer.is_null() && count == 0 {
        return Ok(&[]);
    }
    check(pointer, name)?;
    let limit = isize::MAX as usize;
    if count > limit || (pointer as usize).checked_add(count).is_none() {
        return Err(Failure::OutOfRange {
            name,
            given: count,
            limit,
        });
    }
    // SAFETY: not null, and the range neither wraps nor exceeds half of the address space; the rest is promised.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// A text that the caller lends.
///
/// # Safety
/// As [`bytes`].
pub(super) unsafe fn text<'t>(pointer: *const c_char, count: usize) -> Result<&'t str, Failure> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(pointer.cast(), count, "text") }?;
    core::str::from_utf8(bytes).map_err(|error| Failure::NotUtf8 {
        valid: error.valid_up_to(),
    })
}

/// A copy of what the caller points at.
///
/// # Safety
/// `pointer` is NULL or readable and holds a value of its type.
pub(super) unsafe fn read<T: Copy>(pointer: *const T, name: &'static str) -> Result<T, Failure> {
    check(pointer, name)?;
    // SAFETY: aligned, and the rest is promised.
    Ok(unsafe { pointer.read() })
}

/// A place for a result, checked before the work so that nothing is lost.
///
/// # Safety
/// `pointer` is NULL or writable for one value.
pub(super) unsafe fn place<T>(pointer: *mut T, name: &'static str) -> Result<Place<T>, Failure> {
    check(pointer, name)?;
    Ok(Place(pointer))
}

/// As [`place`] for a result that the caller may not want.
///
/// # Safety
/// As [`place`].
pub(super) unsafe fn place_if_any<T>(
    pointer: *mut T,
    name: &'static str,
) -> Result<Option<Place<T>>, Failure> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { place(pointer, name) }.map(Some)
}

/// Somewhere to write a result to.
pub(super) struct Place<T>(*mut T);

impl<T> Place<T> {
    /// Writes the result.
    pub(super) fn put(self, value: T) {
        // SAFETY: `place` checked the pointer, and its caller promised the rest.
        unsafe { self.0.write(value) }
    }
}

/// Places for several results.
///
/// # Safety
/// `pointer` is NULL or writable for `count` values.
pub(super) unsafe fn places<T>(
    pointer: *mut T,
    count: usize,
    name: &'static str,
) -> Result<impl FnMut(usize, T), Failure> {
    if count > 0 {
        check(pointer, name)?;
    }
    Ok(move |index: usize, value: T| {
        assert!(index < count, "more results than places");
        // SAFETY: the index is below the count that the caller promised to be writable.
        unsafe { pointer.add(index).write(value) }
    })
}
