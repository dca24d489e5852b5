//! Flash for a second model.

use crate::nor::Nor;
use embedded_storage::nor_flash::NorFlash;
use memt_app::Region;

/// Flash for a second model, seen by the processor as a copy that is never freed.
#[derive(Clone, Debug)]
pub struct SecondRegion<F = Nor>(pub F);

impl<F: NorFlash + Clone> Region for SecondRegion<F> {
    type Flash = F;

    fn flash(&mut self) -> Option<&mut F> {
        Some(&mut self.0)
    }

    fn mapped(&self, bytes: u32) -> &'static [u8] {
        // A page of zeros in front is long enough to begin at a multiple of 16.
        let bytes = (bytes as usize).min(self.0.capacity());
        let mut copy = vec![0; bytes + 16];
        let start = copy.as_ptr().align_offset(16).min(16);
        let mut flash = self.0.clone();
        if flash.read(0, &mut copy[start..][..bytes]).is_err() {
            return &[];
        }
        &copy.leak()[start..][..bytes]
    }
}
