//! Reading rows as they were at one moment.

use super::{Connection, Server, signed, unsigned};
use crate::store::error::StoreError;
use crate::store::storage::{Part, Rows, TakeRow, Version};
use crate::store::tables::{Row, Table};
use ::postgres::Error;
use ::postgres::fallible_iterator::FallibleIterator;
use ::postgres::types::{ToSql, Type};
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::cell::RefCell;
use std::path::PathBuf;

/// The table that holds rows of owners.
pub(super) const fn name(table: Table) -> &'static str {
    match table {
        Table::Head => "memt_head",
        Table::Owners => "memt_owners",
        Table::Memories => "memt_memories",
        Table::Deletions => "memt_deletions",
        Table::Encodings => "memt_encodings",
        Table::Notes => "memt_notes",
    }
}

/// How far an owner has come.
pub(super) fn version(connection: &mut Connection, owner: Owner) -> Result<Version, Error> {
    let question = "SELECT (SELECT model FROM memt_head),
        coalesce((SELECT changes FROM memt_owners WHERE owner = $1), 0)";
    let owner = signed(owner.0);
    let rows = connection.query_typed(question, &[(&owner, Type::INT8)])?;
    // A question without a table has one row.
    let mut version = Version {
        model: Fingerprint(0),
        changes: 0,
    };
    for row in rows {
        version.model = Fingerprint(unsigned(row.try_get(0)?));
        version.changes = row.try_get::<_, i64>(1)? as u64;
    }
    Ok(version)
}

/// A transaction that sees one state of the database.
pub(super) struct Snapshot {
    place: PathBuf,
    connection: RefCell<Connection>,
}

impl Snapshot {
    pub(super) fn begin(server: &Server) -> Result<Self, StoreError> {
        let connection = server.begin_reading()?;
        Ok(Self {
            place: server.place.clone(),
            connection: RefCell::new(connection),
        })
    }

    fn failed(&self, error: &Error) -> StoreError {
        StoreError::Server {
            place: self.place.clone(),
            reason: super::told(error),
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // A connection on which this fails is closed, and the pool makes another.
        let _ = self.connection.get_mut().batch_execute("ROLLBACK");
    }
}

impl Rows for Snapshot {
    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let question = format!("SELECT count(*) FROM {}", name(table));
        let row = self.connection.borrow_mut().query_one(&question, &[]);
        let row = row.map_err(|error| self.failed(&error))?;
        Ok(row.get::<_, i64>(0) as u64)
    }

    fn read(&self, table: Table, part: Part, take: &mut TakeRow<'_>) -> Result<(), StoreError> {
        let columns = match table {
            Table::Head => "0::bigint # (1::bigint << 63), 0::bigint # (1::bigint << 63), frame",
            Table::Owners => "owner, 0::bigint # (1::bigint << 63), frame",
            _ => "owner, key, frame",
        };
        let order = match table {
            Table::Head => "",
            Table::Owners => "AND frame IS NOT NULL ORDER BY owner",
            _ => "ORDER BY owner, key",
        };
        let (whose, since) = match part {
            Part::All => (0, 0),
            Part::Of(owner) => (signed(owner.0), 0),
            Part::Since(owner, changes) => (signed(owner.0), changes as i64),
        };
        let (whose, since): (&(dyn ToSql + Sync), &(dyn ToSql + Sync)) = (&whose, &since);
        let (condition, parameters) = match part {
            Part::All => ("true", vec![]),
            Part::Of(_) => ("owner = $1", vec![(whose, Type::INT8)]),
            Part::Since(..) => (
                "owner = $1 AND changes > $2",
                vec![(whose, Type::INT8), (since, Type::INT8)],
            ),
        };
        let table_name = name(table);
        let question = format!("SELECT {columns} FROM {table_name} WHERE {condition} {order}");
        let mut connection = self.connection.borrow_mut();
        let rows = connection.query_typed_raw(&question, parameters);
        let mut rows = rows.map_err(|error| self.failed(&error))?;
        while let Some(row) = rows.next().map_err(|error| self.failed(&error))? {
            let owner = Owner(unsigned(row.get(0)));
            let key = unsigned(row.get(1));
            take(table, Row { owner, key }, row.get(2))?;
        }
        Ok(())
    }

    fn version(&self, owner: Owner) -> Result<Option<Version>, StoreError> {
        let version = version(&mut self.connection.borrow_mut(), owner);
        version.map(Some).map_err(|error| self.failed(&error))
    }
}
