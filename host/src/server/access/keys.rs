//! Keys: random strings, of which only hashes are kept, in a file that people can read.

use super::Access;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use subtle::ConstantTimeEq;

/// The file of keys in the data folder.
const FILE_NAME: &str = "keys.toml";

/// How long a changed file may go unnoticed.
const CHECKED_EVERY: Duration = Duration::from_secs(1);

/// What every key begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "memt_";

/// Random bytes of a key.
const KEY_BYTES: usize = 32;

/// A key as it is kept: its hash and what it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Key {
    /// What people call it.
    pub name: String,
    /// SHA-256 of the key, in hexadecimal digits. Keys are random and long, so a slow hash would add
    /// nothing.
    pub sha256: String,
    /// Owners whose memories it opens; without them, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<BTreeSet<String>>,
    /// Whether it only reads.
    #[serde(default)]
    pub read_only: bool,
}

/// All keys of a data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// The keys.
    #[serde(default, rename = "key")]
    pub keys: Vec<Key>,
}

/// What a new key opens.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// What people call it; no two are called alike.
    pub name: String,
    /// Owners whose memories it opens; empty for all.
    pub owners: Vec<String>,
    /// Whether it only reads.
    pub read_only: bool,
}

/// Why keys cannot be read or changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or written.
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not as it must be.
    Toml {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A name is taken.
    Taken(String),
    /// There is no key of this name.
    Unknown(String),
    /// There are no random numbers.
    Random(getrandom::Error),
}

impl core::fmt::Display for KeyFileError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Io { path, error } => write!(formatter, "keys {}: {error}", path.display()),
            Self::Toml { path, error } => write!(formatter, "keys {}: {error}", path.display()),
            Self::Taken(name) => write!(
                formatter,
                "there is a key `{name}` already; remove it first or choose another name"
            ),
            Self::Unknown(name) => write!(formatter, "there is no key `{name}`"),
            Self::Random(error) => write!(formatter, "no random numbers: {error}"),
        }
    }
}

impl std::error::Error for KeyFileError {}

