//! Keys to changes of the line, and the line to the screen.

use super::keys::Key;
use super::line::{Line, Redraw};
use core::fmt::{self, Write};

/// What begins a line.
pub(super) const PROMPT: &str = "memt> ";

impl Line<'_> {
    /// Does what a key means for the line.
    pub(super) fn key(&mut self, key: Key) -> Redraw {
        match key {
            Key::Character(character) => self.insert(character),
            Key::Backspace => self.erase_left(),
            Key::Delete => self.erase_right(),
            Key::Left => self.left(),
            Key::Right => self.right(),
            Key::Home => self.home(),
            Key::End => self.end(),
            Key::Up => self.older(),
            Key::Down => self.newer(),
            Key::EraseWord => self.erase_word(),
            Key::EraseBefore => self.erase_before(),
            Key::EraseAfter => self.erase_after(),
            Key::Redraw => Redraw::Line,
            Key::Enter | Key::Cancel | Key::Unknown => Redraw::Bell,
        }
    }

    /// Shows the line and puts the cursor where it belongs.
    pub(super) fn draw(&self, prompt: &str, out: &mut impl Write) -> fmt::Result {
        write!(out, "\r{prompt}{}\x1b[K", self.text())?;
        let behind = self.text().len() - self.before().len();
        let behind = self.text()[self.text().len() - behind..].chars().count();
        if behind > 0 {
            write!(out, "\x1b[{behind}D")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::Keys;
    use super::Line;
    extern crate std;
    use std::string::String;

    fn typed(line: &mut Line<'_>, bytes: &[u8]) -> String {
        let mut keys = Keys::default();
        for key in bytes.iter().filter_map(|&byte| keys.byte(byte)) {
            line.key(key);
        }
        String::from(line.text())
    }

    #[test]
    fn lines_are_edited_by_whole_characters() {
        let (mut bytes, mut history) = ([0; 16], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        assert_eq!(typed(&mut line, "häuser".as_bytes()), "häuser");
        assert_eq!(typed(&mut line, b"\x1b[D\x1b[D\x1b[D\x1b[D\x7f"), "huser");
        assert_eq!(typed(&mut line, "ä€".as_bytes()), "hä€user");
        assert_eq!(typed(&mut line, b"\x1b[3~\x01x\x05y"), "xhä€sery");
        assert_eq!(typed(&mut line, b" a  b\x17"), "xhä€sery a  ");
        assert_eq!(typed(&mut line, b"\x17\x17"), "");
        assert_eq!(typed(&mut line, b"abc\x02\x0b"), "ab");
        assert_eq!(typed(&mut line, b"\x15"), "");
    }

    #[test]
    fn lines_end_where_the_buffer_ends() {
        let (mut bytes, mut history) = ([0; 16], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        assert_eq!(typed(&mut line, "a".repeat(20).as_bytes()).len(), 16);
        line.clear();
        assert_eq!(typed(&mut line, "€".repeat(9).as_bytes()).len(), 15);
    }

    #[test]
    fn history_goes_back_and_forth() {
        let (mut bytes, mut history) = ([0; 16], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        for text in ["one", "two"] {
            typed(&mut line, text.as_bytes());
            line.remember();
            line.clear();
        }
        assert_eq!(typed(&mut line, b"\x1b[A"), "two");
        assert_eq!(typed(&mut line, b"\x1b[A\x1b[A"), "one");
        assert_eq!(typed(&mut line, b"\x1b[B!"), "two!");
        assert_eq!(typed(&mut line, b"\x1b[B"), "");
    }

    #[test]
    fn the_cursor_is_put_back() {
        let (mut bytes, mut history) = ([0; 16], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        typed(&mut line, "hä€".as_bytes());
        typed(&mut line, b"\x02\x02");
        let mut screen = String::new();
        line.draw("> ", &mut screen).unwrap();
        assert_eq!(screen, "\r> hä€\x1b[K\x1b[2D");
    }
}
