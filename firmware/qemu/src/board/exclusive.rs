//! Large state that lies in `.bss` and never on the stack.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// The value of a `static`, lent for ever to whoever takes it first.
#[derive(Debug)]
pub struct Exclusive<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `take` lends the value once; the programs have one thread and no interrupt handler, so no one comes between
// its load and its store (Cortex-M0 has no instruction that does both).
unsafe impl<T: Send> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    /// A value that nobody has taken.
    pub const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// The value.
    ///
    /// # Panics
    /// If it was taken before.
    pub fn take(&'static self) -> &'static mut T {
        assert!(
            !self.taken.load(Ordering::Relaxed),
            "the value was taken before"
        );
        self.taken.store(true, Ordering::Relaxed);
        // SAFETY: only the first call comes here, so this is the only reference.
        unsafe { &mut *self.value.get() }
    }
}
