//! The tools of OpenMemory, mem0's former local server, for assistants that were taught its names.
//! `delete_all_memories` is called the same there.

use super::arguments::{AddMemory, Entities, GetMemories, SearchMemories};
use super::tools::{MemoryTools, answer};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolResult;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, schemars, tool, tool_router};
use serde::Deserialize;

/// What `add_memories` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct Text {
    /// What is to be remembered, kept word for word.
    text: String,
}

/// What `search_memory` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct Query {
    /// The question, in plain words.
    query: String,
}

/// What `delete_memories` takes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
pub(super) struct Those {
    /// Their ids, as other tools give them.
    memory_ids: Vec<String>,
}

#[tool_router(router = openmemory, vis = "pub(super)")]
impl MemoryTools {
    /// Remember a text of the default user word for word.
    #[tool(
        name = "add_memories",
        annotations(title = "Remember", destructive_hint = false)
    )]
    async fn add_memories(
        &self,
        Parameters(Text { text }): Parameters<Text>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.add(AddMemory::of(text), &context).await)
    }

    /// Find the memories of the default user that answer a question, best first.
    #[tool(
        name = "search_memory",
        annotations(title = "Search", read_only_hint = true)
    )]
    async fn search_memory(
        &self,
        Parameters(Query { query }): Parameters<Query>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        let search = SearchMemories {
            query,
            entities: Entities::default(),
            filters: None,
            limit: None,
            threshold: None,
        };
        answer(self.search(&search, &context))
    }

    /// List the memories of the default user.
    #[tool(
        name = "list_memories",
        annotations(title = "List", read_only_hint = true)
    )]
    async fn list_memories(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        let first_page = GetMemories {
            entities: Entities::default(),
            filters: None,
            page: None,
            page_size: None,
        };
        answer(self.list(&first_page, &context))
    }

    /// Forget memories for good, by their ids: all of them, or none if one is not there.
    #[tool(
        name = "delete_memories",
        annotations(title = "Forget", destructive_hint = true)
    )]
    async fn delete_memories(
        &self,
        Parameters(Those { memory_ids }): Parameters<Those>,
        context: RequestContext<RoleServer>,
    ) -> CallToolResult {
        answer(self.delete_these(memory_ids, &context).await)
    }
}
