//! The entities that memories belong to.

use super::Memories;
use super::memory::Micros;
use super::scope::Kind;
use crate::server::access::Access;

/// An entity and how much is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityCount {
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Memories that belong to it.
    pub memories: u64,
    /// When the first was written.
    pub created: Micros,
    /// When the last was changed.
    pub updated: Micros,
}

impl Memories {
    /// The entities of the memories that this access opens, by kind and name.
    pub fn entities(&self, access: &Access) -> Vec<EntityCount> {
        let kept = self.read();
        let entities = kept
            .index
            .entities()
            .iter()
            .filter_map(|((kind, name), entity)| {
                let opened = entity
                    .owners
                    .iter()
                    .filter(|(owner, _)| access.opens(&kept.store.owner_name(**owner)));
                let memories: u64 = opened.map(|(_, &count)| u64::from(count)).sum();
                (memories > 0).then(|| EntityCount {
                    kind: *kind,
                    name: name.clone(),
                    memories,
                    created: entity.created,
                    updated: entity.updated,
                })
            });
        entities.collect()
    }
}
