//! Reading rows as they were at one moment.

use super::{Connection, Server, signed, unsigned};
use crate::store::error::StoreError;
use crate::store::storage::{Part, Rows, TakeRow, Version, Versions};
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

/// How far all owners have come that moved since a mark.
pub(super) fn versions(connection: &mut Connection, since: u64) -> Result<Versions, Error> {
    let question = "SELECT (SELECT model FROM memt_head),
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint, moved.owner, moved.changes
        FROM (SELECT) AS one
        LEFT JOIN memt_owners AS moved ON moved.moved >= $1::text::xid8";
    let since = since.to_string();
    let rows = connection.query_typed(question, &[(&since, Type::TEXT)])?;
    let mut versions = Versions {
        model: Fingerprint(0),
        changes: Vec::with_capacity(rows.len()),
        mark: 0,
    };
    // There is one row even where no owner moved.
    for row in rows {
        versions.model = Fingerprint(unsigned(row.try_get(0)?));
        versions.mark = row.try_get::<_, i64>(1)? as u64;
        if let (Some(owner), Some(changes)) = (row.try_get(2)?, row.try_get::<_, Option<i64>>(3)?) {
            versions
                .changes
                .push((Owner(unsigned(owner)), changes as u64));
        }
    }
    Ok(versions)
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

    fn read(&self, table: Table, part: Part<'_>, take: &mut TakeRow<'_>) -> Result<(), StoreError> {
        let columns = match table {
            Table::Head => "0::bigint # (1::bigint << 63), 0::bigint # (1::bigint << 63), frame",
            Table::Owners => "there.owner, 0::bigint # (1::bigint << 63), frame",
            _ => "there.owner, key, frame",
        };
        let order = match table {
            Table::Head => "",
            Table::Owners => "WHERE frame IS NOT NULL ORDER BY there.owner",
            _ => "ORDER BY there.owner, key",
        };
        let since: &[(Owner, u64)] = match &part {
            Part::All => &[],
            Part::Of(owner) => &[(*owner, 0)],
            Part::Since(owners) => owners,
        };
        let (owners, known): (Vec<i64>, Vec<i64>) = since
            .iter()
            .map(|&(owner, changes)| (signed(owner.0), changes as i64))
            .unzip();
        let (owners, known): (&(dyn ToSql + Sync), &(dyn ToSql + Sync)) = (&owners, &known);
        let (meant, parameters) = match part {
            Part::All => ("", vec![]),
            Part::Of(_) => (
                "JOIN unnest($1::bigint[]) AS meant (owner) USING (owner)",
                vec![(owners, Type::INT8_ARRAY)],
            ),
            Part::Since(_) => (
                "JOIN unnest($1::bigint[], $2::bigint[]) AS meant (owner, known)
                ON meant.owner = there.owner AND there.changes > meant.known",
                vec![(owners, Type::INT8_ARRAY), (known, Type::INT8_ARRAY)],
            ),
        };
        let table_name = name(table);
        let question = format!("SELECT {columns} FROM {table_name} AS there {meant} {order}");
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

    fn versions(&self, since: u64) -> Result<Option<Versions>, StoreError> {
        let versions = versions(&mut self.connection.borrow_mut(), since);
        versions.map(Some).map_err(|error| self.failed(&error))
    }
}
