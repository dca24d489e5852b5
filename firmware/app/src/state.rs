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
/// `TEXT + 224` and the larger of `2 x FRAME` and [`load_bytes`](crate::store::load_bytes); `FRAME` bytes for a request or a line of text, at least `TEXT + 224`.
#[derive(Debug)]
pub struct State<
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const FRAME: usize = 512,
> {
    pub(crate) bank: Bank<SLOTS, TEXT, TERMS>,
    pub(crate) places: Places<SLOTS>,
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
> State<SLOTS, TEXT, TERMS, SCRATCH, FRAME>
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
> Default for State<SLOTS, TEXT, TERMS, SCRATCH, FRAME>
{
    fn default() -> Self {
        Self::new()
    }
}
