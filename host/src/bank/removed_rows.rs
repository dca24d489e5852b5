//! The rows of a block that were removed.

/// Rows, ascending. Most blocks have none, and many owners have a block each, so that without any it takes a pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct RemovedRows(Option<Box<Rows>>);

type Rows = Vec<u16>;

impl RemovedRows {
    /// The rows.
    pub(super) fn rows(&self) -> &[u16] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether a row is among them.
    pub(super) fn contains(&self, row: usize) -> bool {
        self.rows().binary_search(&(row as u16)).is_ok()
    }

    /// Takes in a row.
    pub(super) fn insert(&mut self, row: usize) {
        let rows = self.0.get_or_insert_default();
        if let Err(at) = rows.binary_search(&(row as u16)) {
            rows.insert(at, row as u16);
        }
    }

    /// Bytes that hang on this.
    pub(super) fn bytes(&self) -> usize {
        let room = |rows: &Rows| size_of::<Rows>() + rows.capacity() * size_of::<u16>();
        self.0.as_deref().map_or(0, room)
    }
}
