//! How deep a piece of work digs into the stack.

use crate::board::{paint_below, stack_pointer, unpainted_depth};

/// The deepest use that can be seen, in bytes. Every machine's stack is deeper than this.
pub const DEPTH_MAX: usize = 256 * 1024;

/// Runs `work` once; gives its result and the bytes of stack below the caller of `work` that it changed, a multiple of 4.
///
/// The stack below is first filled with a pattern; bytes that the work reserves without writing them at the far end
/// are not seen.
///
/// # Panics
/// If the work used [`DEPTH_MAX`] bytes or more.
#[inline(never)]
pub fn high_water<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let top = stack_pointer();
    paint_below(top, DEPTH_MAX);
    let result = work();
    let depth = unpainted_depth(top, DEPTH_MAX);
    assert!(
        depth < DEPTH_MAX,
        "the work used {DEPTH_MAX} bytes of stack or more"
    );
    (result, depth)
}
