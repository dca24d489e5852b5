//! Rows of numbers of two or four bits.
//!
//! ```text
//! B bits a field, 8 / B fields a byte; a row of C columns takes L = ceil(C B / 8) bytes
//! byte i holds, from its lowest bits, the columns i, L + i, 2 L + i, ...: runs of columns unpack alike
//! I4   field = number + 8               -8 to 7
//! I2   field = (number + 3) / 2         -3, -1, 1, 3
//! ```
//!
//! Fields past the last column are zero and not read. Four numbers without a zero, a step of two apart,
//! have the least squared error that two bits can have for a symmetric density (Max, "Quantizing for
//! minimum distortion", 1960).

use super::tensor::TensorFormat;

/// The bits of a byte that hold column `run * L + i`, as the number that they stand for.
#[inline]
pub const fn number<const BITS: usize>(byte: u8, run: usize) -> i8 {
    let field = (byte >> (BITS * run)) as i8;
    match BITS {
        2 => 2 * (field & 3) - 3,
        _ => (field & 15) - 8,
    }
}

/// Number `column` of a row of bytes in `format`: I2, I4, or else I8.
pub fn number_at(format: TensorFormat, row: &[u8], column: usize) -> i8 {
    let place = |row: &[u8]| (row[column % row.len()], column / row.len());
    match format {
        TensorFormat::I2 => {
            let (byte, run) = place(row);
            number::<2>(byte, run)
        }
        TensorFormat::I4 => {
            let (byte, run) = place(row);
            number::<4>(byte, run)
        }
        _ => row[column] as i8,
    }
}

/// The bytes of a row of numbers in `format`: I2, I4, or else I8. A number that the format lacks becomes
/// another.
pub fn pack_row(format: TensorFormat, row: &[i8]) -> impl Iterator<Item = u8> + '_ {
    let bytes = format.row_bytes(row.len() as u32) as usize;
    (0..bytes).map(move |place| {
        let columns = row[place..].iter().step_by(bytes);
        let fields = columns.enumerate();
        match format {
            TensorFormat::I2 => fields.fold(0, |byte, (run, &number)| {
                byte | (((number + 3) >> 1) as u8 & 3) << (2 * run)
            }),
            TensorFormat::I4 => fields.fold(0, |byte, (run, &number)| {
                byte | ((number + 8) as u8 & 15) << (4 * run)
            }),
            _ => row[place] as u8,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn numbers_come_back() {
        let numbers = |format| -> Vec<i8> {
            match format {
                TensorFormat::I2 => (0..33).map(|column| column % 4 * 2 - 3).collect(),
                TensorFormat::I4 => (0..33).map(|column| column % 16 - 8).collect(),
                _ => (-16..17).map(|step| 4 * step).collect(),
            }
        };
        for format in [TensorFormat::I2, TensorFormat::I4, TensorFormat::I8] {
            let row = numbers(format);
            for width in 0..=row.len() {
                let packed: Vec<u8> = pack_row(format, &row[..width]).collect();
                assert_eq!(packed.len() as u64, format.row_bytes(width as u32));
                for (column, &number) in row[..width].iter().enumerate() {
                    assert_eq!(number_at(format, &packed, column), number);
                }
            }
        }
    }

    #[test]
    fn the_layout_is_as_drawn() {
        let bytes = |format, row: &[i8]| -> Vec<u8> { pack_row(format, row).collect() };
        assert_eq!(bytes(TensorFormat::I4, &[-8, 7, 0]), [0x80, 0x0f]);
        assert_eq!(
            bytes(TensorFormat::I2, &[-3, -1, 1, 3, 3]),
            [0b11_10_00 | 0b11 << 4, 0b11_01]
        );
    }
}
