//! `memt serve`, as a program that others ask.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "server/running.rs"]
mod running;

#[path = "server/clients.rs"]
mod clients;

#[path = "server/connected.rs"]
mod connected;

#[path = "device/wire.rs"]
#[allow(dead_code, reason = "the tests of the link use all of it")]
mod wire;

#[path = "server/protocols.rs"]
mod protocols;

#[path = "server/surface.rs"]
mod surface;

#[path = "server/access.rs"]
mod access;

#[path = "server/operations.rs"]
mod operations;

#[path = "server/isolation.rs"]
mod isolation;

#[path = "server/figures.rs"]
mod figures;

#[path = "server/load.rs"]
mod load;
