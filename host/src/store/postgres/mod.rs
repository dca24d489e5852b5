//! Rows in a PostgreSQL database, which any number of processes share.
//!
//! A process keeps the owners in memory that it is asked for. Before each answer it asks the database
//! one question: how often has this owner changed? If more often than it knows, it reads the rows that
//! were set since. A change is one transaction that holds only if the owner is still as the change found
//! it; otherwise it is made anew on what is there now. So every process sees what every other has
//! acknowledged, and there is nothing to tell each other.

mod commit;
mod locked;
mod rows;
mod schema;

use super::Store;
use super::error::StoreError;
use super::shared::Shared;
use super::storage::{Batch, Frozen, Rows, Storage, Version, Versions};
use super::stores::Stores;
use super::tables::Head;
use ::postgres::types::Type;
use ::postgres::{Config, NoTls};
use locked::Locked;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use r2d2_postgres::PostgresConnectionManager;
use r2d2_postgres::r2d2::{Pool, PooledConnection};
use rows::Snapshot;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Connections of one process.
const CONNECTIONS: u32 = 16;

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

type Manager = PostgresConnectionManager<NoTls>;
type Connection = PooledConnection<Manager>;

/// A store in a database, for this process.
#[derive(Debug)]
pub struct Server {
    place: PathBuf,
    pool: Pool<Manager>,
}

impl Server {
    /// Connects to a database and makes the tables that are missing. `url` is a connection string of
    /// PostgreSQL, as `postgres://user:password@host/database` or `host=/run/postgresql dbname=memt`.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let unusable = |reason: String| StoreError::Server {
            place: PathBuf::from("the database"),
            reason,
        };
        let config: Config = url.parse().map_err(|error: ::postgres::Error| {
            unusable(format!(
                "cannot read the connection string: {}",
                told(&error)
            ))
        })?;
        let place = place(&config);
        let pool = Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            // What is lost is noticed when it is used.
            .test_on_check_out(false)
            .build(Manager::new(config, NoTls));
        let pool = pool.map_err(|error| StoreError::Server {
            place: place.clone(),
            reason: error.to_string(),
        })?;
        let server = Self { place, pool };
        schema::migrate(&server)?;
        Ok(server)
    }

    /// The store of many owners that the database holds, or a new one of this model; one of another model
    /// is refused. `most` is as for [`Opening::open_owners`](super::Opening::open_owners).
    pub fn open_owners(self, fingerprint: Fingerprint, most: usize) -> Result<Stores, StoreError> {
        let shared = self.shared(fingerprint)?;
        shared.must_be_of(fingerprint)?;
        Ok(Stores::over(shared, most))
    }

    /// As [`open_owners`](Self::open_owners), whatever the model is.
    pub fn open_any(self, fingerprint: Fingerprint, most: usize) -> Result<Stores, StoreError> {
        Ok(Stores::over(self.shared(fingerprint)?, most))
    }

    /// All memories that the database holds, or a new store of this model, for this process to keep up with:
    /// see [`Store::refresh`]. One of another model is refused.
    pub fn open(self, fingerprint: Fingerprint) -> Result<Store, StoreError> {
        let shared = self.shared(fingerprint)?;
        shared.must_be_of(fingerprint)?;
        Store::load(shared, None)
    }

    fn shared(self, fingerprint: Fingerprint) -> Result<Arc<Shared>, StoreError> {
        self.begin(Head::new(fingerprint)?)?;
        let head = Head::read(&self.place, self.rows()?.as_ref())?;
        let place = self.place.clone();
        Ok(Arc::new(Shared::new(&place, Box::new(self), head)?))
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        self.pool.get().map_err(|error| StoreError::Server {
            place: self.place.clone(),
            reason: error.to_string(),
        })
    }

    fn failed(&self, error: &::postgres::Error) -> StoreError {
        StoreError::Server {
            place: self.place.clone(),
            reason: told(error),
        }
    }

    /// Asks something that may be asked again if the connection is lost, as all of the pool are when the
    /// server starts anew.
    fn ask<T>(
        &self,
        question: impl Fn(&mut Connection) -> Result<T, ::postgres::Error>,
    ) -> Result<T, StoreError> {
        let mut lost = 0;
        loop {
            match question(&mut self.connection()?) {
                Err(error) if commit::is_passing(&error) && lost <= CONNECTIONS => lost += 1,
                answer => return answer.map_err(|error| self.failed(&error)),
            }
        }
    }

    /// As [`ask`](Self::ask), of a connection that is kept.
    fn begin_reading(&self) -> Result<Connection, StoreError> {
        let mut lost = 0;
        loop {
            let mut connection = self.connection()?;
            let begun = connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            match begun {
                Ok(()) => return Ok(connection),
                Err(error) if commit::is_passing(&error) && lost <= CONNECTIONS => lost += 1,
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }
}

impl Storage for Server {
    fn is_read_only(&self) -> bool {
        false
    }

    fn rows(&self) -> Result<Box<dyn Rows>, StoreError> {
        Ok(Box::new(Snapshot::begin(self)?))
    }

    fn version(&self, owner: Owner) -> Result<Option<Version>, StoreError> {
        self.ask(|connection| rows::version(connection, owner))
            .map(Some)
    }

    fn versions(&self, since: u64) -> Result<Option<Versions>, StoreError> {
        self.ask(|connection| rows::versions(connection, since))
            .map(Some)
    }

    fn lease_origin(&self) -> Result<Option<u32>, StoreError> {
        loop {
            let origin = Head::new(Fingerprint(0))?.origin;
            let statement = "INSERT INTO memt_origins (origin) VALUES ($1) ON CONFLICT DO NOTHING";
            let number = i64::from(origin);
            let parameters: &[(&(dyn ::postgres::types::ToSql + Sync), Type)] =
                &[(&number, Type::INT8)];
            let made = self.ask(|connection| connection.execute_typed(statement, parameters))?;
            if made == 1 {
                return Ok(Some(origin));
            }
        }
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        commit::commit(self, &batch)
    }

    fn freeze(&self) -> Result<Box<dyn Frozen + '_>, StoreError> {
        Ok(Box::new(Locked::owners_of(self)?))
    }
}

/// An unsigned number as a column keeps it.
fn signed(number: u64) -> i64 {
    (number ^ (1 << 63)) as i64
}

/// The number that [`signed`] was given.
fn unsigned(column: i64) -> u64 {
    column as u64 ^ (1 << 63)
}

/// What to call a database: no password.
fn place(config: &Config) -> PathBuf {
    let host = match config.get_hosts().first() {
        Some(::postgres::config::Host::Tcp(name)) => name.clone(),
        Some(::postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let database = config.get_dbname().or(config.get_user());
    PathBuf::from(format!(
        "postgres://{host}/{}",
        database.unwrap_or_default()
    ))
}

/// What an error says, with what lies behind it.
fn told(error: &::postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => error.to_string(),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
