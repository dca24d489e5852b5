//! What several tests share: texts, small models, oracles, golden files, attacks.

#![forbid(unsafe_code)]

pub mod aligned;
pub mod attack;
pub mod checksum;
pub mod conv_oracle;
pub mod corpus;
pub mod fine;
pub mod float_model;
pub mod golden;
pub mod image_parts;
pub mod integer_model;
pub mod models;
pub mod neighbours;
pub mod oracle;
pub mod places;
pub mod published;
pub mod quality;
pub mod random;
pub mod snapshots;
pub mod tiny_model;
pub mod transformer_oracle;
pub mod twin;
pub mod vec_bank;
pub mod vocabulary;
