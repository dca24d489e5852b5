//! Keys to changes of the line, and the line to the screen.

use super::keys::Key;
use super::line::{Line, Redraw};
use core::fmt::{self, Write};

/// What begins a line.
pub(super) const PROMPT: &str = "memt> ";

/// Characters of a line that are drawn: with the prompt they fit a terminal of 80 columns.
const DRAWN: usize = 70;

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

    /// Shows the line, or [`DRAWN`] characters around the cursor, and puts the cursor where it belongs.
    pub(super) fn draw(&self, prompt: &str, out: &mut impl Write) -> fmt::Result {
        let all = self.text().chars().count();
        let cursor = self.before().chars().count();
        let first = cursor
            .saturating_sub(DRAWN / 2)
            .min(all.saturating_sub(DRAWN));
        write!(out, "\r{prompt}")?;
        for character in self.text().chars().skip(first).take(DRAWN) {
            out.write_char(character)?;
        }
        out.write_str("\x1b[K")?;
        let behind = all.min(first + DRAWN) - cursor;
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

    #[test]
    fn a_long_line_is_drawn_in_one_row_around_the_cursor() {
        let (mut bytes, mut history) = ([0; 300], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        let text: String = (0..200)
            .map(|at| char::from(b'a' + (at / 10) as u8))
            .collect();
        typed(&mut line, text.as_bytes());
        let drawn = |line: &Line<'_>| {
            let mut screen = String::new();
            line.draw("> ", &mut screen).unwrap();
            screen
        };
        assert_eq!(drawn(&line), std::format!("\r> {}\x1b[K", &text[130..]));
        typed(&mut line, &b"\x02".repeat(100));
        let middle = std::format!("\r> {}\x1b[K\x1b[35D", &text[65..135]);
        assert_eq!(drawn(&line), middle);
        typed(&mut line, b"\x01");
        let start = std::format!("\r> {}\x1b[K\x1b[70D", &text[..70]);
        assert_eq!(drawn(&line), start);
    }

    #[test]
    fn a_question_too_long_to_be_remembered_hides_the_one_before() {
        let (mut bytes, mut history) = ([0; 300], [0; 64]);
        let mut line = Line::new(&mut bytes, &mut history);
        let mut enter = |text: &str| {
            typed(&mut line, text.as_bytes());
            line.remember();
            line.clear();
            line.asked().map(String::from)
        };
        assert_eq!(enter("ask  boiler valve"), Some("boiler valve".into()));
        assert_eq!(enter("asking is no question"), Some("boiler valve".into()));
        let long = "x".repeat(100);
        assert_eq!(
            enter(&std::format!("add {long}")),
            Some("boiler valve".into())
        );
        assert_eq!(enter(&std::format!("ask {long}")), None);
        assert_eq!(enter("right 1-1"), None);
        assert_eq!(enter("ask train"), Some("train".into()));
    }
}
