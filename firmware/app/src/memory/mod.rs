//! A bank, its encoder and its flash as one.

mod change;
mod kept;
mod memories;
mod open;
mod read;

pub use memories::{About, Memories, NewText, Wanted};

use crate::store::load_bytes;
use embedded_storage::nor_flash::NorFlash;
use kept::Kept;
use memt_core::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::{Encoder, Scratch};
use memt_core::link::Refusal;

/// Bytes of a record in postcard besides its text, at most.
pub(crate) const RECORD_OVERHEAD: usize = 224;

/// A bank whose every change is in flash before it is reported.
#[allow(missing_debug_implementations, reason = "the store has none")]
pub struct Memory<
    's,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize = 0,
> {
    bank: &'s mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
    scratch: &'s mut Scratch<SCRATCH>,
    encoder: Encoder<'static>,
    kept: Kept<'s, F, SLOTS, JUDGED>,
}

impl<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize,
> Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH, JUDGED>
{
    /// Memories, for reading.
    pub fn bank(&self) -> &Bank<SLOTS, TEXT, TERMS, JUDGED> {
        self.bank
    }

    /// Gives the flash back.
    pub(crate) fn close(self) -> F {
        self.kept.store.close()
    }

    fn encode(&mut self, text: &str) -> Result<Embedding, Refusal> {
        let embedding = self.encoder.encode(text, self.scratch);
        embedding.map_err(|_| Refusal::Unsupported)
    }
}

/// The scratch between encodings: in front what answers are made in and the store works in, at the end
/// a record that comes in parts.
fn divided<const SCRATCH: usize>(
    scratch: &mut Scratch<SCRATCH>,
    text: usize,
) -> (&mut [u8], &mut [u8]) {
    let bytes = scratch.as_mut().into_bytes();
    let record = (text + RECORD_OVERHEAD).min(bytes.len());
    bytes.split_at_mut(bytes.len() - record)
}

/// Bytes of scratch that the firmware needs for `slots` texts of `text` bytes and frames of `frame`, whatever the
/// encoder needs.
pub(crate) const fn scratch_bytes(slots: usize, text: usize, frame: usize) -> usize {
    let store = load_bytes(slots, text);
    let answer = 2 * frame;
    text + RECORD_OVERHEAD + if store > answer { store } else { answer }
}
