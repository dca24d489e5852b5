//! External ids of memories, each kept once.

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use memt_core::slot::{Key, Owner};
use std::hash::BuildHasher;

/// Ids to keys and back.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    ids: HashMap<Key, (Owner, Box<str>)>,
    /// Keys, found by owner and id.
    keys: HashTable<Key>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// The memory of an owner's id.
    pub(super) fn key(&self, owner: Owner, id: &str) -> Option<Key> {
        let hash = self.hasher.hash_one((owner, id));
        let is_it = |key: &Key| self.is_named(*key, owner, id);
        self.keys.find(hash, is_it).copied()
    }

    fn is_named(&self, key: Key, owner: Owner, id: &str) -> bool {
        let named = self.ids.get(&key);
        named.is_some_and(|(whose, name)| *whose == owner && **name == *id)
    }

    /// The id of a memory.
    pub(super) fn id(&self, key: Key) -> Option<&str> {
        self.ids.get(&key).map(|(_, id)| &**id)
    }

    /// Gives an id to a memory.
    pub(super) fn insert(&mut self, owner: Owner, id: &str, key: Key) {
        if let Some(other) = self.key(owner, id) {
            self.remove(other);
        }
        self.remove(key);
        let hash = self.hasher.hash_one((owner, id));
        let Self { ids, keys, hasher } = self;
        ids.insert(key, (owner, id.into()));
        keys.insert_unique(hash, key, |key| match ids.get(key) {
            Some((owner, id)) => hasher.hash_one((owner, &**id)),
            // Every key of the table has an id.
            None => 0,
        });
    }

    /// Takes a memory's id away.
    pub(super) fn remove(&mut self, key: Key) {
        if let Some((owner, id)) = self.ids.remove(&key) {
            let hash = self.hasher.hash_one((owner, &*id));
            if let Ok(entry) = self.keys.find_entry(hash, |other| *other == key) {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_moves_and_goes() {
        let mut ids = Ids::default();
        let key = |counter| Key { origin: 1, counter };
        for counter in 0..1000 {
            ids.insert(
                Owner(u64::from(counter % 2)),
                &format!("{}", counter / 2),
                key(counter),
            );
        }
        assert_eq!(ids.key(Owner(1), "7"), Some(key(15)));
        assert_eq!(ids.id(key(15)), Some("7"));
        ids.insert(Owner(1), "7", key(2000));
        assert_eq!(
            (ids.key(Owner(1), "7"), ids.id(key(15))),
            (Some(key(2000)), None)
        );
        ids.remove(key(2000));
        assert_eq!(ids.key(Owner(1), "7"), None);
        assert_eq!(ids.key(Owner(0), "7"), Some(key(14)));
    }
}
