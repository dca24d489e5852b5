//! How terms are found in the memories of a block that have many.

/// The rows with many terms, ascending, each with the places of its terms in ascending order of their hashes. Most blocks
/// have none, and many owners have a block each, so that without any it takes a pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct LongRows(Option<Box<Places>>);

type Places = Vec<(u16, Box<[u32]>)>;

impl LongRows {
    /// Takes in a row behind all others, if it has many terms.
    pub(super) fn push(&mut self, row: usize, hashes: &[u32]) {
        let ascending = ascending(hashes);
        if !ascending.is_empty() {
            let rows = self.0.get_or_insert_default();
            rows.push((row as u16, ascending));
        }
    }

    /// The places of a row's terms in ascending order of their hashes; none if it has few.
    pub(super) fn ascending(&self, row: usize) -> &[u32] {
        let Some(rows) = &self.0 else {
            return &[];
        };
        let found = rows.binary_search_by_key(&row, |(row, _)| usize::from(*row));
        found.map_or(&[], |at| &rows[at].1)
    }

    /// Bytes that hang on this.
    pub(super) fn bytes(&self) -> usize {
        let places = |rows: &Places| -> usize {
            let each = rows.iter().map(|(_, places)| size_of_val(&places[..]));
            size_of::<Places>()
                + rows.capacity() * size_of::<(u16, Box<[u32]>)>()
                + each.sum::<usize>()
        };
        self.0.as_deref().map_or(0, places)
    }
}

/// Terms among which looking at each takes longer than halving.
const MANY: usize = 128;

/// The places of distinct hashes in ascending order of the hashes, if they are many.
fn ascending(hashes: &[u32]) -> Box<[u32]> {
    if hashes.len() < MANY {
        return Box::default();
    }
    let mut places: Box<[u32]> = (0..hashes.len() as u32).collect();
    places.sort_unstable_by_key(|&place| hashes[place as usize]);
    places
}
