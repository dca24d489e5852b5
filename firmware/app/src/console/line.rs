//! The line being typed, in the buffer that also receives frames.

use super::history::History;

/// Room for a line of text or a frame, and earlier lines.
#[derive(Debug)]
pub(crate) struct Line<'l> {
    bytes: &'l mut [u8],
    /// Bytes of the line.
    length: usize,
    /// Where typing goes on.
    cursor: usize,
    history: History<'l>,
    /// How far back in history the line was fetched.
    back: usize,
}

/// What the screen needs after an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redraw {
    /// Nothing.
    No,
    /// A complaint: nothing was changed.
    Bell,
    /// The line.
    Line,
}

/// The command that asks.
pub(super) const ASK: &str = "ask";

/// What a line asks, if it is a question.
fn asked_in(line: &str) -> Option<&str> {
    let asked = line.strip_prefix(ASK)?;
    (asked.is_empty() || asked.starts_with(is_blank)).then(|| asked.trim_ascii())
}

/// Between words of a line.
pub(super) fn is_blank(character: char) -> bool {
    character.is_ascii_whitespace()
}

impl<'l> Line<'l> {
    /// Empty, in `bytes`, with `history` for earlier lines.
    pub(crate) fn new(bytes: &'l mut [u8], history: &'l mut [u8]) -> Self {
        Self {
            bytes,
            length: 0,
            cursor: 0,
            history: History::new(history),
            back: 0,
        }
    }

    /// The room, for a frame: the line is [cleared](Self::clear) before it is typed again.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// The line.
    pub(super) fn text(&self) -> &str {
        // Only whole characters are inserted and removed.
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// The part of the line before the cursor.
    pub(super) fn before(&self) -> &str {
        self.text().get(..self.cursor).unwrap_or_default()
    }

    /// Whether nothing is behind the cursor.
    pub(super) fn is_at_end(&self) -> bool {
        self.cursor == self.length
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        (self.length, self.cursor, self.back) = (0, 0, 0);
    }

    /// The latest question among the earlier lines; `None` too if it was too long to be remembered.
    pub(super) fn asked(&self) -> Option<&str> {
        let mut lines = (0..).map_while(|back| self.history.get(back));
        lines.find_map(asked_in).filter(|asked| !asked.is_empty())
    }

    pub(super) fn remember(&mut self) {
        let line = core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default();
        let line = line.trim_ascii();
        if !self.history.push(line) && asked_in(line).is_some() {
            // Or the question before it would pass for the latest.
            self.history.push(ASK);
        }
    }

    pub(super) fn insert(&mut self, character: char) -> Redraw {
        let mut encoded = [0; 4];
        let encoded = character.encode_utf8(&mut encoded).as_bytes();
        if self.length + encoded.len() > self.bytes.len() {
            return Redraw::Bell;
        }
        self.bytes
            .copy_within(self.cursor..self.length, self.cursor + encoded.len());
        self.bytes[self.cursor..][..encoded.len()].copy_from_slice(encoded);
        self.length += encoded.len();
        self.cursor += encoded.len();
        Redraw::Line
    }

    /// Removes what lies between a place before the cursor and the cursor.
    fn remove_from(&mut self, start: usize) -> Redraw {
        if start == self.cursor {
            return Redraw::Bell;
        }
        self.bytes.copy_within(self.cursor..self.length, start);
        self.length -= self.cursor - start;
        self.cursor = start;
        Redraw::Line
    }

    fn left_of_cursor(&self) -> usize {
        self.text()
            .floor_char_boundary(self.cursor.saturating_sub(1))
    }

    fn right_of_cursor(&self) -> usize {
        let next = (self.cursor + 1).min(self.length);
        self.text().ceil_char_boundary(next)
    }

    pub(super) fn erase_left(&mut self) -> Redraw {
        self.remove_from(self.left_of_cursor())
    }

    pub(super) fn erase_right(&mut self) -> Redraw {
        let start = self.cursor;
        self.cursor = self.right_of_cursor();
        self.remove_from(start)
    }

    pub(super) fn erase_word(&mut self) -> Redraw {
        let before = self.before().trim_ascii_end();
        let start = before.rfind(is_blank).map_or(0, |space| space + 1);
        self.remove_from(start)
    }

    pub(super) fn erase_before(&mut self) -> Redraw {
        self.remove_from(0)
    }

    pub(super) fn erase_after(&mut self) -> Redraw {
        self.length = self.cursor;
        Redraw::Line
    }

    pub(super) fn move_to(&mut self, place: usize) -> Redraw {
        match place == self.cursor {
            true => Redraw::No,
            false => {
                self.cursor = place;
                Redraw::Line
            }
        }
    }

    pub(super) fn left(&mut self) -> Redraw {
        self.move_to(self.left_of_cursor())
    }

    pub(super) fn right(&mut self) -> Redraw {
        self.move_to(self.right_of_cursor())
    }

    pub(super) fn home(&mut self) -> Redraw {
        self.move_to(0)
    }

    pub(super) fn end(&mut self) -> Redraw {
        self.move_to(self.length)
    }

    /// Fetches the next older line.
    pub(super) fn older(&mut self) -> Redraw {
        self.fetch(self.back + 1)
    }

    /// Fetches the next newer line, or none after the newest.
    pub(super) fn newer(&mut self) -> Redraw {
        match self.back {
            0 => Redraw::Bell,
            back => self.fetch(back - 1),
        }
    }

    fn fetch(&mut self, back: usize) -> Redraw {
        let line = match back {
            0 => Some(""),
            back => self.history.get(back - 1),
        };
        let Some(line) = line.filter(|line| line.len() <= self.bytes.len()) else {
            return Redraw::Bell;
        };
        self.bytes[..line.len()].copy_from_slice(line.as_bytes());
        self.length = line.len();
        self.cursor = line.len();
        self.back = back;
        Redraw::Line
    }
}
