//! Everything that a memory consists of, in one value that lies where the caller says.

use crate::failure::Failure;
use crate::sizes::{MEMT_HITS_MAX, MEMT_SCRATCH_BYTES, MEMT_SLOTS, MEMT_TERMS, MEMT_TEXT_BYTES};
use crate::types::{Hit, QueryOptions};
use core::fmt::Write;
use memt_core::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::{Encoder, Fingerprint, Image, Scratch};
use memt_core::query;
use memt_core::slot::{Factor, Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::{self, ImportReport, MemoryRecord, Record, Writer};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull, WriteReport};

/// The bank of the chosen size.
type TextBank = Bank<MEMT_SLOTS, MEMT_TEXT_BYTES, MEMT_TERMS>;

/// The scratch of the chosen size.
type TextScratch = Scratch<MEMT_SCRATCH_BYTES>;

/// Bytes that the longest error text takes, its final zero included; a longer one is cut.
const ERROR_BYTES: usize = 160;

/// Bytes of a record besides its text: embedding, facts, lengths and checksum.
const RECORD_EXTRA_BYTES: usize = 256;
const RECORD_BYTES: usize = MEMT_TEXT_BYTES + RECORD_EXTRA_BYTES;
const _: () = assert!(
    RECORD_BYTES <= MEMT_SCRATCH_BYTES,
    "an export needs MEMT_SCRATCH_BYTES of at least MEMT_TEXT_BYTES + 256"
);

/// Bank, scratch, encoder and the text of the last error.
#[derive(Debug)]
pub struct State {
    pub(crate) bank: TextBank,
    pub(crate) scratch: TextScratch,
    pub(crate) encoder: Option<Encoder<'static>>,
    pub(crate) error: ErrorText,
}

/// A text that ends with a zero byte.
#[derive(Debug)]
pub struct ErrorText {
    bytes: [u8; ERROR_BYTES],
    length: usize,
}

impl ErrorText {
    /// No text.
    pub const fn new() -> Self {
        Self {
            bytes: [0; ERROR_BYTES],
            length: 0,
        }
    }

    /// The bytes, the last of which is zero.
    pub fn with_zero(&self) -> &[u8] {
        &self.bytes[..=self.length]
    }

    fn set(&mut self, failure: &Failure) {
        *self = Self::new();
        // The text is cut where it no longer fits, which is not a failure.
        let _ = write!(self, "{failure}");
    }
}

impl Default for ErrorText {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for ErrorText {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = ERROR_BYTES - 1 - self.length;
        let part = &text[..text.floor_char_boundary(room)];
        self.bytes[self.length..][..part.len()].copy_from_slice(part.as_bytes());
        self.length += part.len();
        Ok(())
    }
}

impl State {
    /// Keeps a failure's text for `memt_error`.
    pub fn note(&mut self, failure: &Failure) {
        self.error.set(failure);
    }

    /// Encodes with `model` from now on.
    ///
    /// # Errors
    /// The image is damaged or of another version, needs more scratch than there is, or the bank holds memories of
    /// another embedding space. The model in use stays.
    pub fn use_model(&mut self, model: &'static [u8]) -> Result<(), Failure> {
        let image = Image::open(model).map_err(|error| Failure::Model(error.into()))?;
        let encoder = Encoder::new(image).map_err(Failure::Model)?;
        // An empty text costs nothing and asks for all of the scratch.
        encoder
            .encode("", &mut self.scratch)
            .map_err(Failure::Scratch)?;
        self.bank
            .bind(encoder.fingerprint())
            .map_err(Failure::OtherModel)?;
        self.encoder = Some(encoder);
        Ok(())
    }

    /// The embedding space in use.
    ///
    /// # Errors
    /// No model is in use.
    pub fn fingerprint(&self) -> Result<Fingerprint, Failure> {
        self.encoder
            .as_ref()
            .map(Encoder::fingerprint)
            .ok_or(Failure::NoModel)
    }

    /// The embedding of any text.
    ///
    /// # Errors
    /// No model is in use.
    pub fn encode(&mut self, text: &str) -> Result<Embedding, Failure> {
        let encoder = self.encoder.as_ref().ok_or(Failure::NoModel)?;
        encoder
            .encode(text, &mut self.scratch)
            .map_err(Failure::Scratch)
    }

