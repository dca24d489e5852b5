//! Bytes at an address that model images accept.

/// Bytes that begin at a multiple of 16.
#[derive(Clone, Debug)]
pub struct AlignedBytes {
    words: Vec<u128>,
    length: usize,
}

impl AlignedBytes {
    /// A copy of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut aligned = Self::zeros(bytes.len());
        aligned.as_mut().copy_from_slice(bytes);
        aligned
    }

    /// `length` zeros.
    pub fn zeros(length: usize) -> Self {
        const { assert!(align_of::<u128>() == 16) };
        Self {
            words: vec![0; length.div_ceil(16)],
            length,
        }
    }
}

impl AsRef<[u8]> for AlignedBytes {
    fn as_ref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length]
    }
}

impl AsMut<[u8]> for AlignedBytes {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.length]
    }
}
