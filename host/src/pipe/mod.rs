//! The pipe: a memory that other programs drive, in JSON lines.
//!
//! Every input line, whatever it is, gets exactly one reply line. A failed request changes nothing,
//! except that a failed `add_batch` keeps the items before the one that failed.
//!
//! * There is one owner. `id` is a string of up to 64 bytes; a repeat removes the earlier memory and
//!   adds the new one.
//! * `meta.ts` is the time of writing (see [`crate::clock::parse`]). Without one, a memory is as old
//!   as the newest before it, so that memories lie in the order in which they came.
//! * A question gets `min(k, slots)` hits, fewer only with a least score. With recency, the present
//!   is the time of the newest memory.

mod engine;
mod reply;
mod request;
mod session;

pub use engine::{Engine, EngineKind};
pub use request::RequestError;
pub use session::{Session, Settings};

use std::io::{self, BufRead, Write};

/// Answers every line of `input` on `output` until `bye` or the end of `input`.
pub fn run(
    session: &mut Session<'_>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let (reply, last) = session.answer(line.trim_ascii_end());
        serde_json::to_writer(&mut output, &reply)?;
        output.write_all(b"\n")?;
        output.flush()?;
        if last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
