//! One memory a line.

use super::item::{BadRecord, Item, ItemError};
use std::io::BufRead;

/// The lines of a file with their numbers, without those that are blank.
pub(super) fn numbered(
    mut input: impl BufRead + Send,
) -> impl Iterator<Item = Result<(u64, String), BadRecord>> + Send {
    let mut place = 0;
    let mut over = false;
    core::iter::from_fn(move || {
        while !over {
            let mut line = Vec::new();
            place += 1;
            match input.read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => {
                    over = true;
                    let error = ItemError::Read(error);
                    return Some(Err(BadRecord { place, error }));
                }
            }
            let line = match String::from_utf8(line) {
                Ok(line) => line,
                Err(error) => {
                    let error = ItemError::Utf8(error.utf8_error().valid_up_to() + 1);
                    return Some(Err(BadRecord { place, error }));
                }
            };
            let line = line.trim_end_matches(['\n', '\r']);
            if !line.trim().is_empty() {
                return Some(Ok((place, line.to_owned())));
            }
        }
        None
    })
}

/// One memory a line.
pub(super) fn lines(
    input: impl BufRead + Send,
) -> impl Iterator<Item = Result<Item, BadRecord>> + Send {
    numbered(input).map(|line| line.map(|(place, text)| Item::of_text(place, text)))
}
