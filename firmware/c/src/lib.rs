#![cfg_attr(target_os = "none", no_std)]
//! The C interface of memt: what `memt.h` declares, over `memt-core`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`sizes`] | how large the bank is, chosen when the library is built |
//! | [`types`] | the structs of the header, and their conversions |
//! | [`failure`] | what can go wrong, as a number and as text |
//! | [`state`] | everything a memory consists of, and what can be done with it |
//! | [`abi`] | the functions of the header: pointers in, numbers out; all of the package's `unsafe` |

pub mod abi;
pub mod failure;
pub mod sizes;
pub mod state;
pub mod types;
