//! Tools for the program that started this one, on standard input and output.

use super::Place;
use super::tools::MemoryTools;
use crate::model::{Model, ModelError};
use crate::server::access::Access;
use crate::server::memories::Memories;
use crate::store::Store;
use rmcp::ServiceExt;
use rmcp::transport::stdio;
use std::sync::Arc;

/// Why the tools cannot be offered.
#[derive(Debug)]
#[non_exhaustive]
pub enum McpError {
    /// The model cannot be used.
    Model(ModelError),
    /// The system refuses.
    Io(std::io::Error),
    /// The other side does not speak the protocol.
    Protocol(String),
}

impl core::fmt::Display for McpError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Model(error) => error.fmt(formatter),
            Self::Io(error) => error.fmt(formatter),
            Self::Protocol(error) => write!(formatter, "standard input: {error}"),
        }
    }
}

impl std::error::Error for McpError {}

/// Offers the memories of a store until standard input ends. `user` is whose memories are meant where
/// no one says; with `openmemory`, the tools of OpenMemory are offered too.
pub fn serve_stdio(
    store: Store,
    model: Model,
    user: &str,
    openmemory: bool,
) -> Result<(), McpError> {
    // Lives as long as the process.
    let model: &'static Model = Box::leak(Box::new(model));
    let encoder = model
        .text_encoder(Default::default())
        .map_err(McpError::Model)?;
    let (memories, writer) = Memories::start(store, encoder).map_err(McpError::Io)?;
    let place = Place::Alone(Arc::new(memories), Access::whole("standard input"));
    let tools = MemoryTools::new(place, user, openmemory);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("memt")
        .build()
        .map_err(McpError::Io)?;
    let spoken = runtime.block_on(async {
        let service = tools.serve(stdio()).await;
        let service = service.map_err(|error| McpError::Protocol(error.to_string()))?;
        let ended = service.waiting().await;
        ended.map_err(|error| McpError::Protocol(error.to_string()))?;
        Ok(())
    });
    // What is left to store is stored when the last holder of the memories has gone.
    drop(runtime);
    if writer.join().is_err() {
        return Err(McpError::Io(std::io::Error::other("the writer broke down")));
    }
    spoken
}
