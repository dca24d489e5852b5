//! A record that comes in parts, for lines on which long frames seldom arrive whole.

use crate::memory::Memories;
use memt_core::link::{Done, Refusal};

/// How far a record has come; its bytes lie in the memory's scratch, so anything else that is done in
/// between ends it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    whole: usize,
    received: usize,
}

impl Parts {
    /// Takes the part that begins at `offset`, of a record of `whole` bytes; the last part takes in the record.
    pub(super) fn put(
        &mut self,
        memory: &mut impl Memories,
        whole: usize,
        offset: usize,
        part: &[u8],
    ) -> Result<Done, Refusal> {
        if offset == 0 {
            *self = Self { whole, received: 0 };
        }
        let end = offset + part.len();
        if (offset, whole) != (self.received, self.whole) || end > whole || part.is_empty() {
            let received = self.received as u32;
            return Err(Refusal::RecordGap { received });
        }
        memory.put_part(offset, part)?;
        self.received = end;
        if end < whole {
            return Ok(Done::Changed(end as u32));
        }
        *self = Self::default();
        memory.take_parts(whole).map(Done::Taken)
    }
}
