//! From flash and a model to a memory.

use super::kept::Kept;
use super::{Memory, divided};
use crate::board::Region;
use crate::start::{Settings, StartError};
use crate::store::{ChosenModel, Places, Store, StoreError};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Image, Scratch};

impl<
    's,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize,
> Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH, JUDGED>
{
    /// Reads flash into the bank and finds the model: the chosen one, or the one in the program where none
    /// is chosen or the chosen one is damaged. Memories that another model has encoded are encoded anew.
    pub(crate) fn open(
        flash: F,
        region: &impl Region,
        bank: &'s mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &'s mut Places<SLOTS, JUDGED>,
        scratch: &'s mut Scratch<SCRATCH>,
        settings: &Settings,
    ) -> Result<Self, StartError> {
        let mut encoder = encoder_of(settings.model)?;
        let mut store = Store::open::<SLOTS, TEXT, JUDGED>(flash, settings.origin)?;
        let (buffer, _) = divided(scratch, TEXT);
        bank.rebind(encoder.fingerprint());
        store.load(bank, places, encoder.fingerprint(), buffer)?;
        if let Some(other) = store.model().and_then(|chosen| mapped(region, chosen)) {
            encoder = other;
            bank.rebind(encoder.fingerprint());
            store.load(bank, places, encoder.fingerprint(), buffer)?;
        }
        let needed = encoder.image().config().scratch_bytes();
        if needed > SCRATCH {
            return Err(StartError::Scratch {
                given: SCRATCH,
                needed,
            });
        }
        let mut memory = Self {
            bank,
            scratch,
            encoder,
            kept: Kept::new(store, places),
        };
        memory.encode_anew()?;
        Ok(memory)
    }

    /// Encodes the memories of another model, each durably before the next.
    fn encode_anew(&mut self) -> Result<(), StoreError> {
        while let Some(position) = self.kept.places.of_other_model() {
            let slot = self.bank.at(position).ok_or(StoreError::Capacity)?;
            let encoded = self.encoder.encode(slot.text, self.scratch);
            let embedding = encoded.map_err(|error| StoreError::Buffer {
                needed: error.needed,
            })?;
            self.bank.reencode(position, &embedding);
            let (buffer, _) = divided(self.scratch, TEXT);
            let Kept { store, places, .. } = &mut self.kept;
            store.changed(self.bank, places, position, buffer)?;
        }
        Ok(())
    }
}

fn encoder_of(model: &'static [u8]) -> Result<Encoder<'static>, StartError> {
    let image = Image::open(model).map_err(|error| StartError::Model(error.into()))?;
    Encoder::new(image).map_err(StartError::Model)
}

/// The chosen model, if it is whole.
fn mapped(region: &impl Region, chosen: ChosenModel) -> Option<Encoder<'static>> {
    let encoder = encoder_of(region.mapped(chosen.bytes)).ok()?;
    (encoder.fingerprint() == chosen.fingerprint).then_some(encoder)
}
