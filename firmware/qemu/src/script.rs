//! What a program is asked to do: texts in the mailbox's third file.
//!
//! ```text
//! texts      u32 count, then per text: u32 bytes, UTF-8
//! questions  u32 most hits a question, u32 mode (0 fused, 1 dense, 2 lexical), then texts
//! ```
//!
//! All numbers are little-endian.

use core::fmt;
use memt_core::score::Mode;

/// The most hits that may be asked for.
pub const HITS_MAX: usize = 16;

/// Texts, first to last. After the last one, bytes left over are an error.
#[derive(Clone, Debug)]
pub struct Texts<'s> {
    script: &'s [u8],
    at: usize,
    left: u32,
    failed: bool,
}

impl<'s> Texts<'s> {
    /// Reads the number of texts.
    ///
    /// # Errors
    /// [`ScriptError::Short`] if there is none.
    pub fn open(script: &'s [u8]) -> Result<Self, ScriptError> {
        Self::open_at(script, 0)
    }

    fn open_at(script: &'s [u8], mut at: usize) -> Result<Self, ScriptError> {
        let left = take_u32(script, &mut at)?;
        Ok(Self {
            script,
            at,
            left,
            failed: false,
        })
    }

    fn read(&mut self) -> Result<&'s str, ScriptError> {
        let bytes = take_u32(self.script, &mut self.at)? as usize;
        let start = self.at;
        let text = take(self.script, &mut self.at, bytes)?;
        core::str::from_utf8(text).map_err(|_| ScriptError::NotUtf8 { offset: start })
    }
}

impl<'s> Iterator for Texts<'s> {
    type Item = Result<&'s str, ScriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = if self.left > 0 {
            self.left -= 1;
            self.read()
        } else if self.at < self.script.len() {
            Err(ScriptError::Excess { offset: self.at })
        } else {
            return None;
        };
        self.failed = next.is_err();
        Some(next)
    }
}

/// Questions to a bank and how to answer them.
#[derive(Clone, Debug)]
pub struct Questions<'s> {
    /// The most hits a question, at most [`HITS_MAX`].
    pub hits: usize,
    /// Which evidence counts.
    pub mode: Mode,
    /// The questions.
    pub texts: Texts<'s>,
}

impl<'s> Questions<'s> {
    /// Reads everything before the first question.
    ///
    /// # Errors
    /// [`ScriptError::Short`], [`ScriptError::Hits`] and [`ScriptError::Mode`].
    pub fn open(script: &'s [u8]) -> Result<Self, ScriptError> {
        let mut at = 0;
        let hits = take_u32(script, &mut at)? as usize;
        if hits > HITS_MAX {
            return Err(ScriptError::Hits { hits });
        }
        let mode = match take_u32(script, &mut at)? {
            0 => Mode::Fused,
            1 => Mode::Dense,
            2 => Mode::Lexical,
            mode => return Err(ScriptError::Mode { mode }),
        };
        let texts = Texts::open_at(script, at)?;
        Ok(Self { hits, mode, texts })
    }
}

fn take<'s>(script: &'s [u8], at: &mut usize, bytes: usize) -> Result<&'s [u8], ScriptError> {
    let short = ScriptError::Short {
        bytes: script.len(),
        needed: at.saturating_add(bytes),
    };
    let taken = script[*at..].get(..bytes).ok_or(short)?;
    *at += bytes;
    Ok(taken)
}

fn take_u32(script: &[u8], at: &mut usize) -> Result<u32, ScriptError> {
    let mut number = [0; 4];
    number.copy_from_slice(take(script, at, 4)?);
    Ok(u32::from_le_bytes(number))
}

/// Why a script cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptError {
    /// The script ends early.
    Short {
        /// Bytes of the script.
        bytes: usize,
        /// Bytes that it should have at least.
        needed: usize,
    },
    /// The script goes on after the last text.
    Excess {
        /// Where it should end.
        offset: usize,
    },
    /// A text is not UTF-8.
    NotUtf8 {
        /// Where the text begins.
        offset: usize,
    },
    /// More hits than [`HITS_MAX`].
    Hits {
        /// The number found.
        hits: usize,
    },
    /// No such mode.
    Mode {
        /// The number found.
        mode: u32,
    },
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { bytes, needed } => write!(
                formatter,
                "the script has {bytes} bytes where {needed} are needed: give one with --script"
            ),
            Self::Excess { offset } => {
                write!(formatter, "the script should end after {offset} bytes")
            }
            Self::NotUtf8 { offset } => {
                write!(formatter, "the script's text at byte {offset} is not UTF-8")
            }
            Self::Hits { hits } => {
                write!(
                    formatter,
                    "the script asks for {hits} hits, at most {HITS_MAX} are possible"
                )
            }
            Self::Mode { mode } => {
                write!(
                    formatter,
                    "the script asks for mode {mode}, known are 0 to 2"
                )
            }
        }
    }
}

impl core::error::Error for ScriptError {}

#[cfg(test)]
mod tests {
    use super::{Questions, ScriptError, Texts};
    use memt_core::score::Mode;

    const TWO: [u8; 14] = [2, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0];

    #[test]
    fn texts_come_in_order() {
        let mut texts = Texts::open(&TWO).unwrap();
        assert_eq!(texts.next(), Some(Ok("é")));
        assert_eq!(texts.next(), Some(Ok("")));
        assert_eq!(texts.next(), None);
    }

    #[test]
    fn damage_is_named_once() {
        let mut short = Texts::open(&TWO[..12]).unwrap();
        assert_eq!(short.next(), Some(Ok("é")));
        let error = ScriptError::Short {
            bytes: 12,
            needed: 14,
        };
        assert_eq!(short.next(), Some(Err(error)));
        assert_eq!(short.next(), None);
        let excess = [0, 0, 0, 0, 7];
        let error = ScriptError::Excess { offset: 4 };
        assert_eq!(Texts::open(&excess).unwrap().next(), Some(Err(error)));
        let text = [1, 0, 0, 0, 1, 0, 0, 0, 0xff];
        let error = ScriptError::NotUtf8 { offset: 8 };
        assert_eq!(Texts::open(&text).unwrap().next(), Some(Err(error)));
        assert!(Texts::open(&[]).is_err());
    }

    #[test]
    fn questions_say_how_to_answer() {
        let script = [5, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, b'a'];
        let mut questions = Questions::open(&script).unwrap();
        assert_eq!((questions.hits, questions.mode), (5, Mode::Lexical));
        assert_eq!(questions.texts.next(), Some(Ok("a")));
        let wrong = [5, 0, 0, 0, 3, 0, 0, 0];
        let error = ScriptError::Mode { mode: 3 };
        assert_eq!(Questions::open(&wrong).err(), Some(error));
        let error = ScriptError::Hits { hits: 17 };
        assert_eq!(Questions::open(&[17, 0, 0, 0]).err(), Some(error));
    }
}
