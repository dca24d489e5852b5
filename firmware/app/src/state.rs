//! Everything large that the firmware keeps in RAM.

use crate::console::Line;
use crate::store::Places;
use memt_core::bank::Bank;
use memt_core::encoder::Scratch;

/// Bytes of history that the console keeps.
pub(crate) const HISTORY_BYTES: usize = 256;

/// The firmware's memory, for a `static`: all zero when new, so it lies in `.bss`.
///
/// `SLOTS` memories of up to `TEXT` bytes and `TERMS` distinct terms; `SCRATCH` bytes for the encoder, as
/// [`Config::scratch_bytes`](memt_core::encoder::Config::scratch_bytes) says, and at least
/// `2 x FRAME`; `FRAME` bytes for a request or a line of text, at least `TEXT + 224`.
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
    pub(crate) line: Line<FRAME, HISTORY_BYTES>,
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
            assert!(FRAME >= TEXT + 224, "a request must fit a frame");
            assert!(SCRATCH >= 2 * FRAME, "a reply is made in the scratch");
        }
        Self {
            bank: Bank::new(),
            places: Places::new(),
            scratch: Scratch::new(),
            line: Line::new(),
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