impl KeyFile {
    /// The keys of a data folder; none if there is no file.
    pub fn read(data: &Path) -> Result<Self, KeyFileError> {
        let path = data.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(KeyFileError::Io { path, error }),
        };
        toml::from_str(&text).map_err(|error| KeyFileError::Toml {
            path,
            error: Box::new(error),
        })
    }

    /// Replaces the file, whole or not at all, for its owner's eyes only.
    pub fn write(&self, data: &Path) -> Result<(), KeyFileError> {
        let path = data.join(FILE_NAME);
        let text = toml::to_string(self).map_err(|error| KeyFileError::Toml {
            path: path.clone(),
            error: Box::new(error),
        })?;
        let written = || -> std::io::Result<()> {
            std::fs::create_dir_all(data)?;
            let mut file = tempfile::NamedTempFile::new_in(data)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        written().map_err(|error| KeyFileError::Io { path, error })
    }

    /// Adds a key and returns it; it cannot be found out again.
    pub fn add(&mut self, new: NewKey) -> Result<String, KeyFileError> {
        if self.keys.iter().any(|key| key.name == new.name) {
            return Err(KeyFileError::Taken(new.name));
        }
        let mut random = [0; KEY_BYTES];
        getrandom::fill(&mut random).map_err(KeyFileError::Random)?;
        let secret = format!("{PREFIX}{}", hexadecimal(&random));
        self.keys.push(Key {
            name: new.name,
            sha256: hexadecimal(&Sha256::digest(secret.as_bytes())),
            owners: (!new.owners.is_empty()).then(|| new.owners.into_iter().collect()),
            read_only: new.read_only,
        });
        Ok(secret)
    }

    /// Removes a key.
    pub fn remove(&mut self, name: &str) -> Result<(), KeyFileError> {
        let before = self.keys.len();
        self.keys.retain(|key| key.name != name);
        match self.keys.len() < before {
            true => Ok(()),
            false => Err(KeyFileError::Unknown(name.to_owned())),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys of a running server: the one of its settings, and those of the file as it is now.
#[derive(Debug)]
pub(crate) struct Keys {
    data: PathBuf,
    of_settings: Option<Known>,
    of_file: Mutex<FileKeys>,
}

#[derive(Debug)]
struct FileKeys {
    checked: Instant,
    changed: Option<SystemTime>,
    known: Arc<[Known]>,
}

/// A key's hash and what it opens.
#[derive(Clone, Debug)]
struct Known {
    sha256: String,
    access: Access,
}

impl Known {
    fn of(key: Key) -> Self {
        Self {
            sha256: key.sha256,
            access: Access {
                name: key.name.as_str().into(),
                owners: key.owners.map(Arc::new),
                read_only: key.read_only,
            },
        }
    }
}

impl Keys {
    /// Those of a data folder, and one that opens everything.
    pub(crate) fn open(data: &Path, of_settings: Option<&str>) -> Result<Self, KeyFileError> {
        let known = KeyFile::read(data)?.keys.into_iter().map(Known::of);
        Ok(Self {
            data: data.to_owned(),
            of_settings: of_settings.map(|secret| Known {
                sha256: hexadecimal(&Sha256::digest(secret.as_bytes())),
                access: Access::whole("settings"),
            }),
            of_file: Mutex::new(FileKeys {
                checked: Instant::now(),
                changed: changed(data),
                known: known.collect(),
            }),
        })
    }

    /// Whether nobody needs a key.
    pub(crate) fn is_open_to_all(&self) -> bool {
        self.of_settings.is_none() && self.current().is_empty()
    }

    /// What a key opens. Every known hash is compared in full, so that time tells nothing.
    pub(crate) fn access(&self, secret: &str) -> Option<Access> {
        let digest = hexadecimal(&Sha256::digest(secret.as_bytes()));
        let mut found = None;
        for known in self.of_settings.iter().chain(self.current().iter()) {
            if bool::from(known.sha256.as_bytes().ct_eq(digest.as_bytes())) {
                found = Some(known.access.clone());
            }
        }
        found
    }

    /// Those of the file, read again when it has changed. A file that cannot be read any more leaves
    /// those from before, and the log says so.
    fn current(&self) -> Arc<[Known]> {
        let mut file = self.of_file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.checked.elapsed() >= CHECKED_EVERY {
            file.checked = Instant::now();
            let changed = changed(&self.data);
            if changed != file.changed {
                file.changed = changed;
                match KeyFile::read(&self.data) {
                    Ok(read) => file.known = read.keys.into_iter().map(Known::of).collect(),
                    Err(error) => {
                        tracing::error!(%error, "keys cannot be read again; the earlier ones stay");
                    }
                }
            }
        }
        Arc::clone(&file.known)
    }
}

fn changed(data: &Path) -> Option<SystemTime> {
    std::fs::metadata(data.join(FILE_NAME))
        .and_then(|file| file.modified())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_what_it_is_bound_to_and_is_kept_as_a_hash() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = KeyFile::default();
        let new = NewKey {
            name: "anna's phone".to_owned(),
            owners: vec!["anna".to_owned()],
            read_only: true,
        };
        let secret = file.add(new.clone()).unwrap();
        assert!(matches!(file.add(new), Err(KeyFileError::Taken(_))));
        file.write(folder.path()).unwrap();
        let written = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        assert!(!written.contains(&secret));
        let keys = Keys::open(folder.path(), Some("master")).unwrap();
        let access = keys.access(&secret).unwrap();
        assert!(access.opens("anna") && !access.opens("bert") && access.may_write().is_err());
        assert!(keys.access("master").unwrap().has_all().is_ok());
        for wrong in ["", "memt_", "masteR", &secret[1..]] {
            assert_eq!(keys.access(wrong), None);
        }
        file.remove("anna's phone").unwrap();
        assert!(matches!(file.remove("x"), Err(KeyFileError::Unknown(_))));
    }
}
