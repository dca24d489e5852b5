//! The tools.

use super::Place;
use super::arguments::{
    AddMemory, Entities, GetMemories, GiveFeedback, ListEvents, OneEvent, OneMemory,
    SearchMemories, UpdateMemory,
};
use crate::server::error::ApiError;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde_json::{Value, json};

const INSTRUCTIONS: &str = "A memory for text. Texts are kept word for word and found again by meaning and by words; \
scores lie between 0 and 1, and what scores below 0.5 is seldom an answer. Without user_id, agent_id, app_id or run_id, \
memories are those of the default user.";

/// Memories as tools.
#[derive(Clone, Debug)]
pub(super) struct MemoryTools {
    pub(super) place: Place,
    pub(super) default_user: String,
    tool_router: ToolRouter<Self>,
}

pub(super) type Context = RequestContext<RoleServer>;

/// A tool's answer; what goes wrong is an answer too, which the model reads.
pub(super) fn answer(done: Result<Value, ApiError>) -> CallToolResult {
    match done {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => CallToolResult::structured_error(json!({ "error": error.message })),
    }
}

impl MemoryTools {
    pub(super) fn new(place: Place, default_user: &str, openmemory: bool) -> Self {
        let mut tool_router = Self::tool_router();
        if openmemory {
            tool_router.merge(Self::openmemory());
        }
        Self {
            place,
            default_user: default_user.to_owned(),
            tool_router,
        }
    }
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
        answer(self.delete_these(vec![arguments.memory_id], &context).await)
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

    /// List what was done lately, newest first: additions by these tools, and all that clients of mem0 asked for.
    #[tool(
        name = "list_events",
        annotations(title = "Events", read_only_hint = true)
    )]
    async fn list_events(
        &self,
        Parameters(arguments): Parameters<ListEvents>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.events(&arguments, &context))
    }

    /// Say what came of an event, such as an addition. Everything is done when it is answered, so it has
    /// succeeded.
    #[tool(
        name = "get_event_status",
        annotations(title = "Event", read_only_hint = true)
    )]
    async fn get_event_status(
        &self,
        Parameters(arguments): Parameters<OneEvent>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.event(&arguments.event_id, &context))
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
