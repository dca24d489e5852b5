//! Working memory of an encoding, owned by the caller.

use bytemuck::{Pod, Zeroable};

/// Less scratch than the model needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScratchTooSmall {
    /// Bytes given.
    pub given: usize,
    /// Bytes needed, [`Config::scratch_bytes`](super::Config::scratch_bytes).
    pub needed: usize,
}

impl core::fmt::Display for ScratchTooSmall {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { given, needed } = self;
        write!(
            formatter,
            "scratch of {given} bytes, the model needs {needed}"
        )
    }
}

impl core::error::Error for ScratchTooSmall {}

/// `BYTES` bytes that encoders divide among themselves. All zero when new, so a `static` one lies in
/// `.bss`.
#[repr(C, align(16))]
#[derive(Clone, Debug)]
pub struct Scratch<const BYTES: usize> {
    bytes: [u8; BYTES],
}

impl<const BYTES: usize> Scratch<BYTES> {
    /// Scratch of zeros.
    pub const fn new() -> Self {
        Self { bytes: [0; BYTES] }
    }

    /// The whole of it, for functions that do not care about its size in the type.
    pub fn as_mut(&mut self) -> ScratchSlice<'_> {
        ScratchSlice {
            bytes: &mut self.bytes,
        }
    }
}

impl<const BYTES: usize> Default for Scratch<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed scratch, aligned to 16 bytes at its start.
#[derive(Debug)]
pub struct ScratchSlice<'s> {
    bytes: &'s mut [u8],
}

impl<'s> ScratchSlice<'s> {
    /// Bytes left.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The same scratch for a shorter time.
    pub fn reborrow(&mut self) -> ScratchSlice<'_> {
        ScratchSlice { bytes: self.bytes }
    }

    /// All that is left, as bytes.
    pub fn into_bytes(self) -> &'s mut [u8] {
        self.bytes
    }

    /// Cuts `count` numbers off the front and zeroes them.
    pub fn take<T: Pod + Zeroable>(
        &mut self,
        count: usize,
    ) -> Result<&'s mut [T], ScratchTooSmall> {
        let numbers = self.take_as_left(count)?;
        numbers.fill(T::zeroed());
        Ok(numbers)
    }

    /// Cuts `count` numbers off the front, as an earlier step left them.
    pub fn take_as_left<T: Pod>(&mut self, count: usize) -> Result<&'s mut [T], ScratchTooSmall> {
        let needed = count * size_of::<T>();
        let given = self.bytes.len();
        let bytes = core::mem::take(&mut self.bytes);
        let too_small = ScratchTooSmall { given, needed };
        let (front, rest) = bytes.split_at_mut_checked(needed).ok_or(too_small)?;
        self.bytes = rest;
        bytemuck::try_cast_slice_mut(front).map_err(|_| too_small)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divides_and_refuses() {
        let mut scratch = Scratch::<64>::new();
        let mut slice = scratch.as_mut();
        slice.take::<i32>(8).unwrap()[7] = 5;
        assert_eq!(slice.take::<i16>(16).unwrap().len(), 16);
        assert_eq!(
            slice.take::<u8>(1),
            Err(ScratchTooSmall {
                given: 0,
                needed: 1
            })
        );
        assert_eq!(scratch.as_mut().take::<i32>(16).unwrap()[7], 0);
    }
}
