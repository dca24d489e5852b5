//! Changing the model while no process changes a memory.

use super::{Connection, Server, commit, signed};
use crate::store::error::StoreError;
use crate::store::storage::{Batch, Frozen};

/// A transaction for which the changes of all processes wait; questions do not.
pub(super) struct Locked<'s> {
    server: &'s Server,
    connection: Connection,
}

impl<'s> Locked<'s> {
    pub(super) fn owners_of(server: &'s Server) -> Result<Self, StoreError> {
        let mut connection = server.connection()?;
        let locked = connection.batch_execute("BEGIN; LOCK TABLE memt_owners IN EXCLUSIVE MODE");
        locked.map_err(|error| server.failed(&error))?;
        Ok(Self { server, connection })
    }
}

impl Frozen for Locked<'_> {
    fn change_model(mut self: Box<Self>, batch: Batch) -> Result<(), StoreError> {
        let Some(head) = batch.head else {
            return Ok(());
        };
        let (model, frame) = (signed(head.fingerprint), commit::framed(head)?);
        let changed = self.connection.execute(
            "UPDATE memt_head SET model = $1, frame = $2",
            &[&model, &frame],
        );
        let committed = changed.and_then(|_| self.connection.batch_execute("COMMIT"));
        committed.map_err(|error| self.server.failed(&error))
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // After a commit there is nothing to take back. A connection on which this fails is closed.
        let _ = self.connection.batch_execute("ROLLBACK");
    }
}
