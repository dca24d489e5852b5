//! NumPy arrays of the two kinds that the data folder holds.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, version 1.0.

use crate::TrainError;
use std::path::Path;

/// A matrix in row order; a vector has one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix<T> {
    pub(crate) columns: usize,
    pub(crate) values: Vec<T>,
}

impl<T> Matrix<T> {
    pub(crate) fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    pub(crate) fn row(&self, row: usize) -> &[T] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }
}

/// Reads an array of signed bytes.
pub(crate) fn read_i8(path: &Path) -> Result<Matrix<i8>, TrainError> {
    let (columns, bytes) = read(path, "|i1", 1)?;
    let values = bytes.into_iter().map(|byte| byte as i8).collect();
    Ok(Matrix { columns, values })
}

/// Reads an array of little-endian single precision floats.
pub(crate) fn read_f32(path: &Path) -> Result<Matrix<f32>, TrainError> {
    let (columns, bytes) = read(path, "<f4", 4)?;
    let (chunks, _) = bytes.as_chunks::<4>();
    let values = chunks
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect();
    Ok(Matrix { columns, values })
}

fn read(path: &Path, kind: &str, size: usize) -> Result<(usize, Vec<u8>), TrainError> {
    let mut bytes = std::fs::read(path).map_err(TrainError::file(path))?;
    let (header, start) = header(&bytes)
        .ok_or_else(|| TrainError::content(path, "not a NumPy array of version 1.0"))?;
    if !header.contains(&format!("'descr': '{kind}'")) || header.contains("'fortran_order': True") {
        let problem = format!("array must hold {kind} in C order, header says {header}");
        return Err(TrainError::content(path, problem));
    }
    let shape = shape(&header)
        .ok_or_else(|| TrainError::content(path, format!("array without a shape: {header}")))?;
    let values: usize = shape.iter().product();
    bytes.drain(..start);
    if bytes.len() != values * size || values == 0 {
        let problem = format!("array of shape {shape:?} has {} bytes", bytes.len());
        return Err(TrainError::content(path, problem));
    }
    let columns = shape[shape.len() - 1];
    Ok((columns, bytes))
}

fn header(bytes: &[u8]) -> Option<(String, usize)> {
    let length = bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.get(..2)?;
    let end = 10 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    let header = bytes.get(10..end)?;
    Some((String::from_utf8_lossy(header).into_owned(), end))
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let (_, after) = header.split_once("'shape': (")?;
    let (inside, _) = after.split_once(')')?;
    let sizes = inside
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    let shape: Option<Vec<usize>> = sizes.map(|size| size.parse().ok()).collect();
    shape.filter(|shape| !shape.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_shape_are_read() {
        let text = "{'descr': '|i1', 'fortran_order': False, 'shape': (3, 128), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        let (found, start) = header(&bytes).unwrap();
        assert_eq!((found.as_str(), start), (text, bytes.len()));
        assert_eq!(shape(text), Some(vec![3, 128]));
        assert_eq!(shape("'shape': (128,)"), Some(vec![128]));
        assert_eq!(shape("'shape': ()"), None);
        assert_eq!(header(b"PK"), None);
    }
}
