//! Changes of what other processes change too.

use super::error::StoreError;
use std::time::Duration;

/// How often a change is tried that other processes overtake: about two seconds of waiting in all.
const TRIES: u32 = 40;

/// Makes a change, and makes it anew as often as another process is faster.
pub(crate) fn take_turns<T>(
    mut change: impl FnMut() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    for attempt in 0..TRIES {
        match change() {
            Err(StoreError::Overtaken) => step_back(attempt)?,
            changed => return changed,
        }
    }
    Err(StoreError::Overtaken)
}

/// Waits a while: out of step with the others, a change comes through.
pub(crate) fn step_back(attempt: u32) -> Result<(), StoreError> {
    let random = getrandom::u32().map_err(StoreError::Random)?;
    let most = 1000 << attempt.min(7);
    std::thread::sleep(Duration::from_micros(u64::from(random % most)));
    Ok(())
}
