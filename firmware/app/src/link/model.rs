//! A model image on its way into the second region of flash.

use crate::board::Region;
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use memt_core::encoder::{Encoder, EncoderError, Fingerprint, Image};
use memt_core::link::{ModelState, Refusal};

/// The largest unit of writing that a flash may have.
const WORD_MAX: usize = 32;

/// How far an image has come.
#[derive(Debug, Default)]
pub(crate) struct ModelTransfer {
    bytes: u32,
    fingerprint: Fingerprint,
    received: u32,
}

impl ModelTransfer {
    pub(crate) fn state<R: Region>(&self, region: &mut R, active: bool) -> ModelState {
        let capacity = region.flash().map_or(0, |flash| flash.capacity() as u32);
        ModelState {
            capacity,
            bytes: self.bytes,
            fingerprint: self.fingerprint,
            received: self.received,
            active,
        }
    }

    /// Expects an image, and goes on with it if it is the one that was expected.
    pub(crate) fn begin<R: Region>(
        &mut self,
        region: &mut R,
        bytes: u32,
        fingerprint: Fingerprint,
    ) -> Result<(), Refusal> {
        let flash = region.flash().ok_or(Refusal::NoRegion)?;
        let capacity = flash.capacity() as u32;
        if bytes > capacity {
            return Err(Refusal::ModelTooLong { bytes, capacity });
        }
        if (self.bytes, self.fingerprint) != (bytes, fingerprint) {
            *self = Self {
                bytes,
                fingerprint,
                received: 0,
            };
        }
        Ok(())
    }

    /// Writes the next piece, whose length is a multiple of the flash's unit unless it is the last. A
    /// piece that came before changes nothing.
    pub(crate) fn write<R: Region>(
        &mut self,
        region: &mut R,
        offset: u32,
        piece: &[u8],
    ) -> Result<(), Refusal> {
        let flash = region.flash().ok_or(Refusal::NoRegion)?;
        let gap = Refusal::ModelGap {
            received: self.received,
        };
        let end = offset.checked_add(piece.len() as u32).ok_or(gap)?;
        if end <= self.received {
            return Ok(());
        }
        let word = R::Flash::WRITE_SIZE as u32;
        if offset != self.received || end > self.bytes || (end < self.bytes && end % word != 0) {
            return Err(gap);
        }
        program(flash, offset, piece).ok_or(Refusal::Flash)?;
        self.received = end;
        Ok(())
    }

    /// Checks every byte of the image.
    pub(crate) fn verify<R: Region>(&self, region: &R, scratch: usize) -> Result<(), Refusal> {
        if self.bytes == 0 || self.received != self.bytes {
            return Err(Refusal::ModelGap {
                received: self.received,
            });
        }
        let image = Image::open(region.mapped(self.bytes)).map_err(|_| Refusal::ModelDamaged)?;
        let whole = image.bytes().len() == self.bytes as usize && image.verify_fingerprint();
        if !whole || image.fingerprint() != self.fingerprint {
            return Err(Refusal::ModelDamaged);
        }
        let needed = image.config().scratch_bytes();
        if needed > scratch {
            return Err(Refusal::ModelScratch {
                given: scratch as u32,
                needed: needed as u32,
            });
        }
        match Encoder::new(image) {
            Ok(_) => Ok(()),
            Err(EncoderError::NoConvolutions) => Err(Refusal::Unsupported),
            Err(_) => Err(Refusal::ModelDamaged),
        }
    }

    pub(crate) fn bytes(&self) -> u32 {
        self.bytes
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// Writes a piece; erases every page that it enters at its start.
fn program<F: NorFlash>(flash: &mut F, offset: u32, piece: &[u8]) -> Option<()> {
    let page = F::ERASE_SIZE as u32;
    let end = offset + piece.len() as u32;
    let mut start = offset.next_multiple_of(page);
    while start < end {
        flash.erase(start, start + page).ok()?;
        start += page;
    }
    let whole = piece.len() - piece.len() % F::WRITE_SIZE;
    let (words, rest) = piece.split_at(whole);
    flash.write(offset, words).ok()?;
    if !rest.is_empty() {
        let mut word = [0xff; WORD_MAX];
        let word = word.get_mut(..F::WRITE_SIZE)?;
        word[..rest.len()].copy_from_slice(rest);
        flash.write(offset + whole as u32, word).ok()?;
    }
    Some(())
}
