//! A bank of texts.

use crate::bank::{Bank, OwnedSlot};
use crate::command_line::Failure;
use crate::model::TextEncoder;
use crate::terminal::progress;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::NewMemory;

/// Texts that are encoded between two steps of the bar.
const BATCH: usize = 4096;

/// A bank of one owner that remembers these texts.
pub(super) fn remember<T: AsRef<str> + Sync>(
    encoder: &TextEncoder<'_>,
    texts: &[T],
) -> Result<Bank, Failure> {
    let mut bank = Bank::new();
    bank.bind(encoder.fingerprint()).map_err(Failure::failed)?;
    let bar = progress(texts.len() as u64, "encoding");
    for batch in texts.chunks(BATCH) {
        let embeddings = encoder.encode_all(batch).map_err(Failure::failed)?;
        for (text, embedding) in batch.iter().zip(&embeddings) {
            let memory = NewMemory {
                owner: Owner(1),
                text: text.as_ref(),
                embedding,
                created: Timestamp(0),
                importance: Factor::ONE,
            };
            let slot = OwnedSlot::of(&memory, &[]).map_err(Failure::failed)?;
            bank.write(slot).map_err(Failure::failed)?;
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    Ok(bank)
}
