//! The functions of the header. All of the package's `unsafe` is here: pointers become references in `pointers`, after
//! what can be checked of them was checked.
#![allow(unsafe_code)]

mod functions;
#[cfg(target_os = "none")]
mod panic;
mod pointers;

pub use functions::*;
pub use pointers::Memt;
