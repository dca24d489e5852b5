//! Earlier lines.

/// The latest lines that fit `bytes` together, each followed by a zero; the newest last.
#[derive(Debug)]
pub(super) struct History<'h> {
    bytes: &'h mut [u8],
    length: usize,
}

impl<'h> History<'h> {
    pub(super) fn new(bytes: &'h mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// Remembers a line, unless it is empty or the newest already; the oldest ones go. Says whether it could: a line may
    /// be too long.
    pub(super) fn push(&mut self, line: &str) -> bool {
        let needed = line.len() + 1;
        if needed > self.bytes.len() {
            return false;
        }
        if line.is_empty() || self.get(0) == Some(line) {
            return true;
        }
        while self.bytes.len() - self.length < needed {
            let oldest = self.bytes[..self.length].iter().position(|&byte| byte == 0);
            let end = oldest.map_or(self.length, |end| end + 1);
            self.bytes.copy_within(end..self.length, 0);
            self.length -= end;
        }
        self.bytes[self.length..][..line.len()].copy_from_slice(line.as_bytes());
        self.bytes[self.length + line.len()] = 0;
        self.length += needed;
        true
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
        let mut bytes = [0; 12];
        let mut history = History::new(&mut bytes);
        assert_eq!(history.get(0), None);
        for line in ["one", "", "two", "two", "three"] {
            history.push(line);
        }
        assert_eq!(
            [0, 1, 2].map(|back| history.get(back)),
            [Some("three"), Some("two"), None]
        );
        assert!(!history.push("twelve bytes"));
        assert_eq!(history.get(0), Some("three"));
        assert!(history.push("eleven byte"));
        assert_eq!(
            [0, 1].map(|back| history.get(back)),
            [Some("eleven byte"), None]
        );
    }
}
