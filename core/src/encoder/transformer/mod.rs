//! The transformer in integers, one pair of tokens a step.
//!
//! A window goes through these steps; matrices are read once for two tokens.
//!
//! ```text
//! enter      words to rows, rows to the residual stream          a step for two tokens
//! remember   a layer's keys and values of all tokens              a step for two tokens
//! mix        a layer's attention and feed-forward part            a step for two tokens
//! leave      pooling, the last matrix, the bag's way              one step
//! ```
//!
//! An odd token at the end is computed twice, in both places of the pair.

pub(super) mod buffers;
mod enter;
mod layer;
mod leave;
pub(super) mod reference;
mod weights;

use super::Progress;
use super::config::{FrontEnd, WordsConfig};
use super::scratch::{ScratchSlice, ScratchTooSmall};
use crate::embedding::DIMENSIONS;
use crate::text::Words;
use buffers::Buffers;
use core::iter::Take;
pub(super) use reference::TransformerReference;
use weights::LayerWeights;
pub(super) use weights::TransformerWeights;

/// Where a window stands.
#[derive(Clone, Debug)]
pub(super) struct Walk<'m, 't> {
    words: Take<Words<'t>>,
    /// The layer found last: to search an image takes as long as a small matrix.
    layer: Option<(u8, LayerWeights<'m>)>,
    /// L: tokens so far, at last all.
    tokens: usize,
    stage: Stage,
    /// First token of the next pair.
    next: usize,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Enter,
    Remember(u8),
    Mix(u8),
    Leave,
}

/// The two tokens of a step; the same one twice if the last is alone.
type Pair = [usize; 2];

impl<'m, 't> Walk<'m, 't> {
    pub(super) fn new(words: Take<Words<'t>>) -> Self {
        Self {
            words,
            layer: None,
            tokens: 0,
            stage: Stage::Enter,
            next: 0,
        }
    }

    /// How many words the window has, once it is done.
    pub(super) fn words(&self) -> u32 {
        self.tokens as u32
    }

    /// Makes a step; `out` holds the sums of the window's embedding when it is done.
    pub(super) fn step(
        &mut self,
        weights: &TransformerWeights<'m>,
        front: &WordsConfig,
        scratch: ScratchSlice<'_>,
        out: &mut [i32; DIMENSIONS],
    ) -> Result<Progress, ScratchTooSmall> {
        let mut buffers = Buffers::of(&weights.config, front, scratch)?;
        match self.stage {
            Stage::Enter => self.enter(weights, &mut buffers),
            Stage::Remember(layer) => {
                let pair = self.pair();
                if let Some(layer) = self.layer(weights, layer) {
                    layer.remember(&weights.config, pair, &mut buffers);
                }
                self.advance(Stage::Mix(layer));
            }
            Stage::Mix(layer) => {
                let pair = self.pair();
                if let Some(layer) = self.layer(weights, layer) {
                    layer.mix(&weights.config, pair, self.tokens, &mut buffers);
                }
                let last = layer + 1 == weights.config.layers;
                self.advance(if last {
                    Stage::Leave
                } else {
                    Stage::Remember(layer + 1)
                });
            }
            Stage::Leave => {
                if self.tokens > 0 {
                    leave::leave(weights, self.tokens, &mut buffers, out);
                }
                return Ok(Progress::Done);
            }
        }
        Ok(Progress::More)
    }

    fn enter(&mut self, weights: &TransformerWeights<'_>, buffers: &mut Buffers<'_>) {
        if self.tokens == 0 {
            buffers.bag.fill(0);
        }
        let mut entered = 0;
        while entered < 2 {
            let Some(word) = self.words.next() else { break };
            enter::normalise_word(weights, word, entered, buffers);
            entered += 1;
        }
        if entered > 0 {
            enter::to_stream(weights, self.tokens, entered, buffers);
            self.tokens += entered;
        }
        if entered < 2 {
            self.stage = match self.tokens {
                0 => Stage::Leave,
                _ => Stage::Remember(0),
            };
        }
    }

    /// Layer `number`; every encoder has found it before.
    fn layer(&mut self, weights: &TransformerWeights<'m>, number: u8) -> Option<LayerWeights<'m>> {
        match self.layer {
            Some((found, layer)) if found == number => Some(layer),
            _ => {
                let layer = weights.layer(number).ok()?;
                self.layer = Some((number, layer));
                Some(layer)
            }
        }
    }

    fn pair(&self) -> Pair {
        [self.next, (self.next + 1).min(self.tokens - 1)]
    }

    /// To the next pair, or to `stage` after the last.
    fn advance(&mut self, stage: Stage) {
        self.next += 2;
        if self.next >= self.tokens {
            self.next = 0;
            self.stage = stage;
        }
    }
}

/// The word front end of a transformer.
pub(super) const fn words_config(front: &FrontEnd) -> &WordsConfig {
    let FrontEnd::Words(front) = front;
    front
}
