//! Making tables, and changing those of earlier versions.

use super::Server;
use crate::store::error::StoreError;
use crate::store::tables::Head;
use ::postgres::Error;

/// One script for each version of the tables. A released one is never changed.
const MIGRATIONS: [&str; 1] = [include_str!("migrations.sql")];

/// Brings the tables to this build's version; processes that start together take turns.
pub(super) fn migrate(server: &Server) -> Result<(), StoreError> {
    let version = "CREATE TABLE IF NOT EXISTS memt_schema (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            version integer NOT NULL
        );
        INSERT INTO memt_schema (version) VALUES (0) ON CONFLICT DO NOTHING;";
    let mut connection = server.connection()?;
    // Of several that make the table at once, all but one may be told that it is there already.
    let made = (0..3).find_map(|_| connection.batch_execute(version).ok());
    if made.is_none() {
        let made = connection.batch_execute(version);
        made.map_err(|error| server.failed(&error))?;
    }
    let found = missing(&mut connection).map_err(|error| server.failed(&error))?;
    match found > MIGRATIONS.len() as i32 {
        true => Err(StoreError::Format {
            path: server.place.clone(),
            format: found as u32,
        }),
        false => Ok(()),
    }
}

/// Runs the scripts that are missing, all or none; returns the version that was found.
fn missing(connection: &mut super::Connection) -> Result<i32, Error> {
    let mut writing = connection.transaction()?;
    let row = writing.query_one("SELECT version FROM memt_schema FOR UPDATE", &[])?;
    let found: i32 = row.get(0);
    for script in MIGRATIONS.iter().skip(found.max(0) as usize) {
        writing.batch_execute(script)?;
    }
    let version = found.max(MIGRATIONS.len() as i32);
    writing.execute("UPDATE memt_schema SET version = $1", &[&version])?;
    writing.commit()?;
    Ok(found)
}

impl Server {
    /// Sets the head of a database that has none.
    pub(super) fn begin(&self, head: Head) -> Result<(), StoreError> {
        let frame = super::commit::framed(head)?;
        let statement =
            "INSERT INTO memt_head (model, frame) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let model = super::signed(head.fingerprint);
        self.ask(|connection| connection.execute(statement, &[&model, &frame]))?;
        Ok(())
    }
}
