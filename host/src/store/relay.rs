//! Rows on their way between two threads: reading them is about as much work as taking them in.

use super::error::StoreError;
use super::storage::{Batch, TakeRow};
use super::tables::{Row, Table};
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::ScopedJoinHandle;

/// Bytes of rows that go over at once.
const AT_ONCE: usize = 256 << 10;

/// Loads that may wait.
const WAITING: usize = 4;

/// Lets `take` have, on a thread of its own and in their order, all rows that `read` gives. The first error of
/// either ends both.
pub(super) fn relay(
    read: impl FnOnce(&mut TakeRow<'_>) -> Result<(), StoreError>,
    mut take: impl FnMut(Table, Row, &[u8]) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Batch>(WAITING);
        let taking = scope.spawn(move || {
            for load in receiver {
                for (table, row, bytes) in load.changes() {
                    bytes.map_or(Ok(()), |bytes| take(table, row, bytes))?;
                }
            }
            Ok(())
        });
        let mut taking = Some(taking);
        let mut load = Batch::new(0);
        let mut send = |load: Batch| match sender.send(load) {
            Ok(()) => Ok(()),
            // Nobody receives any more: the other thread has failed.
            Err(_) => taking.take().map_or(Ok(()), end_of),
        };
        read(&mut |table, row, bytes| {
            load.copy(table, row, bytes);
            match load.bytes() < AT_ONCE {
                true => Ok(()),
                false => send(std::mem::replace(&mut load, Batch::new(0))),
            }
        })?;
        send(load)?;
        drop(sender);
        taking.map_or(Ok(()), end_of)
    })
}

fn end_of(thread: ScopedJoinHandle<'_, Result<(), StoreError>>) -> Result<(), StoreError> {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use memt_core::slot::Owner;
    use std::path::Path;

    const ROWS: u64 = 5_000;

    fn row(key: u64) -> Row {
        let owner = Owner(7);
        Row { owner, key }
    }

    fn read_numbers(take: &mut TakeRow<'_>) -> Result<(), StoreError> {
        (0..ROWS).try_for_each(|key| take(Table::Notes, row(key), &[key as u8; 200]))
    }

    #[test]
    fn every_row_arrives_in_order() {
        let mut next = 0;
        let relayed = relay(read_numbers, |table, at, bytes| {
            assert_eq!((table, at), (Table::Notes, row(next)));
            assert_eq!(bytes, [next as u8; 200]);
            next += 1;
            Ok(())
        });
        assert!(relayed.is_ok());
        assert_eq!(next, ROWS);
        relay(|_| Ok(()), |_, _, _| panic!("there are no rows")).unwrap();
    }

    #[test]
    fn an_error_of_either_side_is_told() {
        let named = |name: &str| StoreError::damaged(Path::new(name), "broken");
        for at in [0, 77, ROWS - 1] {
            let taking = relay(read_numbers, |_, row, _| match row.key == at {
                true => Err(named("taking")),
                false => Ok(()),
            });
            assert!(taking.unwrap_err().to_string().contains("taking"));
        }
        let mut taken = 0;
        let reading = relay(
            |take| {
                take(Table::Notes, row(1), &[1])?;
                Err(named("reading"))
            },
            |_, _, _| {
                taken += 1;
                Ok(())
            },
        );
        assert!(reading.unwrap_err().to_string().contains("reading"));
        assert!(taken <= 1);
    }
}
