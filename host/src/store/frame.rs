//! The frame around every value of a store.
//!
//! ```text
//!  0      4        8          16        16 + n
//!  | mark | length | revision | payload | CRC32 |
//! ```
//!
//! All numbers are little-endian; `length` is n; the CRC-32 (ISO-HDLC) covers everything before it. The
//! mark names the table, so that frames can be found in the bytes of a file whose structure is lost, and
//! the revision tells the newest of several copies.

use super::tables::Table;
use core::ops::Range;

/// Bytes of a frame besides its payload.
pub(super) const OVERHEAD: usize = 20;

/// The first bytes of every mark; the last one names the table.
pub(super) const MARK: [u8; 3] = [0xab, b'm', b't'];

mod field {
    use super::Range;
    pub(super) const MARK: Range<usize> = 0..3;
    pub(super) const TABLE: usize = 3;
    pub(super) const LENGTH: Range<usize> = 4..8;
    pub(super) const REVISION: Range<usize> = 8..16;
    pub(super) const PAYLOAD: usize = 16;
}

/// A frame that was found whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'b> {
    pub(super) table: Table,
    pub(super) revision: u64,
    pub(super) payload: &'b [u8],
}

const fn letter(table: Table) -> u8 {
    match table {
        Table::Head => b'h',
        Table::Owners => b'o',
        Table::Memories => b'm',
        Table::Deletions => b'd',
        Table::Encodings => b'e',
        Table::Notes => b'n',
    }
}

/// Appends a frame whose payload `write` appends.
pub(super) fn append<E>(
    bytes: &mut Vec<u8>,
    table: Table,
    revision: u64,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = bytes.len();
    bytes.extend(MARK);
    bytes.push(letter(table));
    bytes.extend([0; 4]);
    bytes.extend(revision.to_le_bytes());
    write(bytes)?;
    let length = (bytes.len() - start - field::PAYLOAD) as u32;
    bytes[start..][field::LENGTH].copy_from_slice(&length.to_le_bytes());
    let crc = crc32fast::hash(&bytes[start..]);
    bytes.extend(crc.to_le_bytes());
    Ok(())
}

/// The frame at the start of `bytes`, which may go on after it; `None` if there is no whole one.
pub(super) fn at_start(bytes: &[u8]) -> Option<Frame<'_>> {
    if bytes.get(field::MARK)? != MARK {
        return None;
    }
    let named = *bytes.get(field::TABLE)?;
    let table = Table::ALL
        .into_iter()
        .find(|&table| letter(table) == named)?;
    let length = u32::from_le_bytes(bytes.get(field::LENGTH)?.try_into().ok()?) as usize;
    let end = field::PAYLOAD.checked_add(length)?;
    let crc = u32::from_le_bytes(bytes.get(end..end.checked_add(4)?)?.try_into().ok()?);
    if crc32fast::hash(&bytes[..end]) != crc {
        return None;
    }
    Some(Frame {
        table,
        revision: u64::from_le_bytes(bytes[field::REVISION].try_into().ok()?),
        payload: &bytes[field::PAYLOAD..end],
    })
}

/// The frame that `bytes` are, of `table`.
pub(super) fn of_table(table: Table, bytes: &[u8]) -> Option<Frame<'_>> {
    at_start(bytes)
        .filter(|frame| frame.table == table && frame.payload.len() + OVERHEAD == bytes.len())
}

/// Every whole frame in the bytes of a file of any structure, or of none.
pub(super) fn found_in(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let mut at = 0;
    core::iter::from_fn(move || {
        loop {
            let next = bytes.get(at..)?.iter().position(|&byte| byte == MARK[0])?;
            at += next;
            if let Some(frame) = at_start(&bytes[at..]) {
                at += OVERHEAD + frame.payload.len();
                return Some(frame);
            }
            at += 1;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(table: Table, revision: u64, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written: Result<(), ()> = append(&mut bytes, table, revision, |bytes| {
            bytes.extend(payload);
            Ok(())
        });
        written.unwrap();
        bytes
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let whole = framed(Table::Deletions, 7, b"forgotten");
        let frame = of_table(Table::Deletions, &whole).unwrap();
        assert_eq!((frame.revision, frame.payload), (7, &b"forgotten"[..]));
        assert_eq!(of_table(Table::Memories, &whole), None);
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(at_start(&flipped), None, "bit {bit}");
        }
        for length in 0..whole.len() {
            assert_eq!(at_start(&whole[..length]), None);
        }
    }

    #[test]
    fn frames_are_found_among_anything() {
        let mut bytes = vec![0xab; 5];
        bytes.extend(framed(Table::Memories, 1, b"first"));
        bytes.extend(*b"\xabmtm\xff\xff\xff\xff and rubbish");
        bytes.extend(framed(Table::Owners, 2, b""));
        bytes.push(0xab);
        let found: Vec<_> = found_in(&bytes).map(|frame| frame.revision).collect();
        assert_eq!(found, [1, 2]);
    }
}
