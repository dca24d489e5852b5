//! The tools.

use super::Place;
use super::arguments::{
    AddMemory, Entities, GetMemories, GiveFeedback, OneMemory, SearchMemories, UpdateMemory, filter,
};
use crate::server::access::Access;
use crate::server::error::ApiError;
use crate::server::memories::{Memory, Opinion, Search, Updates};
use axum::http::request::Parts;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
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

const INSTRUCTIONS: &str = "A memory for text. Texts are kept word for word and found again by meaning and by words; \
scores lie between 0 and 1, and what scores below 0.5 is seldom an answer. Without user_id, agent_id, app_id or run_id, \
memories are those of the default user.";

/// Memories as tools.
#[derive(Clone, Debug)]
pub(super) struct MemoryTools {
    place: Place,
    default_user: String,
    tool_router: ToolRouter<Self>,
}

type Context = RequestContext<RoleServer>;

/// A tool's answer; what goes wrong is an answer too, which the model reads.
fn answer(done: Result<Value, ApiError>) -> CallToolResult {
    match done {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => CallToolResult::structured_error(json!({ "error": error.message })),
    }
}

fn described(memories: &[Memory]) -> Vec<Value> {
    let memories = memories.iter();
    memories
        .map(|memory| Value::Object(memory.described()))
        .collect()
}

impl MemoryTools {
    pub(super) fn new(place: Place, default_user: &str) -> Self {
        Self {
            place,
            default_user: default_user.to_owned(),
            tool_router: Self::tool_router(),
        }
    }

    /// What the request may do.
    fn access(&self, context: &Context) -> Result<Access, ApiError> {
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

    async fn add(&self, arguments: AddMemory, context: &Context) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let texts = arguments.texts(&self.default_user(&access))?;
        let added = self.place.memories().add(&access, texts).await?;
        let results = described(&added.memories);
        Ok(json!({ "results": results, "without_words": added.without_words }))
    }

    fn search(&self, arguments: &SearchMemories, context: &Context) -> Result<Value, ApiError> {
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

    fn list(&self, arguments: &GetMemories, context: &Context) -> Result<Value, ApiError> {
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

    async fn update(&self, arguments: UpdateMemory, context: &Context) -> Result<Value, ApiError> {
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

    async fn delete_all(&self, entities: Entities, context: &Context) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let filter = entities.filter(&self.default_user(&access));
        let deleted = self.place.memories().delete_where(&access, filter).await?;
        Ok(json!({ "deleted": deleted.len() }))
    }

    async fn delete_one(&self, id: String, context: &Context) -> Result<Value, ApiError> {
        let access = self.access(context)?;
        let deleted = self.place.memories().delete(&access, vec![id]).await?;
        Ok(json!({ "deleted": deleted.len() }))
    }

    async fn judge(&self, arguments: GiveFeedback, context: &Context) -> Result<Value, ApiError> {
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

    fn entities(&self, context: &Context) -> Result<Value, ApiError> {
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

#[tool_router]
impl MemoryTools {
    /// Remember a text, or the turns of a conversation, word for word. Use it for whatever may be asked for
    /// later: preferences, facts, decisions, dates.
    #[tool(
        name = "add_memory",
        annotations(title = "Remember", destructive_hint = false)
    )]
    async fn add_memory(
        &self,
        Parameters(arguments): Parameters<AddMemory>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.add(arguments, &context).await)
    }

    /// Find the memories that answer a question, best first, each with a score from 0 to 1.
    #[tool(
        name = "search_memories",
        annotations(title = "Search", read_only_hint = true)
    )]
    async fn search_memories(
        &self,
        Parameters(arguments): Parameters<SearchMemories>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.search(&arguments, &context))
    }

    /// List memories, newest first, page by page.
    #[tool(
        name = "get_memories",
        annotations(title = "List", read_only_hint = true)
    )]
    async fn get_memories(
        &self,
        Parameters(arguments): Parameters<GetMemories>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.list(&arguments, &context))
    }

    /// Get one memory by its id.
    #[tool(name = "get_memory", annotations(title = "Get", read_only_hint = true))]
    async fn get_memory(
        &self,
        Parameters(arguments): Parameters<OneMemory>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let found = self.access(&context).and_then(|access| {
            let memory = self.place.memories().get(&access, &arguments.memory_id)?;
            Ok(Value::Object(memory.described()))
        });
        answer(found)
    }

    /// Change the text of a memory, or what is kept beside it. Its id stays, and its history remembers what
    /// it was.
    #[tool(
        name = "update_memory",
        annotations(title = "Change", destructive_hint = true)
    )]
    async fn update_memory(
        &self,
        Parameters(arguments): Parameters<UpdateMemory>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.update(arguments, &context).await)
    }

    /// Say whether a memory that was found answers the question, so that the next such question is answered
    /// better.
    #[tool(
        name = "give_feedback",
        annotations(title = "Judge an answer", destructive_hint = false)
    )]
    async fn give_feedback(
        &self,
        Parameters(arguments): Parameters<GiveFeedback>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.judge(arguments, &context).await)
    }

    /// Forget one memory for good.
    #[tool(
        name = "delete_memory",
        annotations(title = "Forget", destructive_hint = true)
    )]
    async fn delete_memory(
        &self,
        Parameters(arguments): Parameters<OneMemory>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.delete_one(arguments.memory_id, &context).await)
    }

    /// Forget all memories of a user, agent, app or run for good; without any, those of the default user.
    #[tool(
        name = "delete_all_memories",
        annotations(title = "Forget all", destructive_hint = true)
    )]
    async fn delete_all_memories(
        &self,
        Parameters(entities): Parameters<Entities>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.delete_all(entities, &context).await)
    }

    /// Forget a user, agent, app or run: all its memories, for good. At least one must be named.
    #[tool(
        name = "delete_entities",
        annotations(title = "Forget an entity", destructive_hint = true)
    )]
    async fn delete_entities(
        &self,
        Parameters(entities): Parameters<Entities>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        if entities.is_empty() {
            let none = "name at least one of user_id, agent_id, app_id and run_id";
            return answer(Err(ApiError::bad_request(none)));
        }
        answer(self.delete_all(entities, &context).await)
    }

    /// List the users, agents, apps and runs that have memories.
    #[tool(
        name = "list_entities",
        annotations(title = "Entities", read_only_hint = true)
    )]
    async fn list_entities(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        answer(self.entities(&context))
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for MemoryTools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let name = Implementation::new("memt", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities)
            .with_server_info(name)
            .with_instructions(INSTRUCTIONS)
    }
}
