//! Where things lie, from the workspace's root.

use std::path::{Path, PathBuf};

/// The workspace's root.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests lies in the root").to_owned()
}

/// The large data, if this computer has it: `MEMT_DATA`, else `../shared/data` beside the root.
pub fn data() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("MEMT_DATA") {
        let given = PathBuf::from(given);
        assert!(
            given.is_dir(),
            "MEMT_DATA={} is not a folder",
            given.display()
        );
        return Some(given);
    }
    let shared = root().join("../shared/data");
    shared.is_dir().then_some(shared)
}
