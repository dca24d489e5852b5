//! From bytes to keys.

/// What a person pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Character(char),
    Enter,
    Backspace,
    Delete,
    Left,
    Right,
    Home,
    End,
    Up,
    Down,
    EraseWord,
    EraseBefore,
    EraseAfter,
    Cancel,
    Redraw,
    /// Something that means nothing here.
    Unknown,
}

/// What has come of a key of several bytes.
#[derive(Clone, Copy, Debug, Default)]
enum Part {
    #[default]
    None,
    /// A line ended with a carriage return: a line feed belongs to it.
    Return,
    Escape,
    /// Control sequence; its number so far.
    Sequence(u8),
    /// `ESC O`.
    Shift,
    /// A character of this many bytes.
    Character {
        bytes: [u8; 4],
        length: u8,
        needed: u8,
    },
}

/// Gathers the bytes of keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys(Part);

impl Keys {
    /// The key that a byte completes.
    pub(super) fn byte(&mut self, byte: u8) -> Option<Key> {
        match core::mem::take(&mut self.0) {
            Part::Return if byte == b'\n' => None,
            Part::None | Part::Return => self.first(byte),
            Part::Escape => {
                self.0 = match byte {
                    b'[' => Part::Sequence(0),
                    b'O' => Part::Shift,
                    _ => return Some(Key::Unknown),
                };
                None
            }
            Part::Sequence(number) => self.sequence(number, byte),
            Part::Shift => Some(letter(byte)),
            Part::Character {
                bytes,
                length,
                needed,
            } => self.continued(bytes, length, needed, byte),
        }
    }

    fn first(&mut self, byte: u8) -> Option<Key> {
        let needed = match byte {
            0x20..=0x7e => return Some(Key::Character(char::from(byte))),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x1b => {
                self.0 = Part::Escape;
                return None;
            }
            b'\r' => {
                self.0 = Part::Return;
                return Some(Key::Enter);
            }
            _ => return Some(control(byte)),
        };
        self.0 = Part::Character {
            bytes: [byte, 0, 0, 0],
            length: 1,
            needed,
        };
        None
    }

    fn continued(&mut self, mut bytes: [u8; 4], length: u8, needed: u8, byte: u8) -> Option<Key> {
        if !(0x80..=0xbf).contains(&byte) {
            return self.first(byte).or(Some(Key::Unknown));
        }
        bytes[usize::from(length)] = byte;
        let length = length + 1;
        if length < needed {
            self.0 = Part::Character {
                bytes,
                length,
                needed,
            };
            return None;
        }
        let character = core::str::from_utf8(&bytes[..usize::from(needed)]);
        let character = character.ok().and_then(|text| text.chars().next());
        // C1 controls would be obeyed by the terminal.
        let character = character.filter(|character| !character.is_control());
        Some(character.map_or(Key::Unknown, Key::Character))
    }

    fn sequence(&mut self, number: u8, byte: u8) -> Option<Key> {
        match byte {
            b'0'..=b'9' => {
                let number = number.saturating_mul(10).saturating_add(byte - b'0');
                self.0 = Part::Sequence(number);
                None
            }
            b'~' => Some(match number {
                1 | 7 => Key::Home,
                3 => Key::Delete,
                4 | 8 => Key::End,
                _ => Key::Unknown,
            }),
            b';' => {
                self.0 = Part::Sequence(u8::MAX);
                None
            }
            letter_byte => Some(letter(letter_byte)),
        }
    }
}

fn letter(byte: u8) -> Key {
    match byte {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => Key::Unknown,
    }
}

fn control(byte: u8) -> Key {
    match byte {
        b'\n' => Key::Enter,
        0x08 | 0x7f => Key::Backspace,
        0x01 => Key::Home,
        0x02 => Key::Left,
        0x03 => Key::Cancel,
        0x04 => Key::Delete,
        0x05 => Key::End,
        0x06 => Key::Right,
        0x0b => Key::EraseAfter,
        0x0c => Key::Redraw,
        0x0e => Key::Down,
        0x10 => Key::Up,
        0x15 => Key::EraseBefore,
        0x17 => Key::EraseWord,
        _ => Key::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys};
    extern crate std;
    use std::vec::Vec;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        bytes.iter().filter_map(|&byte| keys.byte(byte)).collect()
    }

    #[test]
    fn characters_of_any_length_and_keys_of_terminals() {
        assert_eq!(
            keys("aé€😀".as_bytes()),
            ['a', 'é', '€', '😀'].map(Key::Character)
        );
        assert_eq!(keys(b"\r\n\n\r"), [Key::Enter; 3]);
        assert_eq!(
            keys(b"\x1b[A\x1b[3~\x1bOH\x1b[1;5D\x7f\x17"),
            [
                Key::Up,
                Key::Delete,
                Key::Home,
                Key::Left,
                Key::Backspace,
                Key::EraseWord
            ]
        );
    }

    #[test]
    fn broken_characters_do_not_swallow_the_next() {
        assert_eq!(keys(b"\xc3a"), [Key::Character('a')]);
        assert_eq!(
            keys(b"\xff\x80b"),
            [Key::Unknown, Key::Unknown, Key::Character('b')]
        );
        assert_eq!(keys("\u{9b}31m".as_bytes())[0], Key::Unknown);
        for byte in 0..=255 {
            keys(&[0xe2, byte, 0x1b, byte, byte]);
        }
    }
}
