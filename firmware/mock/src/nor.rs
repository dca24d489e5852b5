//! NOR flash that insists on its rules and loses power at any byte.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// Parts of a page that erasing clears one after the other.
const ERASE_STEPS: usize = 8;

/// Flash with pages of `PAGE` bytes that are written in words of `WORD` bytes.
///
/// A word is written once between two erasures, and after that only with zeros, as flash with error
/// correction demands (ST RM0456, section 7.3.7). A step is a byte
/// of a write or an eighth of an erasure; when the budget of steps is used up, power is gone in the middle
/// and every further call fails.
#[derive(Clone, Debug)]
pub struct Nor<const PAGE: usize = 4096, const WORD: usize = 4> {
    bytes: Vec<u8>,
    /// Steps until power is lost.
    budget: Option<u64>,
    steps: u64,
    written: u64,
    erases: Vec<u32>,
    /// What was asked for, if it is recorded.
    trace: Option<Vec<Change>>,
}

/// A change of flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Bytes written from an offset on.
    Write(usize, Vec<u8>),
    /// The page of this number erased.
    Erase(usize),
}

impl Change {
    /// Steps that it takes.
    pub fn steps(&self) -> u64 {
        match self {
            Self::Write(_, bytes) => bytes.len() as u64,
            Self::Erase(_) => ERASE_STEPS as u64,
        }
    }
}

/// What a flash does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NorError {
    /// Power is gone.
    Power,
    /// Not whole words or pages.
    Alignment,
    /// Beyond the end.
    Bounds,
    /// A word was written before and would not become zeros.
    Rewritten {
        /// Where.
        offset: usize,
    },
}

impl NorFlashError for NorError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Alignment => NorFlashErrorKind::NotAligned,
            Self::Bounds => NorFlashErrorKind::OutOfBounds,
            _ => NorFlashErrorKind::Other,
        }
    }
}

impl<const PAGE: usize, const WORD: usize> Nor<PAGE, WORD> {
    /// Erased flash.
    pub fn new(pages: usize) -> Self {
        Self::of_bytes(vec![0xff; pages * PAGE])
    }

    /// Flash with this content.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self {
            erases: vec![0; bytes.len() / PAGE],
            bytes,
            budget: None,
            steps: 0,
            written: 0,
            trace: None,
        }
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How often each page was erased.
    pub fn erases(&self) -> &[u32] {
        &self.erases
    }

    /// Loses power after so many further steps; `None` never.
    pub fn lose_power_after(&mut self, steps: Option<u64>) {
        self.budget = steps.map(|steps| self.steps + steps);
    }

    /// Begins to record changes.
    pub fn record(&mut self) {
        self.trace = Some(Vec::new());
    }

    /// Ends the recording.
    pub fn recorded(&mut self) -> Vec<Change> {
        self.trace.take().unwrap_or_default()
    }

    /// Makes the first `steps` steps of a change.
    pub fn apply(&mut self, change: &Change, steps: u64) {
        let steps = steps.min(change.steps()) as usize;
        match change {
            Change::Write(offset, bytes) => {
                self.bytes[*offset..][..steps].copy_from_slice(&bytes[..steps]);
            }
            Change::Erase(page) => {
                self.bytes[page * PAGE..][..steps * PAGE / ERASE_STEPS].fill(0xff);
            }
        }
    }

    /// Turns a bit over, as age does.
    pub fn flip(&mut self, place: usize, bit: usize) {
        self.bytes[place] ^= 1 << bit;
    }

    fn step(&mut self) -> Result<(), NorError> {
        if self.budget.is_some_and(|budget| self.steps >= budget) {
            return Err(NorError::Power);
        }
        self.steps += 1;
        Ok(())
    }

    fn bounds(&self, offset: u32, length: usize) -> Result<usize, NorError> {
        let offset = offset as usize;
        match offset.checked_add(length) {
            Some(end) if end <= self.bytes.len() => Ok(offset),
            _ => Err(NorError::Bounds),
        }
    }
}

