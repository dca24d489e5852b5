//! The characters a model knows.

/// A borrowed table of code points, ascending, little-endian u32 straight from the image; character
/// i of it has row i, and the row after the last stands for all other characters. The space between
/// words is a character like others. There is no token for padding: nothing is padded.
#[derive(Clone, Copy, Debug)]
pub struct Alphabet<'m> {
    code_points: &'m [u8],
}

/// Why a table of characters was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlphabetError {
    /// Not whole entries of four bytes.
    Length(usize),
    /// This entry is not above the one before it.
    Order {
        /// The offending entry.
        index: usize,
    },
}

impl core::fmt::Display for AlphabetError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Length(bytes) => {
                write!(
                    formatter,
                    "alphabet of {bytes} bytes is not made of code points"
                )
            }
            Self::Order { index } => {
                write!(formatter, "alphabet entry {index} is out of order")
            }
        }
    }
}

impl core::error::Error for AlphabetError {}

impl<'m> Alphabet<'m> {
    /// Checks the table and borrows it.
    #[inline]
    pub fn new(code_points: &'m [u8]) -> Result<Self, AlphabetError> {
        if !code_points.len().is_multiple_of(4) {
            return Err(AlphabetError::Length(code_points.len()));
        }
        let alphabet = Self { code_points };
        for index in 1..alphabet.characters() {
            if alphabet.code_point(index - 1) >= alphabet.code_point(index) {
                return Err(AlphabetError::Order { index });
            }
        }
        Ok(alphabet)
    }

    /// How many characters have a row of their own.
    pub fn characters(&self) -> usize {
        self.code_points.len() / 4
    }

    /// The row of `character`: its own, that of its first lower-case character, or the last.
    pub fn row(&self, character: char) -> usize {
        let own = self.find(character);
        let lower = || self.find(character.to_lowercase().next()?);
        own.or_else(lower).unwrap_or(self.characters())
    }

    fn find(&self, character: char) -> Option<usize> {
        let (mut first, mut end) = (0, self.characters());
        while first < end {
            let middle = (first + end) / 2;
            match self.code_point(middle).cmp(&u32::from(character)) {
                core::cmp::Ordering::Less => first = middle + 1,
                core::cmp::Ordering::Equal => return Some(middle),
                core::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }

    fn code_point(&self, index: usize) -> u32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.code_points[4 * index..4 * index + 4]);
        u32::from_le_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn table(characters: &str) -> Vec<u8> {
        let code_points = characters.chars().map(u32::from);
        code_points.flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn finds_known_characters_and_no_others() {
        let characters = " !ABabcé漢";
        let table = table(characters);
        let alphabet = Alphabet::new(&table).unwrap();
        for (row, character) in characters.chars().enumerate() {
            assert_eq!(alphabet.row(character), row);
        }
        assert_eq!(alphabet.row('C'), alphabet.row('c'));
        assert_eq!(alphabet.row('É'), alphabet.row('é'));
        for unknown in ['\0', '"', 'd', 'D', '字', char::MAX] {
            assert_eq!(alphabet.row(unknown), 9, "{unknown}");
        }
        assert_eq!(Alphabet::new(&[]).unwrap().row('a'), 0);
    }

    #[test]
    fn hostile_tables_are_refused() {
        let refusal = |table: &[u8]| Alphabet::new(table).err();
        assert_eq!(refusal(&[0; 7]), Some(AlphabetError::Length(7)));
        for (characters, index) in [("aa", 1), ("acb", 2)] {
            let expected = AlphabetError::Order { index };
            assert_eq!(refusal(&table(characters)), Some(expected));
        }
    }
}
