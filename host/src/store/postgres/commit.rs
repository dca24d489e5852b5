//! One batch, one transaction.

use super::rows::name;
use super::{Server, signed};
use crate::store::error::StoreError;
use crate::store::storage::{Base, Batch};
use crate::store::tables::{Head, Row, Table};
use ::postgres::error::SqlState;
use ::postgres::{Error, Transaction};
use memt_core::encoder::Fingerprint;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How often a transaction is tried whose connection is lost or that another one stops.
const TRIES: u32 = 24;

/// Why a transaction did not come about.
enum Stopped {
    /// It must be made anew on what is there now.
    Overtaken,
    /// The store is of this model now.
    OtherModel(i64),
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What a server knows of a transaction.
enum Fate {
    /// It is there for good.
    Committed,
    /// It never will be.
    Undone,
    /// Not known yet: the server has not noticed that the connection is lost, or is committing.
    Open,
}

/// Makes a batch durable. When the answer to a commit is lost with its connection, the server tells what
/// became of the transaction, so that the batch is made once.
pub(super) fn commit(server: &Server, batch: &Batch) -> Result<(), StoreError> {
    let mut attempt = 0;
    loop {
        let mut connection = server.connection()?;
        let mut transaction = None;
        let written = write(&mut connection, batch, &mut transaction);
        drop(connection);
        match written {
            Ok(()) => return Ok(()),
            Err(Stopped::Overtaken) => return Err(StoreError::Overtaken),
            Err(Stopped::OtherModel(model)) => {
                let offered = batch.head.map_or(0, |head| head.fingerprint);
                return Err(StoreError::OtherModel {
                    path: server.place.clone(),
                    error: memt_core::bank::OtherModel {
                        bank: Fingerprint(super::unsigned(model)),
                        offered: Fingerprint(offered),
                    },
                });
            }
            Err(Stopped::Failed(error)) if is_passing(&error) && attempt < TRIES => {
                let mut fate = Fate::Open;
                while matches!(fate, Fate::Open) {
                    if attempt == TRIES {
                        return Err(server.failed(&error));
                    }
                    std::thread::sleep(Duration::from_millis(5 << attempt.min(5)));
                    attempt += 1;
                    fate = fate_of(server, transaction.as_deref())?;
                }
                if let Fate::Committed = fate {
                    return Ok(());
                }
            }
            Err(Stopped::Failed(error)) => return Err(server.failed(&error)),
        }
    }
}

/// Whether it may go well next time: the connection was lost, or transactions stood in each other's way.
pub(super) fn is_passing(error: &Error) -> bool {
    match error.code() {
        None => {
            error.is_closed()
                || std::error::Error::source(error)
                    .is_some_and(|source| source.is::<std::io::Error>())
        }
        Some(code) => [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::CONNECTION_FAILURE,
        ]
        .contains(code),
    }
}

/// What became of a transaction; one that counted nothing sets the same rows again, which changes nothing.
fn fate_of(server: &Server, transaction: Option<&str>) -> Result<Fate, StoreError> {
    let Some(transaction) = transaction else {
        return Ok(Fate::Undone);
    };
    let question = "SELECT pg_xact_status($1::text::xid8)";
    let found = server.ask(|connection| connection.query_one(question, &[&transaction]))?;
    Ok(match found.get::<_, Option<&str>>(0) {
        Some("committed") => Fate::Committed,
        Some("aborted") => Fate::Undone,
        Some(_) | None => Fate::Open,
    })
}

/// Writes a batch; `transaction` tells which it is from the moment that it has counted.
fn write(
    connection: &mut super::Connection,
    batch: &Batch,
    transaction: &mut Option<String>,
) -> Result<(), Stopped> {
    let mut writing = connection.transaction()?;
    let mut changes = HashMap::new();
    if let Some(base) = &batch.base {
        changes = count(&mut writing, base, transaction)?;
        if changes.len() < base.owners.len() {
            return Err(Stopped::Overtaken);
        }
        // A change of models locks the owners, so from here on it waits for this transaction.
        let model: i64 = writing
            .query_one("SELECT model FROM memt_head", &[])?
            .get(0);
        if model != signed(base.model.0) {
            return Err(Stopped::OtherModel(model));
        }
    }
    for table in Table::ALL {
        set(&mut writing, batch, table, &changes)?;
    }
    Ok(writing.commit()?)
}

/// Counts a batch for the owners of its base that are as it found them; gives their counts.
fn count(
    writing: &mut Transaction<'_>,
    base: &Base,
    transaction: &mut Option<String>,
) -> Result<HashMap<i64, i64>, Error> {
    let known = base.owners.iter();
    let (owners, known): (Vec<i64>, Vec<Option<i64>>) = known
        .map(|(owner, known)| (signed(owner.0), known.map(|known| known as i64)))
        .unzip();
    let unseen = owners.iter().zip(&known);
    let unseen = unseen.filter(|(_, known)| known.is_none_or(|known| known == 0));
    let unseen: Vec<i64> = unseen.map(|(&owner, _)| owner).collect();
    if !unseen.is_empty() {
        writing.execute(
            "INSERT INTO memt_owners (owner, changes)
            SELECT owner, 0 FROM unnest($1::bigint[]) AS new (owner)
            ON CONFLICT DO NOTHING",
            &[&unseen],
        )?;
    }
    if owners.len() > 1 {
        // In one order, so that no two transactions wait for each other.
        writing.execute(
            "SELECT FROM memt_owners WHERE owner = ANY($1) ORDER BY owner FOR UPDATE",
            &[&owners],
        )?;
    }
    let counted = writing.query(
        "UPDATE memt_owners AS there
        SET changes = there.changes + 1, moved = pg_current_xact_id()
        FROM unnest($1::bigint[], $2::bigint[]) AS base (owner, known)
        WHERE there.owner = base.owner AND there.changes = coalesce(base.known, there.changes)
        RETURNING there.owner, there.changes, there.moved::text",
        &[&owners, &known],
    )?;
    *transaction = counted.first().map(|row| row.get(2));
    let counted = counted.iter().map(|row| (row.get(0), row.get(1)));
    Ok(counted.collect())
}

/// Sets and removes the rows of one table.
fn set(
    writing: &mut Transaction<'_>,
    batch: &Batch,
    table: Table,
    changes: &HashMap<i64, i64>,
) -> Result<(), Error> {
    let of_table = batch.changes().filter(|change| change.0 == table);
    // Of several changes of one row, the last one holds.
    let last: BTreeMap<Row, Option<&[u8]>> =
        of_table.map(|(_, row, framed)| (row, framed)).collect();
    let (mut owners, mut keys, mut frames) = (Vec::new(), Vec::new(), Vec::new());
    let mut counts = Vec::new();
    let (mut gone_owners, mut gone_keys) = (Vec::new(), Vec::new());
    for (row, framed) in last {
        match framed {
            Some(framed) => {
                let owner = signed(row.owner.0);
                owners.push(owner);
                counts.push(changes.get(&owner).copied().unwrap_or(0));
                keys.push(signed(row.key));
                frames.push(framed);
            }
            None => {
                gone_owners.push(signed(row.owner.0));
                gone_keys.push(signed(row.key));
            }
        }
    }
    let table_name = name(table);
    if !owners.is_empty() {
        match table {
            // Only a copy of a whole store has a head among its rows, and that is made of files.
            Table::Head => {}
            Table::Owners => {
                writing.execute(
                    "INSERT INTO memt_owners (owner, changes, frame)
                    SELECT owner, 0, frame
                    FROM unnest($1::bigint[], $2::bytea[]) AS new (owner, frame)
                    ON CONFLICT (owner) DO UPDATE SET frame = excluded.frame",
                    &[&owners, &frames],
                )?;
            }
            _ => {
                let statement = format!(
                    "INSERT INTO {table_name} (owner, key, changes, frame)
                    SELECT owner, key, changes, frame
                    FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[])
                    AS new (owner, key, frame, changes)
                    ON CONFLICT (owner, key)
                    DO UPDATE SET changes = excluded.changes, frame = excluded.frame"
                );
                writing.execute(&statement, &[&owners, &keys, &frames, &counts])?;
            }
        }
    }
    if !gone_owners.is_empty() {
        let statement = format!(
            "DELETE FROM {table_name} AS there
            USING unnest($1::bigint[], $2::bigint[]) AS gone (owner, key)
            WHERE there.owner = gone.owner AND there.key = gone.key"
        );
        writing.execute(&statement, &[&gone_owners, &gone_keys])?;
    }
    Ok(())
}

/// A head as its row keeps it.
pub(super) fn framed(head: Head) -> Result<Vec<u8>, StoreError> {
    let mut batch = Batch::new(head.revision);
    batch.put(Table::Head, Row::HEAD, &head)?;
    let framed = batch
        .changes()
        .find_map(|(_, _, framed)| framed.map(<[u8]>::to_vec));
    Ok(framed.unwrap_or_default())
}
