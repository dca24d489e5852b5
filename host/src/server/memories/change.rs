//! Adding, changing, deleting.

use super::filter::Filter;
use super::journal::{Note, Past};
use super::kept::Kept;
use super::memory::{Details, IDENTITY, Memory, Micros, now, seconds};
use super::order::Plan;
use super::scope::Scope;
use super::search::View;
use super::{Memories, key_of, memory_of, unknown};
use crate::bank::OwnedSlot;
use crate::model::TextEncoder;
use crate::server::access::Access;
use crate::server::error::ApiError;
use crate::store::NewEntry;
use jiff::civil::Date;
use memt_core::bank::Deletion;
use memt_core::slot::{Factor, Key, Owner};
use memt_core::write::NewMemory;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Bytes of texts that are encoded where the request is answered; more go to a thread of their own.
const FEW_BYTES: usize = 4096;

/// A text to be remembered.
#[derive(Clone, Debug, Default)]
pub struct NewText {
    /// The text, word for word.
    pub text: String,
    /// Who spoke.
    pub role: Option<String>,
    /// The name of who spoke.
    pub actor: Option<String>,
    /// Whose it is.
    pub scope: Scope,
    /// What is kept beside it.
    pub metadata: Map<String, Value>,
    /// Categories.
    pub categories: Vec<String>,
    /// When it was said; now without it.
    pub created: Option<Micros>,
    /// The last day on which it is shown.
    pub expires: Option<Date>,
    /// Whether it cannot be changed.
    pub immutable: bool,
}

/// What became of texts that were to be remembered.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// The new memories.
    pub memories: Vec<Memory>,
    /// Texts that have no words, which nothing could find again.
    pub without_words: Vec<String>,
}

/// What changes of a memory; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// The text.
    pub text: Option<String>,
    /// Values of the metadata; null removes one.
    pub metadata: Option<Map<String, Value>>,
    /// When it was said.
    pub created: Option<Micros>,
    /// The last day, or none.
    pub expires: Option<Option<Date>>,
}

impl Memories {
    /// Remembers texts, all or none; those without words are told.
    pub async fn add(&self, access: &Access, texts: Vec<NewText>) -> Result<Added, ApiError> {
        access.may_write()?;
        let at = now();
        let mut memories = Vec::with_capacity(texts.len());
        let mut without_words = Vec::new();
        for (place, new) in texts.into_iter().enumerate() {
            let owner = new.scope.owner_name().ok_or_else(no_entity)?;
            access.may_touch(&owner)?;
            if memt_core::text::Words::of(&new.text).next().is_none() {
                without_words.push(new.text);
                continue;
            }
            // Those of one call stay in their order.
            let created = new.created.unwrap_or(at + place as Micros);
            memories.push(Memory {
                id: Uuid::now_v7(),
                key: Key::default(),
                text: new.text,
                scope: new.scope,
                metadata: new.metadata,
                details: Details {
                    role: new.role,
                    actor: new.actor,
                    categories: new.categories,
                    expires: new.expires,
                    immutable: new.immutable,
                    ..Details::default()
                },
                created,
                updated: created,
            });
        }
        if memories.is_empty() {
            return Ok(Added {
                memories,
                without_words,
            });
        }
        let (memories, entries) = self.prepared(memories).await?;
        self.change(move |_| {
            let plan = Plan {
                add: entries.clone(),
                ..Plan::default()
            };
            Ok((plan, ()))
        })
        .await?;
        self.tell("memory_add", &memories);
        Ok(Added {
            memories,
            without_words,
        })
    }

    /// Encodes memories and makes them ready for the store.
    async fn prepared(
        &self,
        memories: Vec<Memory>,
    ) -> Result<(Vec<Memory>, Vec<NewEntry>), ApiError> {
        let encoder = self.encoder;
        let bytes: usize = memories.iter().map(|memory| memory.text.len()).sum();
        let work = move || {
            let entries = memories.iter().map(|memory| entry(memory, &encoder));
            let entries = entries.collect::<Result<Vec<_>, ApiError>>()?;
            Ok((memories, entries))
        };
        if bytes <= FEW_BYTES {
            return work();
        }
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(ApiError::internal)?
    }

    /// Changes a memory; its id stays, and what it was is in its history.
    pub async fn update(
        &self,
        access: &Access,
        id: &str,
        updates: Updates,
    ) -> Result<Memory, ApiError> {
        let updated = self
            .update_all(access, vec![(id.to_owned(), updates)])
            .await?;
        updated.into_iter().next().ok_or_else(|| unknown(id))
    }

