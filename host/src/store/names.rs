//! Names of owners and external ids of memories: strings that the bank does without.

use super::ids::Ids;
use memt_core::slot::{Key, Owner};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Owners above this bit come from names.
pub(super) const NAMED: u64 = 1 << 63;

/// Two names that give the same owner number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken {
    /// The name that was asked for.
    pub name: String,
    /// The name that has the number.
    pub taken_by: String,
}

impl core::fmt::Display for NameTaken {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { name, taken_by } = self;
        write!(
            formatter,
            "owner `{name}` would have the same number as `{taken_by}`; choose another name"
        )
    }
}

impl std::error::Error for NameTaken {}

/// An owner and what has to be stored to know it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName {
    /// The owner.
    pub owner: Owner,
    /// The name, if it is not known yet.
    pub name: Option<String>,
}

/// The owner that a name stands for: a decimal number below 2^32 (without leading zeros or sign)
/// stands for itself, any other name for the first 8 bytes of its SHA-256, big-endian, with the top
/// bit set.
pub fn owner_of_name(name: &str) -> Owner {
    if let Ok(number) = name.parse::<u32>()
        && number.to_string() == name
    {
        return Owner(u64::from(number));
    }
    let digest = Sha256::digest(name.as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    Owner(number | NAMED)
}

/// All names of a store.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Owners with memories; some came without a name.
    owners: BTreeMap<Owner, Option<String>>,
    ids: Ids,
}

impl Names {
    /// The owner of a name, and whether the name is new.
    pub(super) fn owner(&self, name: &str) -> Result<NewName, NameTaken> {
        let owner = owner_of_name(name);
        let is_new = match self.owners.get(&owner) {
            Some(Some(known)) if known != name => {
                return Err(NameTaken {
                    name: name.to_owned(),
                    taken_by: known.clone(),
                });
            }
            Some(Some(_)) => false,
            Some(None) | None => true,
        };
        Ok(NewName {
            owner,
            name: is_new.then(|| name.to_owned()),
        })
    }

    pub(super) fn owner_name(&self, owner: Owner) -> String {
        match self.owners.get(&owner) {
            Some(Some(name)) => name.clone(),
            Some(None) | None => owner.0.to_string(),
        }
    }

    pub(super) fn knows_owner(&self, owner: Owner) -> bool {
        self.owners.contains_key(&owner)
    }

    pub(super) fn learn_owner(&mut self, owner: Owner, name: Option<String>) {
        self.owners.insert(owner, name);
    }

    pub(super) fn key(&self, owner: Owner, id: &str) -> Option<Key> {
        self.ids.key(owner, id)
    }

    pub(super) fn external_id(&self, key: Key) -> Option<&str> {
        self.ids.id(key)
    }

    /// Gives `id` to a memory, which takes it from the one that had it.
    pub(super) fn learn_id(&mut self, owner: Owner, id: &str, key: Key) {
        self.ids.insert(owner, id, key);
    }

    pub(super) fn forget_id(&mut self, key: Key) {
        self.ids.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_themselves_and_names_are_hashed() {
        assert_eq!(owner_of_name("0"), Owner(0));
        assert_eq!(owner_of_name("4294967295"), Owner(u64::from(u32::MAX)));
        for name in ["4294967296", "007", "+7", "-1", "", "anna", " 7"] {
            assert!(owner_of_name(name).0 >= NAMED, "{name}");
        }
        // SHA-256 of "abc" begins ba7816bf 8f01cfea (FIPS 180-4).
        assert_eq!(owner_of_name("abc"), Owner(0xba78_16bf_8f01_cfea));
    }

    #[test]
    fn another_name_with_the_same_number_is_refused() {
        let mut names = Names::default();
        let anna = names.owner("anna").unwrap();
        assert_eq!(anna.name.as_deref(), Some("anna"));
        names.learn_owner(anna.owner, Some("bert".to_owned()));
        assert_eq!(names.owner("anna").unwrap_err().taken_by, "bert");
    }
}
