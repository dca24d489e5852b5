//! The steps of a body over a window: a pair of tokens through one pass, so that every matrix is read
//! once for two tokens.
//!
//! ```text
//! enter      tokens to rows, rows to the residual stream          a step for two tokens
//! pass n     a part of a layer, for every part of every layer     a step for two tokens
//! leave      pooling and what comes after it                      one step
//! ```
//!
//! An odd token at the end is computed twice, in both places of the pair.

use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::windows::Windows;
use crate::embedding::DIMENSIONS;
use crate::tokens::{Token, Tokens};
use core::fmt::Debug;
use core::iter::Take;

/// A body that works on windows pair by pair.
pub(super) trait Body {
    /// What one layer reads.
    type Layer: Copy + Debug;

    /// What lives in the scratch from step to step, and what one step works in.
    type Buffers<'s>;

    /// Passes over all tokens that make a layer.
    const PASSES_A_LAYER: u8;

    /// How many layers there are.
    fn layers(&self) -> u8;

    /// Layer `number`; there is one, since every encoder has found it before.
    fn layer(&self, number: u8) -> Option<Self::Layer>;

    /// The same places of `scratch` in every step.
    fn buffers<'s>(&self, scratch: ScratchSlice<'s>) -> Result<Self::Buffers<'s>, ScratchTooSmall>;

    /// Forgets the window before.
    fn begin(&self, buffers: &mut Self::Buffers<'_>);

    /// Brings tokens `first` and perhaps `first + 1` into the stream.
    fn enter(&self, first: usize, tokens: &[Token<'_>], buffers: &mut Self::Buffers<'_>);

    /// Makes pass `pass` of a layer over `pair`, two of `tokens` tokens.
    fn pass(
        &self,
        layer: &Self::Layer,
        pass: u8,
        pair: Pair,
        tokens: usize,
        buffers: &mut Self::Buffers<'_>,
    );

    /// Adds the sums of a window of `tokens`, at least one, to `out`, zeros.
    fn leave(&self, tokens: usize, buffers: &mut Self::Buffers<'_>, out: &mut [i32; DIMENSIONS]);
}

/// The two tokens of a step; the same one twice if the last is alone.
pub(super) type Pair = [usize; 2];

/// The tokens of a pair, each once.
pub(super) fn distinct(pair: &Pair) -> &[usize] {
    match pair[0] == pair[1] {
        true => &pair[..1],
        false => pair,
    }
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A part of a window.
    Part,
    /// The sums of a window of this many tokens.
    Window(u32),
    /// Nothing: there was no window left.
    Nothing,
}

/// A body on its way through the windows of a text.
#[derive(Debug)]
pub(super) struct Walk<'e, 't, B: Body> {
    body: &'e B,
    /// The layer found last: to search an image takes as long as a small matrix.
    layer: Option<(u8, B::Layer)>,
    stage: Stage<'t>,
    /// L: tokens of the window so far, at last all.
    tokens: usize,
    /// First token of the next pair.
    next: usize,
}

#[derive(Clone, Debug)]
enum Stage<'t> {
    Rest,
    Enter(Take<Tokens<'t>>),
    Pass { layer: u8, pass: u8 },
    Leave,
}

impl<B: Body> Clone for Walk<'_, '_, B> {
    fn clone(&self) -> Self {
        Self {
            stage: self.stage.clone(),
            ..*self
        }
    }
}

impl<'e, 't, B: Body> Walk<'e, 't, B> {
    pub(super) fn new(body: &'e B) -> Self {
        Self {
            body,
            layer: None,
            stage: Stage::Rest,
            tokens: 0,
            next: 0,
        }
    }

    /// Makes a step; `out` holds the sums of a window when it is done.
    pub(super) fn step(
        &mut self,
        windows: &mut Windows<'t>,
        scratch: ScratchSlice<'_>,
        out: &mut [i32; DIMENSIONS],
    ) -> Result<Step, ScratchTooSmall> {
        let mut buffers = self.body.buffers(scratch)?;
        if let Stage::Rest = self.stage {
            let Some(window) = windows.next() else {
                return Ok(Step::Nothing);
            };
            self.body.begin(&mut buffers);
            self.stage = Stage::Enter(window);
            self.tokens = 0;
        }
        match &mut self.stage {
            Stage::Enter(window) => {
                let tokens = [window.next(), window.next()];
                self.enter(tokens, &mut buffers);
            }
            &mut Stage::Pass { layer, pass } => {
                let pair = [self.next, (self.next + 1).min(self.tokens - 1)];
                if let Some(layer) = self.layer(layer) {
                    self.body
                        .pass(&layer, pass, pair, self.tokens, &mut buffers);
                }
                self.advance(layer, pass);
            }
            Stage::Leave | Stage::Rest => {
                out.fill(0);
                if self.tokens > 0 {
                    self.body.leave(self.tokens, &mut buffers, out);
                }
                self.stage = Stage::Rest;
                return Ok(Step::Window(self.tokens as u32));
            }
        }
        Ok(Step::Part)
    }

    fn enter(&mut self, tokens: [Option<Token<'t>>; 2], buffers: &mut B::Buffers<'_>) {
        match tokens {
            [Some(first), Some(second)] => {
                self.body.enter(self.tokens, &[first, second], buffers);
                self.tokens += 2;
                return;
            }
            [Some(last), None] => {
                self.body.enter(self.tokens, &[last], buffers);
                self.tokens += 1;
            }
            [None, _] => {}
        }
        self.next = 0;
        self.stage = match self.tokens {
            0 => Stage::Leave,
            _ => Stage::Pass { layer: 0, pass: 0 },
        };
    }

    fn layer(&mut self, number: u8) -> Option<B::Layer> {
        match self.layer {
            Some((found, layer)) if found == number => Some(layer),
            _ => {
                let layer = self.body.layer(number)?;
                self.layer = Some((number, layer));
                Some(layer)
            }
        }
    }

    /// To the next pair, or to the next pass after the last.
    fn advance(&mut self, layer: u8, pass: u8) {
        self.next += 2;
        if self.next < self.tokens {
            return;
        }
        self.next = 0;
        self.stage = if pass + 1 < B::PASSES_A_LAYER {
            Stage::Pass {
                layer,
                pass: pass + 1,
            }
        } else if layer + 1 < self.body.layers() {
            Stage::Pass {
                layer: layer + 1,
                pass: 0,
            }
        } else {
            Stage::Leave
        };
    }
}
