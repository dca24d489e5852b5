//! Memories as tools of the Model Context Protocol, under mem0's names: on standard input and output, and
//! as streamable HTTP at `/mcp`.
//!
//! Over HTTP every request stands alone and shows its key, so nothing is kept between requests; both
//! the handshake of 2025 and the requests without one of 2026 are answered.

mod arguments;
mod openmemory;
mod stdio;
mod tools;
mod work;

pub use stdio::{McpError, serve_stdio};

use self::tools::MemoryTools;
use super::access::Access;
use super::app::Shared;
use super::memories::Memories;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Whose memories are meant where no one says, as mem0's own server has it.
pub const DEFAULT_USER: &str = "mem0-mcp";

/// Where the memories are, and who asks.
#[derive(Clone, Debug)]
enum Place {
    /// In this process only, for whoever started it.
    Alone(Arc<Memories>, Access),
    /// In a server; each request has its own access.
    Served(Shared),
}

impl Place {
    fn memories(&self) -> &Memories {
        match self {
            Self::Alone(memories, _) => memories,
            Self::Served(app) => &app.memories,
        }
    }
}

/// `/mcp`.
pub(super) fn routes(app: &Shared) -> OpenApiRouter<Shared> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(app.settings.body_limit)
        // The guard has seen to hosts, origins and keys.
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let place = Place::Served(Arc::clone(app));
    let openmemory = app.settings.openmemory;
    let service = StreamableHttpService::new(
        move || Ok(MemoryTools::new(place.clone(), DEFAULT_USER, openmemory)),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    OpenApiRouter::new().route_service("/mcp", service)
}
