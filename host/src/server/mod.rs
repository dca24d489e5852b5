//! `memt serve`: the memory for applications, over HTTP.
//!
//! | module | what it holds |
//! |---|---|
//! | [`settings`] | what can be set, from flags, environment and a file |
//! | [`app`] | what all requests share |
//! | [`error`] | how a request fails |
//! | [`body`] | JSON of a request, within the limit |
//! | [`memories`] | memories as applications use them; every surface calls it |
//! | `mem0` | mem0's interface, hosted and open |
//! | `access` | keys, whose memories they open, rates |
//! | `layers` | what every request passes: ids, logs, limits, counts |
//! | `router` | the surfaces put together, one module each |
//! | `listen` | sockets, TLS, stopping |
//! | `openai` | OpenAI's embeddings |
//! | [`mcp`] | tools of the Model Context Protocol |
//! | `device` | a device on a port of this computer |
//! | `inspector` | a page for a person with a browser |
//! | `telemetry` | logs |

pub mod app;
pub mod body;
pub mod error;
pub mod mcp;
pub mod memories;
pub mod settings;

mod access;
mod device;
mod health;
mod inspector;
mod layers;
mod listen;
mod mem0;
mod metrics;
mod openai;
mod router;
mod telemetry;

pub use access::{Access, keys};
pub use listen::{ServeError, serve};
