//! Everything large that the firmware keeps in RAM.

use crate::memory::{RECORD_OVERHEAD, scratch_bytes};
use crate::store::Places;
use memt_core::bank::Bank;
use memt_core::encoder::Scratch;

/// Bytes of history that the console keeps.
const HISTORY_BYTES: usize = 160;

/// The firmware's memory, for a `static`: all zero when new, so it lies in `.bss`.
///
/// `SLOTS` memories of up to `TEXT` bytes and `TERMS` distinct terms; `SCRATCH` bytes for the encoder, as
/// [`Config::scratch_bytes`](memt_core::encoder::Config::scratch_bytes) says, and at least
/// `TEXT + 224` and the larger of `2 x FRAME` and [`load_bytes`](crate::store::load_bytes); `FRAME` bytes for a request or a line of text, at least `TEXT + 224`;
/// `JUDGED` questions whose answers were judged, of 152 bytes each.
#[derive(Debug)]
pub struct State<
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize = 512,
    const JUDGED: usize = 0,
> {
    pub(crate) bank: Bank<SLOTS, TEXT, TERMS, JUDGED>,
    pub(crate) places: Places<SLOTS, JUDGED>,
    pub(crate) scratch: Scratch<SCRATCH>,
    pub(crate) frame: [u8; FRAME],
    pub(crate) history: [u8; HISTORY_BYTES],
}

impl<
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize,
    const JUDGED: usize,
> State<SLOTS, TEXT, TERMS, SCRATCH, FRAME, JUDGED>
{
    /// Empty.
    pub const fn new() -> Self {
        const {
            assert!(
                FRAME >= TEXT + RECORD_OVERHEAD,
                "a request must fit a frame"
            );
            assert!(
                SCRATCH >= scratch_bytes(SLOTS, TEXT, FRAME),
                "answers are made in the scratch"
            );
        }
        Self {
            bank: Bank::new(),
            places: Places::new(),
            scratch: Scratch::new(),
            frame: [0; FRAME],
            history: [0; HISTORY_BYTES],
        }
    }
}

impl<
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize,
    const JUDGED: usize,
> Default for State<SLOTS, TEXT, TERMS, SCRATCH, FRAME, JUDGED>
{
    fn default() -> Self {
        Self::new()
    }
}
