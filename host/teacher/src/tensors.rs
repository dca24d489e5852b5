//! Weights from a safetensors file, as floats.
//!
//! Format: <https://github.com/huggingface/safetensors#format>.

use crate::TeacherError;
use ndarray::{Array1, Array2};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::{Path, PathBuf};

/// A whole file in memory.
pub(crate) struct TensorFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// The tensors of a file, by name.
pub(crate) struct Tensors<'a> {
    path: &'a Path,
    tensors: SafeTensors<'a>,
}

impl TensorFile {
    pub(crate) fn read(path: PathBuf) -> Result<Self, TeacherError> {
        let bytes = std::fs::read(&path).map_err(TeacherError::file(&path))?;
        Ok(Self { path, bytes })
    }

    pub(crate) fn tensors(&self) -> Result<Tensors<'_>, TeacherError> {
        let tensors = SafeTensors::deserialize(&self.bytes)
            .map_err(|error| TeacherError::content(&self.path, error))?;
        Ok(Tensors {
            path: &self.path,
            tensors,
        })
    }
}

impl Tensors<'_> {
    /// The matrix of that name, `[rows, columns]`.
    pub(crate) fn matrix(
        &self,
        name: &str,
        [rows, columns]: [usize; 2],
    ) -> Result<Array2<f32>, TeacherError> {
        let values = self.shaped(name, &[rows, columns])?;
        Array2::from_shape_vec((rows, columns), values).map_err(|error| self.wrong(name, error))
    }

    /// The matrix of that name, of whatever shape it has.
    pub(crate) fn any_matrix(&self, name: &str) -> Result<Array2<f32>, TeacherError> {
        match *self.view(name)?.shape() {
            [rows, columns] => self.matrix(name, [rows, columns]),
            ref shape => Err(self.wrong(name, format!("shape {shape:?} is not a matrix"))),
        }
    }

    /// The vector of that name, `[length]`.
    pub(crate) fn vector(&self, name: &str, length: usize) -> Result<Array1<f32>, TeacherError> {
        Ok(Array1::from(self.shaped(name, &[length])?))
    }

    /// The vector of indices of that name, of whatever length it has.
    pub(crate) fn indices(&self, name: &str) -> Result<Vec<usize>, TeacherError> {
        let view = self.view(name)?;
        let read: Option<Vec<usize>> = match view.dtype() {
            Dtype::I64 => chunks(view.data())
                .map(|bytes| usize::try_from(i64::from_le_bytes(bytes)).ok())
                .collect(),
            Dtype::I32 => chunks(view.data())
                .map(|bytes| usize::try_from(i32::from_le_bytes(bytes)).ok())
                .collect(),
            kind => return Err(self.wrong(name, format!("{kind:?} are not indices"))),
        };
        read.ok_or_else(|| self.wrong(name, "an index is negative"))
    }

    /// Whether there is a tensor of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn view(&self, name: &str) -> Result<TensorView<'_>, TeacherError> {
        let found = self.tensors.tensor(name);
        found.map_err(|error| self.wrong(name, error))
    }

    fn shaped(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, TeacherError> {
        let view = self.view(name)?;
        if view.shape() != shape {
            let found = view.shape();
            return Err(self.wrong(name, format!("shape {found:?} is not {shape:?}")));
        }
        let data = view.data();
        match view.dtype() {
            Dtype::F32 => Ok(chunks(data).map(f32::from_le_bytes).collect()),
            Dtype::F64 => Ok(chunks(data).map(|b| f64::from_le_bytes(b) as f32).collect()),
            Dtype::F16 => Ok(chunks(data)
                .map(|bytes| float_of_half(u16::from_le_bytes(bytes)))
                .collect()),
            kind => Err(self.wrong(name, format!("numbers of kind {kind:?} are not read"))),
        }
    }

    /// An error about one tensor.
    pub(crate) fn wrong(&self, name: &str, problem: impl core::fmt::Display) -> TeacherError {
        TeacherError::content(self.path, format!("tensor {name}: {problem}"))
    }
}

fn chunks<const SIZE: usize>(data: &[u8]) -> impl Iterator<Item = [u8; SIZE]> {
    data.as_chunks::<SIZE>().0.iter().copied()
}

/// The value of an IEEE 754 binary16, exactly.
fn float_of_half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let magnitude = u32::from(bits & 0x7fff);
    if magnitude >= 0x7c00 {
        return f32::from_bits(sign | 0x7f80_0000 | (magnitude & 0x3ff) << 13);
    }
    // Both kinds keep the exponent above the fraction; as bits of a float it is 112 too small, which a product
    // mends for subnormal halves too.
    let scale = f32::from_bits((127 + 112) << 23);
    let value = f32::from_bits(magnitude << 13) * scale;
    f32::from_bits(sign | value.to_bits())
}

#[cfg(test)]
mod tests {
    use super::float_of_half;

    #[test]
    fn halves_have_their_values() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(
                float_of_half(bits).to_bits(),
                f32::to_bits(value),
                "{bits:x}"
            );
        }
        assert!(float_of_half(0x7e00).is_nan());
    }
}
