//! What the tools do.

use super::Place;
use super::arguments::{
    AddMemory, Entities, GetMemories, GiveFeedback, ListEvents, SearchMemories, UpdateMemory,
    filter,
};
use super::tools::{Context, MemoryTools};
use crate::server::access::Access;
use crate::server::error::ApiError;
use crate::server::memories::events::Event;
use crate::server::memories::{Memory, Opinion, Search, Updates};
use axum::http::request::Parts;
use serde_json::{Value, json};

/// Answers of a search that does not say how many.
const ANSWERS: usize = 10;

/// Most answers of a search.
const MOST_ANSWERS: usize = 1_000;

/// The least score of a search that does not say.
const THRESHOLD: f32 = 0.1;

/// Memories of a page that does not say how many, and most of any page.
const PAGE: usize = 50;
const MOST_A_PAGE: usize = 200;

fn described(memories: &[Memory]) -> Vec<Value> {
    let memories = memories.iter();
    memories
        .map(|memory| Value::Object(memory.described()))
        .collect()
}

impl MemoryTools {
    /// What the request may do.
    pub(super) fn access(&self, context: &Context) -> Result<Access, ApiError> {
        match &self.place {
            Place::Alone(_, access) => Ok(access.clone()),
            Place::Served(_) => {
                let parts = context.extensions.get::<Parts>();
                let access = parts.and_then(|parts| parts.extensions.get::<Access>());
                access
                    .cloned()
                    .ok_or_else(|| ApiError::internal("this route asks nobody for a key"))
            }
        }
    }

    /// Whose memories are meant where no one says: a key for one owner means that one.
    fn default_user(&self, access: &Access) -> String {
        let owners = access.owners.iter().flat_map(|owners| owners.iter());
        let mut owners = owners.clone().take(2);
        match (owners.next(), owners.next()) {
            (Some(only), None) => only.clone(),
            _ => self.default_user.clone(),
        }
    }

    pub(super) async fn add(
        &self,
        arguments: AddMemory,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let texts = arguments.texts(&self.default_user(&access))?;
        let added = self.place.memories().add(&access, texts).await?;
        let results = described(&added.memories);
        let event = self.place.memories().events.note(&access, "ADD", &results);
        Ok(json!({ "results": results, "without_words": added.without_words, "event_id": event }))
    }

    pub(super) fn search(
        &self,
        arguments: &SearchMemories,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let user = self.default_user(&access);
        let top_k = within("limit", arguments.limit, ANSWERS, MOST_ANSWERS)?;
        let threshold = arguments.threshold.unwrap_or(THRESHOLD);
        if !(0.0..=1.0).contains(&threshold) {
            return Err(ApiError::bad_request(format!(
                "threshold is {threshold}; it lies between 0 and 1"
            )));
        }
        let search = Search {
            query: arguments.query.clone(),
            filter: filter(&arguments.entities, arguments.filters.as_ref(), &user)?,
            top_k,
            threshold,
            show_expired: false,
            reference: None,
        };
        let found = self.place.memories().search(&access, &search)?;
        let results = found.iter().map(|found| {
            let mut fields = found.memory.described();
            fields.insert("score".to_owned(), json!(found.hit.score.total));
            Value::Object(fields)
        });
        Ok(json!({ "results": results.collect::<Vec<_>>() }))
    }

    pub(super) fn list(
        &self,
        arguments: &GetMemories,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let user = self.default_user(&access);
        let size = within("page_size", arguments.page_size, PAGE, MOST_A_PAGE)?;
        let page = within("page", arguments.page, 1, usize::MAX)?;
        let filter = filter(&arguments.entities, arguments.filters.as_ref(), &user)?;
        let skip = (page - 1).saturating_mul(size);
        let memories = self.place.memories();
        let listing = memories.list(&access, &filter, false, skip, size);
        let results = described(&listing.memories);
        Ok(json!({ "count": listing.count, "results": results }))
    }

    pub(super) async fn update(
        &self,
        arguments: UpdateMemory,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let updates = Updates {
            text: arguments.text,
            metadata: arguments.metadata,
            ..Updates::default()
        };
        let memories = self.place.memories();
        let id = arguments.memory_id;
        let memory = memories.update(&access, &id, updates).await?;
        Ok(Value::Object(memory.described()))
    }

    pub(super) async fn delete_all(
        &self,
        entities: Entities,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let filter = entities.filter(&self.default_user(&access));
        let deleted = self.place.memories().delete_where(&access, filter).await?;
        Ok(json!({ "deleted": deleted.len() }))
    }

    pub(super) async fn delete_these(
        &self,
        ids: Vec<String>,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let deleted = self.place.memories().delete(&access, ids).await?;
        Ok(json!({ "deleted": deleted.len() }))
    }

    pub(super) async fn judge(
        &self,
        arguments: GiveFeedback,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let opinion = Opinion::of(
            arguments.memory_id,
            arguments.feedback.as_deref(),
            arguments.query,
            None,
        )?;
        let learned = self.place.memories().judge(&access, opinion).await?;
        Ok(json!({ "query": learned.question, "weight": learned.weight }))
    }

    pub(super) fn entities(&self, context: &Context) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let entities = self.place.memories().entities(&access);
        let entities = entities.iter().map(|entity| {
            json!({
                "type": entity.kind.name(),
                "name": entity.name,
                "total_memories": entity.memories,
            })
        });
        Ok(json!({ "results": entities.collect::<Vec<_>>() }))
    }

    pub(super) fn events(
        &self,
        arguments: &ListEvents,
        context: &Context,
    ) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let size = within("page_size", arguments.page_size, PAGE, MOST_A_PAGE)?;
        let page = within("page", arguments.page, 1, usize::MAX)?;
        let events = self.place.memories().events.of(&access);
        let shown = events
            .iter()
            .skip((page - 1).saturating_mul(size))
            .take(size);
        let shown: Vec<Value> = shown.map(Event::described).collect();
        Ok(json!({ "count": events.len(), "results": shown }))
    }

    pub(super) fn event(&self, id: &str, context: &Context) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let event = self.place.memories().events.get(&access, id)?;
        Ok(event.described())
    }
}

fn within(name: &str, given: Option<usize>, usual: usize, most: usize) -> Result<usize, ApiError> {
    let value = given.unwrap_or(usual);
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    Err(ApiError::bad_request(format!(
        "{name} is {value}; it lies between 1 and {most}"
    )))
}
