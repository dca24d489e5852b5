//! Instructions that compilers do not choose by themselves. All of the crate's `unsafe` is here.
#![allow(unsafe_code)]

#[cfg(all(memt_vectors, target_arch = "x86_64"))]
pub(super) mod avx2;

#[cfg(memt_dsp)]
pub(super) mod dsp;

#[cfg(memt_vectors)]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
pub(super) mod vector;
