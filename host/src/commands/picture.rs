//! Files of pictures.

use crate::command_line::Failure;
use std::path::Path;

/// Writes a picture into a file.
pub(super) fn write_picture(path: &Path, picture: &str) -> Result<(), Failure> {
    std::fs::write(path, picture)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}