    /// Changes memories, all or none.
    pub async fn update_all(
        &self,
        access: &Access,
        updates: Vec<(String, Updates)>,
    ) -> Result<Vec<Memory>, ApiError> {
        access.may_write()?;
        let at = now();
        let (access, encoder) = (access.clone(), self.encoder);
        let changed = self
            .change(move |kept| {
                let mut plan = Plan::default();
                let mut changed: Vec<Memory> = Vec::with_capacity(updates.len());
                for (id, updates) in &updates {
                    let key = key_of(kept, &access, id)?;
                    let before = memory_of(kept, key).ok_or_else(|| unknown(id))?;
                    if plan.touched.contains(&before.id) {
                        return Err(ApiError::bad_request(format!("memory {id} is named twice")));
                    }
                    let after = updated(&before, updates, at)?;
                    plan.touched.push(before.id);
                    let text = (before.text != after.text).then(|| after.text.clone());
                    plan.notes.push(Note::History(Past {
                        id: Uuid::now_v7(),
                        memory: before.id,
                        owner: before.scope.owner_name().ok_or_else(no_entity)?,
                        event: "UPDATE".to_owned(),
                        new: Some(text.unwrap_or_else(|| before.text.clone())),
                        old: before.text,
                        metadata: after.metadata.clone(),
                        created: before.created,
                        at,
                    }));
                    plan.add.push(entry(&after, &encoder)?);
                    // An id made of a key is kept as the new memory's own id.
                    let external = kept.store.external_id(key);
                    if external != Some(&after.id.to_string()) {
                        plan.forget.push(Deletion {
                            key,
                            time: seconds(at),
                        });
                    }
                    changed.push(after);
                }
                Ok((plan, changed))
            })
            .await?;
        self.tell("memory_update", &changed);
        Ok(changed)
    }

    /// Forgets memories, all or none; each leaves a line of history.
    pub async fn delete(&self, access: &Access, ids: Vec<String>) -> Result<Vec<Memory>, ApiError> {
        access.may_write()?;
        let access = access.clone();
        let deleted = self
            .change(move |kept| {
                let keys = ids.iter().map(|id| key_of(kept, &access, id));
                let mut keys = keys.collect::<Result<Vec<Key>, _>>()?;
                keys.sort_unstable();
                keys.dedup();
                deletion(kept, &keys)
            })
            .await?;
        self.tell("memory_delete", &deleted);
        Ok(deleted)
    }

    /// Forgets all memories that a filter means.
    pub async fn delete_where(
        &self,
        access: &Access,
        filter: Filter,
    ) -> Result<Vec<Memory>, ApiError> {
        access.may_write()?;
        let access = access.clone();
        let deleted = self
            .change(move |kept| {
                let view = View::of(kept, &access, &filter, true);
                deletion(kept, &view.keys())
            })
            .await?;
        self.tell("memory_delete", &deleted);
        Ok(deleted)
    }

    /// Sets and removes notes.
    pub(in crate::server) async fn note<R: Send + 'static>(
        &self,
        change: impl FnMut(&Kept) -> Result<(Vec<Note>, Vec<u64>, R), ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let mut change = change;
        self.change(move |kept| {
            let (notes, remove_notes, reply) = change(kept)?;
            let plan = Plan {
                notes,
                remove_notes,
                // One change of notes at a time.
                touched: vec![Uuid::nil()],
                ..Plan::default()
            };
            Ok((plan, reply))
        })
        .await
    }
}

fn no_entity() -> ApiError {
    ApiError::bad_request(
        "whose memory is it? give user_id, agent_id, app_id or run_id (at the top or in `filters`)",
    )
}

/// A memory as the store takes it.
fn entry(memory: &Memory, encoder: &TextEncoder<'_>) -> Result<NewEntry, ApiError> {
    let embedding = encoder
        .encode_one(&memory.text)
        .map_err(ApiError::internal)?;
    let new = NewMemory {
        // The store sets the owner of the name.
        owner: Owner(0),
        text: &memory.text,
        embedding: &embedding,
        created: memory.created_seconds(),
        importance: Factor::ONE,
    };
    let slot = OwnedSlot::of(&new, &memory.document()).map_err(ApiError::bad_request)?;
    Ok(NewEntry {
        slot,
        owner_name: memory.scope.owner_name().ok_or_else(no_entity)?,
        external_id: Some(memory.id.to_string()),
    })
}

fn updated(before: &Memory, updates: &Updates, at: Micros) -> Result<Memory, ApiError> {
    if before.details.immutable {
        return Err(ApiError::bad_request(format!(
            "memory {} is immutable; delete it and add another",
            before.id
        )));
    }
    let mut after = before.clone();
    if let Some(text) = &updates.text {
        after.text.clone_from(text);
    }
    for (name, value) in updates.metadata.iter().flatten() {
        match value {
            _ if IDENTITY.contains(&name.as_str()) => continue,
            Value::Null => after.metadata.shift_remove(name),
            value => after.metadata.insert(name.clone(), value.clone()),
        };
    }
    if let Some(created) = updates.created {
        after.created = created;
    }
    if let Some(expires) = updates.expires {
        after.details.expires = expires;
    }
    after.updated = at;
    Ok(after)
}

fn deletion(kept: &Kept, keys: &[Key]) -> Result<(Plan, Vec<Memory>), ApiError> {
    let at = now();
    let mut plan = Plan::default();
    let mut deleted = Vec::with_capacity(keys.len());
    for &key in keys {
        let Some(memory) = memory_of(kept, key) else {
            continue;
        };
        plan.touched.push(memory.id);
        // A memory dated in the future is gone all the same.
        let time = seconds(at).max(memory.created_seconds());
        plan.forget.push(Deletion { key, time });
        plan.notes.push(Note::History(Past {
            id: Uuid::now_v7(),
            memory: memory.id,
            owner: memory.scope.owner_name().ok_or_else(no_entity)?,
            event: "DELETE".to_owned(),
            old: memory.text.clone(),
            new: None,
            metadata: memory.metadata.clone(),
            created: memory.created,
            at,
        }));
        deleted.push(memory);
    }
    Ok((plan, deleted))
}
