#![no_std]
//! What the programs for the QEMU machines share. The parts that touch a machine exist only when compiled for one.

#[cfg(target_os = "none")]
pub mod board;
pub mod checksum;
pub mod device;
pub mod failure;
#[cfg(all(target_os = "none", feature = "machine"))]
pub mod flash;
#[cfg(target_os = "none")]
pub mod instructions;
pub mod mailbox;
pub mod matrices;
#[cfg(target_os = "none")]
pub mod port;
#[cfg(target_os = "none")]
pub mod program;
pub mod random;
pub mod script;
#[cfg(target_os = "none")]
pub mod stack;
pub mod workload;
