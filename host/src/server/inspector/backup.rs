//! Copies of the bank while it is served.

use crate::clock;
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::error::{ApiError, Failure};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The folder in the data folder that copies lie in.
const FOLDER: &str = "backups";

/// A copy that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackedUp {
    /// The bank file on the server's computer.
    file: String,
    /// Its bytes.
    bytes: u64,
}

/// Copy the bank, as it is at this moment, to a new bank file on the server's computer
///
/// Everything is in it: memories, ids, histories, feedback, settings. It lies in `backups` of the data folder and is
/// named after the time. Memories may change meanwhile. Needs a key for all that writes.
#[utoipa::path(post, path = "/inspector/api/backup", tag = "inspector",
    responses((status = 200, body = BackedUp), (status = 403, body = Failure),
        (status = 409, description = "one of this second is there", body = Failure)))]
pub(super) async fn back_up(
    State(app): State<Shared>,
    access: Access,
) -> Result<Json<BackedUp>, ApiError> {
    access.may_write()?;
    access.has_all()?;
    let work = move || {
        let folder = app.settings.data.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(ApiError::internal)?;
        // Colons are not for the names of files everywhere.
        let time = clock::format(clock::now()).replace(':', "-");
        let path = folder.join(format!("{time}.redb"));
        let backup = app.memories.read().begin_backup()?;
        backup.write_to(&path, |_| {})?;
        let bytes = std::fs::metadata(&path).map_err(ApiError::internal)?.len();
        Ok(BackedUp {
            file: path.display().to_string(),
            bytes,
        })
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(ApiError::internal)?.map(Json)
}
