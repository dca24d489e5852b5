//! What the programs keep in static memory, in the sizes of a product.

use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, EncoderError, Image, Scratch};
use memt_core::slot::Slot;

/// Bytes of scratch that is left beside [`DeviceBank`] in its share of RAM: shipped models do with it.
pub const SCRATCH_BYTES: usize = 19_024;

/// Bytes of scratch for any model that the machines are tested with: published ones too.
pub const LARGE_SCRATCH_BYTES: usize = 160 * 1024;

/// The bank that the sizes in the documentation speak of: 200 memories of up to 200 bytes and 32 distinct terms.
pub type DeviceBank = Bank<200, 200, 32>;

/// Bytes of one of its memories.
pub const SLOT_BYTES: usize = size_of::<Slot<200, 32>>();

/// RAM for such a bank and an encoding, in bytes: what a product gives away.
pub const DEVICE_BYTES: usize = size_of::<DeviceBank>() + size_of::<Scratch<SCRATCH_BYTES>>();

/// The same for 128 memories.
pub const SMALL_DEVICE_BYTES: usize =
    size_of::<Bank<128, 200, 32>>() + size_of::<Scratch<SCRATCH_BYTES>>();

// A bank is a few words larger where pointers are.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(DEVICE_BYTES <= 124 * 1024);
const _: () = assert!(SMALL_DEVICE_BYTES <= 92 * 1024);

/// Checks a model image and finds its weights.
///
/// # Errors
/// Those of [`Image::open`] and [`Encoder::new`].
pub fn open_encoder(model: &'static [u8]) -> Result<Encoder<'static>, EncoderError> {
    Encoder::new(Image::open(model)?)
}