impl<const PAGE: usize, const WORD: usize> ErrorType for Nor<PAGE, WORD> {
    type Error = NorError;
}

impl<const PAGE: usize, const WORD: usize> ReadNorFlash for Nor<PAGE, WORD> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorError> {
        let offset = self.bounds(offset, bytes.len())?;
        bytes.copy_from_slice(&self.bytes[offset..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const PAGE: usize, const WORD: usize> NorFlash for Nor<PAGE, WORD> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorError> {
        let length = to.checked_sub(from).ok_or(NorError::Bounds)? as usize;
        let from = self.bounds(from, length)?;
        if !from.is_multiple_of(PAGE) || !length.is_multiple_of(PAGE) {
            return Err(NorError::Alignment);
        }
        for page in from / PAGE..(from + length) / PAGE {
            self.erases[page] += 1;
            if let Some(trace) = &mut self.trace {
                trace.push(Change::Erase(page));
            }
            for part in 0..ERASE_STEPS {
                self.step()?;
                let start = page * PAGE + part * PAGE / ERASE_STEPS;
                self.bytes[start..][..PAGE / ERASE_STEPS].fill(0xff);
            }
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorError> {
        let offset = self.bounds(offset, bytes.len())?;
        if !offset.is_multiple_of(WORD) || !bytes.len().is_multiple_of(WORD) {
            return Err(NorError::Alignment);
        }
        let before = self.bytes[offset..].chunks(WORD).zip(bytes.chunks(WORD));
        for (at, (old, new)) in before.enumerate() {
            let touched = old.iter().any(|&byte| byte != 0xff);
            if touched && new.iter().any(|&byte| byte != 0) {
                let offset = offset + at * WORD;
                return Err(NorError::Rewritten { offset });
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.push(Change::Write(offset, bytes.to_vec()));
        }
        for (at, &byte) in bytes.iter().enumerate() {
            self.step()?;
            self.bytes[offset + at] = byte;
            self.written += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_kept() {
        let mut flash = Nor::<64, 4>::new(2);
        assert_eq!(flash.write(2, &[0; 4]), Err(NorError::Alignment));
        assert_eq!(flash.write(0, &[0; 3]), Err(NorError::Alignment));
        assert_eq!(flash.write(124, &[0; 8]), Err(NorError::Bounds));
        assert_eq!(flash.erase(32, 64), Err(NorError::Alignment));
        flash.write(8, &[1, 2, 3, 4]).unwrap();
        assert_eq!(
            flash.write(8, &[0, 0, 0, 4]),
            Err(NorError::Rewritten { offset: 8 })
        );
        flash.write(8, &[0; 4]).unwrap();
        flash.erase(0, 64).unwrap();
        flash.write(8, &[9; 4]).unwrap();
        assert_eq!((flash.written(), flash.erases()), (12, &[1, 0][..]));
    }

    #[test]
    fn power_is_lost_at_a_step_and_a_trace_does_the_same() {
        let mut whole = Nor::<64, 4>::of_bytes(vec![0; 128]);
        whole.record();
        whole.erase(0, 128).unwrap();
        whole.write(0, &[7; 64]).unwrap();
        let trace = whole.recorded();
        for steps in 0..=whole.steps() {
            let mut cut = Nor::<64, 4>::of_bytes(vec![0; 128]);
            cut.lose_power_after(Some(steps));
            let result = cut.erase(0, 128).and_then(|()| cut.write(0, &[7; 64]));
            assert_eq!(result.is_ok(), steps == whole.steps());
            let mut applied = Nor::<64, 4>::of_bytes(vec![0; 128]);
            let mut left = steps;
            for change in &trace {
                applied.apply(change, left);
                left = left.saturating_sub(change.steps());
            }
            assert_eq!(cut.bytes(), applied.bytes(), "{steps}");
        }
    }
}
