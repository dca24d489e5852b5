//! An inverted index: which rows of a block contain a term.

/// Rows by term, in compressed sparse rows: the rows of term i are `rows[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Distinct terms, ascending.
    hashes: Box<[u32]>,
    starts: Box<[u32]>,
    rows: Box<[u16]>,
}

impl Index {
    /// Indexes rows by their distinct terms.
    pub(super) fn of<'t>(terms: impl Iterator<Item = &'t [u32]>) -> Self {
        let pairs = terms.enumerate().flat_map(|(row, hashes)| {
            hashes
                .iter()
                .map(move |&hash| u64::from(hash) << 16 | row as u64)
        });
        let mut pairs: Vec<u64> = pairs.collect();
        pairs.sort_unstable();
        let same_term = pairs.chunk_by(|a, b| a >> 16 == b >> 16);
        let distinct = same_term.clone().count();
        let (mut hashes, mut starts) = (
            Vec::with_capacity(distinct),
            Vec::with_capacity(distinct + 1),
        );
        let mut start = 0;
        for run in same_term {
            hashes.push((run[0] >> 16) as u32);
            starts.push(start);
            start += run.len() as u32;
        }
        starts.push(start);
        Self {
            hashes: hashes.into(),
            starts: starts.into(),
            rows: pairs.iter().map(|&pair| pair as u16).collect(),
        }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&self.hashes[..])
            + size_of_val(&self.starts[..])
            + size_of_val(&self.rows[..])
    }

    /// The rows that contain a term, ascending.
    pub(super) fn rows(&self, hash: u32) -> &[u16] {
        match self.find(hash) {
            Some(at) => &self.rows[self.starts[at] as usize..self.starts[at + 1] as usize],
            None => &[],
        }
    }

    /// Hashes are spread evenly, so a term lies near its share of the way: looking outwards from there
    /// touches less memory than halving does.
    fn find(&self, hash: u32) -> Option<usize> {
        let guess = (u64::from(hash) * self.hashes.len() as u64) >> u32::BITS;
        let (before, after) = self.hashes.split_at(guess as usize);
        match after.first() {
            Some(&first) if first <= hash => {
                let ahead = after.iter().position(|&other| other >= hash)?;
                (after[ahead] == hash).then_some(before.len() + ahead)
            }
            _ => {
                let at = before.iter().rposition(|&other| other <= hash)?;
                (before[at] == hash).then_some(at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_rows_of_each_term() {
        let terms: [&[u32]; 4] = [&[1, 7], &[], &[0, 7, u32::MAX], &[1]];
        let index = Index::of(terms.into_iter());
        for hash in [0, 1, 2, 7, u32::MAX] {
            let expected: Vec<u16> = (0..4)
                .filter(|&row| terms[row as usize].contains(&hash))
                .collect();
            assert_eq!(index.rows(hash), expected);
        }
        let many: Vec<u32> = (0..5000u32)
            .map(|n| n.wrapping_mul(0x9e37_79b9) >> (n % 7))
            .collect();
        let each: Vec<&[u32]> = many.chunks(1).collect();
        let index = Index::of(each.into_iter());
        for hash in many
            .iter()
            .flat_map(|&hash| [hash, hash ^ 1, hash.wrapping_add(77)])
        {
            let expected: Vec<u16> = (0..5000)
                .filter(|&row| many[usize::from(row)] == hash)
                .collect();
            assert_eq!(index.rows(hash), expected);
        }
        assert!(Index::of(std::iter::empty()).rows(0).is_empty());
    }
}
