#![doc = include_str!("../README.md")]
//!
//! # The way through the crate
//!
//! The modules follow the data:
//!
//! | module | from | to |
//! |---|---|---|
//! | [`text`] | UTF-8 | words, stems, character classes |
//! | [`tokens`] | words | known rows and hashed character n-grams |
//! | [`encoder`] | tokens and a model image | vector sums, projections |
//! | [`embedding`] | a vector | 128 bytes and their cosine |
//! | [`write`](mod@write) | an embedding and its text | a verified slot |
//! | [`slot`] | | one memory |
//! | [`bank`] | slots | a memory of fixed size |
//! | [`overlap`] | text | hashed stems with counts, BM25 |
//! | [`when`] | a question and the present | the time it speaks of |
//! | [`survey`] | a question and the memories it searches | what is rare, what is common |
//! | [`score`] | cosine, overlap, strength | one number in `[0, 1]` and its parts |
//! | [`feedback`] | judged questions | evidence for slots when a like question comes |
//! | [`bound`] | a question | what a slot can score at most |
//! | [`query`] | a question | the best slots |
//! | [`mod@describe`] | a slot and the vectors of words | the words it stands for |
//! | [`retention`] | a slot and the time | how much it deserves to stay |
//! | [`snapshot`] | a bank | bytes in transit, and back |
//! | [`link`] | requests and replies | frames on a stream of bytes, and back |
//!
//! A chip compiles this crate for speed and what uses it for size. What runs seldom is `#[inline]`, and so
//! compiled with its user.
#![no_std]
#![deny(missing_docs)]
#![deny(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod text;

pub mod tokens;

pub mod encoder;

pub mod embedding;

pub mod write;

pub mod slot;

pub mod bank;

pub mod overlap;

pub mod when;

pub mod survey;

pub mod score;

pub mod feedback;

pub mod bound;

pub mod query;

pub mod describe;

pub mod retention;

pub mod snapshot;

pub mod link;
