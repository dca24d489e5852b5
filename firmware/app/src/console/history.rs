//! Earlier lines.

/// The latest lines that fit `BYTES` together, each followed by a zero; the newest last.
#[derive(Debug)]
pub(super) struct History<const BYTES: usize> {
    bytes: [u8; BYTES],
    length: usize,
}

impl<const BYTES: usize> History<BYTES> {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; BYTES],
            length: 0,
        }
    }

    /// Remembers a line, unless it is empty, the newest already or too long; the oldest ones go.
    pub(super) fn push(&mut self, line: &str) {
        let needed = line.len() + 1;
        if line.is_empty() || needed > BYTES || self.get(0) == Some(line) {
            return;
        }
        while BYTES - self.length < needed {
            let oldest = self.bytes[..self.length].iter().position(|&byte| byte == 0);
            let end = oldest.map_or(self.length, |end| end + 1);
            self.bytes.copy_within(end..self.length, 0);
            self.length -= end;
        }
        self.bytes[self.length..][..line.len()].copy_from_slice(line.as_bytes());
        self.bytes[self.length + line.len()] = 0;
        self.length += needed;
    }

    /// The line before so many newer ones.
    pub(super) fn get(&self, back: usize) -> Option<&str> {
        let whole = self.bytes[..self.length].strip_suffix(&[0])?;
        let line = whole.rsplit(|&byte| byte == 0).nth(back)?;
        core::str::from_utf8(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn the_newest_lines_are_kept() {
        let mut history = History::<12>::new();
        assert_eq!(history.get(0), None);
        for line in ["one", "", "two", "two", "three"] {
            history.push(line);
        }
        assert_eq!(
            [0, 1, 2].map(|back| history.get(back)),
            [Some("three"), Some("two"), None]
        );
        history.push("twelve bytes");
        assert_eq!(history.get(0), Some("three"));
        history.push("eleven byte");
        assert_eq!(
            [0, 1].map(|back| history.get(back)),
            [Some("eleven byte"), None]
        );
    }
}