    /// Encodes and writes a memory, tells it from similar ones and its nearest rival from it.
    ///
    /// # Errors
    /// Those of [`Bank::add`]; nothing changes then.
    pub fn add(
        &mut self,
        owner: Owner,
        text: &str,
        created: Timestamp,
        importance: Factor,
        when_full: WhenFull,
    ) -> Result<WriteReport, Failure> {
        let embedding = &self.encode(text)?;
        let memory = NewMemory {
            owner,
            text,
            embedding,
            created,
            importance,
        };
        let mut report = self.bank.add(&memory, when_full).map_err(Failure::Add)?;
        let encoder = self.encoder.as_ref().ok_or(Failure::NoModel)?;
        let encode = |text: &str| encoder.encode(text, &mut self.scratch);
        let learned = self.bank.learn(report.key, FitWeights::default(), encode);
        if let Some(learned) = learned.map_err(Failure::Scratch)? {
            report.verification = learned.fit.verification;
        }
        Ok(report)
    }

    /// Rehearses a memory and fits it anew among the others; says whether it is there.
    ///
    /// # Errors
    /// No model is in use.
    pub fn replay(&mut self, key: Key, now: Timestamp) -> Result<bool, Failure> {
        let encoder = self.encoder.as_ref().ok_or(Failure::NoModel)?;
        let encode = |text: &str| encoder.encode(text, &mut self.scratch);
        let refitted = self.bank.refit(key, FitWeights::default(), encode);
        refitted.map_err(Failure::Scratch)?;
        Ok(self.bank.replay(key, now))
    }

    /// Encodes a question and calls `take` with each of the best hits, best first; gives their number.
    ///
    /// # Errors
    /// Those of [`Bank::query`]; `most` exceeds [`MEMT_HITS_MAX`]; there is no such mode.
    pub fn query(
        &mut self,
        text: &str,
        options: &QueryOptions,
        most: usize,
        mut take: impl FnMut(usize, Hit),
    ) -> Result<usize, Failure> {
        let mut hits = [query::Hit::default(); MEMT_HITS_MAX];
        let hits = hits.get_mut(..most).ok_or(Failure::OutOfRange {
            name: "capacity",
            given: most,
            limit: MEMT_HITS_MAX,
        })?;
        let options = options.to_core().ok_or(Failure::OutOfRange {
            name: "mode",
            given: options.mode as usize,
            limit: crate::types::MEMT_MODE_LEXICAL as usize,
        })?;
        let embedding = self.encode(text)?;
        let found = self
            .bank
            .query(text, &embedding, &options, hits)
            .map_err(Failure::Query)?;
        for (index, hit) in hits[..found].iter().enumerate() {
            take(index, hit.into());
        }
        Ok(found)
    }

    /// The memory at a place from old to new.
    ///
    /// # Errors
    /// There are not so many.
    pub fn at(&self, index: usize) -> Result<SlotView<'_>, Failure> {
        self.bank.owned_by(None).nth(index).ok_or(Failure::NotFound)
    }

    /// Gives `sink` the bytes of a snapshot, piece by piece, until it answers false.
    ///
    /// # Errors
    /// No model is in use; `sink` answered false.
    pub fn export(&mut self, mut sink: impl FnMut(&[u8]) -> bool) -> Result<(), Failure> {
        let fingerprint = self.bank.fingerprint().ok_or(Failure::NoModel)?;
        let count = self.bank.len() + self.bank.deletions().count();
        let mut send = |bytes: &[u8]| sink(bytes).then_some(()).ok_or(Failure::Stopped);
        let (mut writer, header) = Writer::begin(fingerprint, count as u32);
        send(&header)?;
        let buffer = self.scratch.as_mut().take::<u8>(RECORD_BYTES);
        let buffer = buffer.map_err(Failure::Scratch)?;
        let memories = self.bank.owned_by(None);
        let memories = memories.map(|slot| Record::Memory(MemoryRecord::of(slot, &[])));
        for record in memories.chain(self.bank.deletions().map(Record::Deletion)) {
            send(writer.record(&record, buffer).map_err(Failure::Write)?)?;
        }
        send(&writer.finish().map_err(Failure::Write)?)
    }

    /// Takes in the records of a snapshot from number `from` on.
    ///
    /// # Errors
    /// Those of [`snapshot::import`]; what came before the failing record is in the bank.
    pub fn import(&mut self, bytes: &[u8], from: u32) -> Result<ImportReport, Failure> {
        snapshot::import(&mut self.bank, bytes, from).map_err(Failure::Import)
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorText;
    use core::fmt::Write;

    #[test]
    fn a_long_error_is_cut_between_characters() {
        let mut text = ErrorText::new();
        for _ in 0..100 {
            text.write_str("äb").unwrap();
        }
        let bytes = text.with_zero();
        assert_eq!(bytes.last(), Some(&0));
        assert!(bytes.len() >= 158);
        assert!(core::str::from_utf8(&bytes[..bytes.len() - 1]).is_ok());
    }
}
