//! NumPy arrays of signed bytes and of floats, as vectors are stored.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, version 1.0.

use crate::TeacherError;
use ndarray::{Array1, Array2};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Reads a matrix of little-endian floats, `[rows, columns]`.
///
/// # Errors
/// [`TeacherError`] if the file holds anything else.
pub fn read_matrix(path: &Path) -> Result<Array2<f32>, TeacherError> {
    let (shape, values) = read_floats(path)?;
    let [rows, columns] = shape[..] else {
        return Err(TeacherError::content(
            path,
            format!("{shape:?} is not a matrix"),
        ));
    };
    Array2::from_shape_vec((rows, columns), values)
        .map_err(|error| TeacherError::content(path, error))
}

/// Reads a vector of little-endian floats.
///
/// # Errors
/// [`TeacherError`] if the file holds anything else.
pub fn read_vector(path: &Path) -> Result<Array1<f32>, TeacherError> {
    let (shape, values) = read_floats(path)?;
    match shape.len() {
        1 => Ok(Array1::from(values)),
        _ => Err(TeacherError::content(
            path,
            format!("{shape:?} is not a vector"),
        )),
    }
}

/// Writes a vector of floats, `[columns]`.
///
/// # Errors
/// [`TeacherError::File`].
pub fn write_vector(path: &Path, values: &Array1<f32>) -> Result<(), TeacherError> {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    write(path, "<f4", &format!("({},)", values.len()), bytes)
}

/// Writes a matrix of floats, `[rows, columns]`.
///
/// # Errors
/// [`TeacherError::File`].
pub fn write_matrix(path: &Path, values: &Array2<f32>) -> Result<(), TeacherError> {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    write(path, "<f4", &format!("{:?}", values.dim()), bytes)
}

/// Writes a matrix of signed bytes, `[rows, columns]`.
///
/// # Errors
/// [`TeacherError::File`].
pub fn write_bytes(path: &Path, values: &Array2<i8>) -> Result<(), TeacherError> {
    let bytes = values.iter().map(|&value| value as u8);
    write(path, "|i1", &format!("{:?}", values.dim()), bytes)
}

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

fn write(
    path: &Path,
    kind: &str,
    shape: &str,
    bytes: impl Iterator<Item = u8>,
) -> Result<(), TeacherError> {
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    // Values begin at a multiple of 64 bytes, after a line break.
    let end = (MAGIC.len() + 2 + header.len() + 1).next_multiple_of(64);
    let length = end - MAGIC.len() - 2;
    header = format!("{header:<width$}\n", width = length - 1);
    let failed = || TeacherError::file(path);
    let file = std::fs::File::create(path).map_err(failed())?;
    let mut file = BufWriter::new(file);
    file.write_all(MAGIC).map_err(failed())?;
    file.write_all(&(length as u16).to_le_bytes())
        .map_err(failed())?;
    file.write_all(header.as_bytes()).map_err(failed())?;
    for byte in bytes {
        file.write_all(&[byte]).map_err(failed())?;
    }
    file.flush().map_err(failed())
}

fn read_floats(path: &Path) -> Result<(Vec<usize>, Vec<f32>), TeacherError> {
    let bytes = std::fs::read(path).map_err(TeacherError::file(path))?;
    let (shape, data) = split(&bytes)
        .ok_or_else(|| TeacherError::content(path, "not a NumPy array of floats in C order"))?;
    let (values, rest) = data.as_chunks::<4>();
    if !rest.is_empty() || shape.iter().product::<usize>() != values.len() {
        let problem = format!("array of shape {shape:?} has {} bytes", data.len());
        return Err(TeacherError::content(path, problem));
    }
    let values = values.iter().map(|value| f32::from_le_bytes(*value));
    Ok((shape, values.collect()))
}

/// Shape and bytes of an array of floats.
fn split(bytes: &[u8]) -> Option<(Vec<usize>, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk()?;
    let (header, data) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let header = std::str::from_utf8(header).ok()?;
    if !header.contains("'descr': '<f4'") || !header.contains("'fortran_order': False") {
        return None;
    }
    let (_, after) = header.split_once("'shape': (")?;
    let (inside, _) = after.split_once(')')?;
    let sizes = inside.split(',').map(str::trim);
    let sizes = sizes.filter(|size| !size.is_empty());
    let shape: Option<Vec<usize>> = sizes.map(|size| size.parse().ok()).collect();
    Some((shape?, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn arrays_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("array.npy");
        let matrix = array![[1.0, -2.5, 3.25], [0.0, 1e-30, f32::MAX]];
        write_matrix(&path, &matrix).unwrap();
        assert_eq!(read_matrix(&path).unwrap(), matrix);
        assert!(read_vector(&path).is_err());
        let vector = array![0.5, -1.0];
        write_vector(&path, &vector).unwrap();
        assert_eq!(read_vector(&path).unwrap(), vector);
    }

    #[test]
    fn bytes_are_as_numpy_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("array.npy");
        write_bytes(&path, &array![[-1, 2], [3, 127]]).unwrap();
        let written = std::fs::read(&path).unwrap();
        let header =
            b"\x93NUMPY\x01\x00\x76\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2), }";
        assert!(written.starts_with(header));
        assert_eq!(written.len(), 128 + 4);
        assert_eq!(written[127..], [b'\n', 255, 2, 3, 127]);
        assert!(read_matrix(&path).is_err());
    }
}
