//! What is looked up by id or by entity, kept beside the bank.

use super::memory::{Memory, Micros, expiry};
use super::scope::Kind;
use crate::store::Store;
use jiff::civil::Date;
use memt_core::slot::{Key, Owner};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Ids, entities and expirations of all memories.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Ids that are not made of keys.
    ids: HashMap<Uuid, Key>,
    entities: BTreeMap<(Kind, String), Entity>,
    expiring: HashMap<Key, Date>,
}

/// An entity that memories belong to.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// Memories, by the bank's owner.
    pub(crate) owners: BTreeMap<Owner, u32>,
    pub(crate) created: Micros,
    pub(crate) updated: Micros,
}

impl Index {
    /// That of all memories of a store.
    pub(crate) fn of(store: &Store) -> Self {
        let mut index = Self::default();
        for slot in store.bank().owned_by(None) {
            index.learn(store, slot.facts.key);
        }
        index
    }

    /// Takes in a memory that has come into the store.
    pub(crate) fn learn(&mut self, store: &Store, key: Key) {
        if let Some(id) = external_uuid(store, key) {
            self.ids.entry(id).or_insert(key);
        }
        let Some((slot, bytes)) = store.bank().whole(key) else {
            return;
        };
        if let Some(last) = expiry(bytes) {
            self.expiring.insert(key, last);
        }
        let Some(memory) = Memory::of(store, self.id(store, key), key) else {
            return;
        };
        for (kind, name) in memory.scope.entities() {
            let entity = self
                .entities
                .entry((kind, name.to_owned()))
                .or_insert(Entity {
                    owners: BTreeMap::new(),
                    created: memory.created,
                    updated: memory.updated,
                });
            *entity.owners.entry(slot.facts.owner).or_default() += 1;
            entity.created = entity.created.min(memory.created);
            entity.updated = entity.updated.max(memory.updated);
        }
    }

    /// Forgets a memory that is about to leave the store.
    pub(crate) fn forget(&mut self, store: &Store, key: Key) {
        let (Some(slot), Some(memory)) = (
            store.bank().get(key),
            Memory::of(store, self.id(store, key), key),
        ) else {
            return;
        };
        if self.ids.get(&memory.id) == Some(&key) {
            self.ids.remove(&memory.id);
        }
        self.expiring.remove(&key);
        for (kind, name) in memory.scope.entities() {
            let entity = (kind, name.to_owned());
            let Some(found) = self.entities.get_mut(&entity) else {
                continue;
            };
            if let Some(count) = found.owners.get_mut(&slot.facts.owner) {
                *count -= 1;
                if *count == 0 {
                    found.owners.remove(&slot.facts.owner);
                }
            }
            if found.owners.is_empty() {
                self.entities.remove(&entity);
            }
        }
    }

    /// The id of a memory: its external id if that is a UUID and no other memory has it, else one made
    /// of its key.
    pub(crate) fn id(&self, store: &Store, key: Key) -> Uuid {
        let external = external_uuid(store, key);
        let own = external.filter(|id| self.ids.get(id) == Some(&key));
        own.unwrap_or_else(|| id_of_key(key))
    }

    /// The memory of an id.
    pub(crate) fn key(&self, store: &Store, id: Uuid) -> Option<Key> {
        if let Some(&key) = self.ids.get(&id) {
            return Some(key);
        }
        let key = key_of_id(id)?;
        let is_there = store.bank().get(key).is_some();
        (is_there && self.id(store, key) == id).then_some(key)
    }

    /// The last day of a memory.
    pub(crate) fn last_day(&self, key: Key) -> Option<Date> {
        self.expiring.get(&key).copied()
    }

    /// Whether any memory has a last day.
    pub(crate) fn has_expiring(&self) -> bool {
        !self.expiring.is_empty()
    }

    /// The entities, by kind and name.
    pub(crate) fn entities(&self) -> &BTreeMap<(Kind, String), Entity> {
        &self.entities
    }
}

fn external_uuid(store: &Store, key: Key) -> Option<Uuid> {
    Uuid::try_parse(store.external_id(key)?).ok()
}

/// What the ids made of keys have in common.
const SIGN: [u8; 2] = *b"mt";

fn id_of_key(key: Key) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&key.origin.to_le_bytes());
    bytes[4..6].copy_from_slice(&SIGN);
    bytes[10..14].copy_from_slice(&key.counter.to_le_bytes());
    Uuid::new_v8(bytes)
}

fn key_of_id(id: Uuid) -> Option<Key> {
    let bytes = id.as_bytes();
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let key = Key {
        origin: number(0)?,
        counter: number(10)?,
    };
    (id_of_key(key) == id).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_make_ids_and_come_back() {
        for key in [(0, 0), (7, 9), (u32::MAX, u32::MAX), (1 << 31, 255)] {
            let key = Key {
                origin: key.0,
                counter: key.1,
            };
            assert_eq!(key_of_id(id_of_key(key)), Some(key));
        }
        assert_eq!(key_of_id(Uuid::new_v4()), None);
    }
}
