//! What tools take.

use crate::server::error::ApiError;
use crate::server::memories::{Dialect, Filter, Kind, NewText, Scope};
use rmcp::schemars;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Whose memories; without any, those of the default user.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
pub(super) struct Entities {
    /// The person.
    pub(super) user_id: Option<String>,
    /// The assistant.
    pub(super) agent_id: Option<String>,
    /// The application.
    pub(super) app_id: Option<String>,
    /// The conversation.
    pub(super) run_id: Option<String>,
}

impl Entities {
    fn each(&self) -> impl Iterator<Item = (Kind, &String)> {
        let all = [
            (Kind::User, &self.user_id),
            (Kind::Agent, &self.agent_id),
            (Kind::App, &self.app_id),
            (Kind::Run, &self.run_id),
        ];
        all.into_iter()
            .filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
            .filter(|(_, name)| !name.is_empty())
    }

    /// Whether none is named.
    pub(super) fn is_empty(&self) -> bool {
        self.each().next().is_none()
    }

    /// As the scope of a memory.
    fn scope(&self, default_user: &str) -> Scope {
        let mut scope = Scope::default();
        for (kind, name) in self.each() {
            scope.set(kind, name.clone());
        }
        if self.is_empty() {
            scope.set(Kind::User, default_user.to_owned());
        }
        scope
    }

    /// The memories that have all of them.
    pub(super) fn filter(&self, default_user: &str) -> Filter {
        let scope = self.scope(default_user);
        let parts = scope.entities();
        let parts = parts.map(|(kind, name)| Filter::of_entity(kind, name));
        parts.fold(Filter::all(), Filter::and)
    }
}

/// The memories that a tool's entities and filters mean together.
pub(super) fn filter(
    entities: &Entities,
    filters: Option<&Value>,
    default_user: &str,
) -> Result<Filter, ApiError> {
    let given = match filters {
        None | Some(Value::Null) => None,
        Some(filters) => Some(Filter::parse(filters, Dialect::Hosted)?),
    };
    Ok(match given {
        Some(given) if entities.is_empty() && given.names_an_entity() => given,
        Some(given) => given.and(entities.filter(default_user)),
        None => entities.filter(default_user),
    })
}

/// A turn of a conversation.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct Message {
    /// `user`, `assistant` or `system`; a system message is not remembered.
    pub(super) role: String,
    /// What was said.
    pub(super) content: String,
}

/// What `add_memory` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct AddMemory {
    /// What is to be remembered, kept word for word.
    pub(super) text: Option<String>,
    /// Or turns of a conversation, a memory each.
    pub(super) messages: Option<Vec<Message>>,
    #[serde(flatten)]
    pub(super) entities: Entities,
    /// Anything to be kept beside it.
    pub(super) metadata: Option<Map<String, Value>>,
}

impl AddMemory {
    /// One text of the default user.
    pub(super) fn of(text: String) -> Self {
        Self {
            text: Some(text),
            messages: None,
            entities: Entities::default(),
            metadata: None,
        }
    }

    /// The texts to be remembered.
    pub(super) fn texts(self, default_user: &str) -> Result<Vec<NewText>, ApiError> {
        let scope = self.entities.scope(default_user);
        let metadata = self.metadata.unwrap_or_default();
        let new = |text: String, role: Option<String>| NewText {
            text,
            role,
            scope: scope.clone(),
            metadata: metadata.clone(),
            ..NewText::default()
        };
        let messages = self.messages.unwrap_or_default().into_iter();
        let messages = messages.filter(|message| message.role != "system");
        let messages = messages.map(|message| new(message.content, Some(message.role)));
        let text = self.text.map(|text| new(text, None));
        let texts: Vec<NewText> = text.into_iter().chain(messages).collect();
        if texts.is_empty() {
            return Err(ApiError::bad_request(
                "nothing to remember: give `text` or `messages`",
            ));
        }
        Ok(texts)
    }
}

/// What `search_memories` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct SearchMemories {
    /// The question, in plain words.
    pub(super) query: String,
    #[serde(flatten)]
    pub(super) entities: Entities,
    /// Further conditions in mem0's filter language, such as {"AND": [{"user_id": "ann"}, {"created_at": {"gte": "2026-01-01"}}]}.
    pub(super) filters: Option<Value>,
    /// Most answers, 1 to 1000; 10 without it.
    #[serde(alias = "top_k")]
    pub(super) limit: Option<usize>,
    /// Answers below this score are left out, 0 to 1; 0.1 without it.
    pub(super) threshold: Option<f32>,
}

/// What `get_memories` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct GetMemories {
    #[serde(flatten)]
    pub(super) entities: Entities,
    /// Further conditions in mem0's filter language.
    pub(super) filters: Option<Value>,
    /// Which page, from 1.
    pub(super) page: Option<usize>,
    /// Memories a page, 1 to 200; 50 without it.
    pub(super) page_size: Option<usize>,
}

/// What `get_memory` and `delete_memory` take.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct OneMemory {
    /// Its id, as other tools give it.
    pub(super) memory_id: String,
}

/// What `list_events` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct ListEvents {
    /// Which page, from 1.
    pub(super) page: Option<usize>,
    /// Events a page, 1 to 200; 50 without it.
    pub(super) page_size: Option<usize>,
}

/// What `get_event_status` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct OneEvent {
    /// The id of the event, as `add_memory` gives it.
    pub(super) event_id: String,
}

/// What `give_feedback` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct GiveFeedback {
    /// The id of the memory.
    pub(super) memory_id: String,
    /// POSITIVE, NEGATIVE or VERY_NEGATIVE; without it, what was said of the memory is taken back.
    pub(super) feedback: Option<String>,
    /// The question that was asked; the last one that found the memory if it is not given.
    pub(super) query: Option<String>,
}

/// What `update_memory` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct UpdateMemory {
    /// Its id, as other tools give it.
    pub(super) memory_id: String,
    /// The new text.
    pub(super) text: Option<String>,
    /// Values to be set beside it; null removes one.
    pub(super) metadata: Option<Map<String, Value>>,
}
