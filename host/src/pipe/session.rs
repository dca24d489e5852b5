//! Answering requests.

use super::engine::{Engine, EngineKind, Prepared};
use super::reply::{NamedHit, Reply};
use super::request::{self, Item, PROTOCOL, Request, RequestError};
use crate::bank::OwnedSlot;
use crate::model::{Arithmetic, Model, ModelError, TextEncoder, encode_all_floats};
use memt_core::bank::QueryError;
use memt_core::embedding::Embedding;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::NewMemory;
use rayon::prelude::*;
use std::collections::HashMap;

const OWNER: Owner = Owner(0);

/// How a session answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Which bank.
    pub engine: EngineKind,
    /// Which numbers embeddings are computed with.
    pub arithmetic: Arithmetic,
    /// Which evidence counts.
    pub mode: Mode,
    /// Whether neighbours in time are preferred.
    pub neighbours: bool,
    /// Whether recent memories are preferred.
    pub recency: bool,
    /// Hits below this score are left out.
    pub min_score: f32,
}

/// One conversation over the pipe.
#[derive(Debug)]
pub struct Session<'m> {
    settings: Settings,
    encoder: TextEncoder<'m>,
    model_bytes: usize,
    engine: Engine,
    keys: HashMap<String, Key>,
    ids: HashMap<Key, String>,
    newest: Timestamp,
}

impl<'m> Session<'m> {
    /// A session with an empty bank.
    pub fn new(model: &'m Model, settings: Settings) -> Result<Self, ModelError> {
        let encoder = model.text_encoder(settings.arithmetic)?;
        Ok(Self {
            settings,
            encoder,
            model_bytes: model.bytes().len(),
            engine: Engine::start(settings.engine, encoder.fingerprint()),
            keys: HashMap::new(),
            ids: HashMap::new(),
            newest: Timestamp(0),
        })
    }

    /// The reply to a line, and whether it is the last one.
    pub(super) fn answer(&mut self, line: &[u8]) -> (Reply, bool) {
        let request = request::read(line);
        let last = matches!(request, Ok(Request::Bye {}));
        let reply = request.and_then(|request| self.reply(request));
        let reply = reply.unwrap_or_else(|error| Reply::Failed {
            error: error.to_string(),
        });
        (reply, last)
    }

    fn reply(&mut self, request: Request) -> Result<Reply, RequestError> {
        match request {
            Request::Hello { v: PROTOCOL } => Ok(Reply::Hello {
                ok: true,
                name: concat!("memt ", env!("CARGO_PKG_VERSION")),
                model_bytes: self.model_bytes,
                caps: ["embed", "add_batch", "query_batch"],
            }),
            Request::Hello { v } => Err(RequestError::Protocol(v)),
            Request::Reset {} => {
                self.reset();
                Ok(Reply::DONE)
            }
            Request::Add(item) => {
                let embedding = self.encoder.encode_one(&item.text)?;
                self.add(&item, &embedding, None)?;
                Ok(Reply::DONE)
            }
            Request::AddBatch { items } => {
                self.add_batch(&items)?;
                Ok(Reply::DONE)
            }
            Request::Query { text, k } => {
                let embedding = self.encoder.encode_one(&text)?;
                let hits = self.query(&text, &embedding, k);
                Ok(Reply::Hits {
                    hits: hits.map_err(RequestError::Query)?,
                })
            }
            Request::QueryBatch { texts, k } => self.query_batch(&texts, k),
            Request::Embed { texts } => self.embed(&texts),
            Request::Bye {} => Ok(Reply::DONE),
        }
    }

    fn reset(&mut self) {
        self.engine.clear(self.encoder.fingerprint());
        self.keys.clear();
        self.ids.clear();
        self.newest = Timestamp(0);
    }

    fn add(
        &mut self,
        item: &Item,
        embedding: &Embedding,
        slot: Option<OwnedSlot>,
    ) -> Result<(), RequestError> {
        let created = item.check()?.unwrap_or(self.newest);
        let new = NewMemory {
            owner: OWNER,
            text: &item.text,
            embedding,
            created,
            importance: Factor::ONE,
        };
        let slot = slot.map(|slot| slot.written_at(created));
        let replaced = self.keys.get(&item.id).copied();
        let key = self.engine.add(Prepared { new, slot });
        let key = key.map_err(RequestError::Add)?;
        if let Some(replaced) = replaced {
            self.engine.remove(replaced);
            self.ids.remove(&replaced);
        }
        self.engine.learn(key, &self.encoder)?;
        self.keys.insert(item.id.clone(), key);
        self.ids.insert(key, item.id.clone());
        self.newest = self.newest.max(created);
        Ok(())
    }

    fn add_batch(&mut self, items: &[Item]) -> Result<(), RequestError> {
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let embeddings = self.encoder.encode_all(&texts)?;
        let wanted = self.engine.wants_slots();
        let slots: Vec<Option<OwnedSlot>> = items
            .par_iter()
            .zip(&embeddings)
            .with_min_len(64)
            .map(|(item, embedding)| {
                let new = NewMemory {
                    owner: OWNER,
                    text: &item.text,
                    embedding,
                    created: Timestamp(0),
                    importance: Factor::ONE,
                };
                // A text that is refused here is refused again, with its number, when it is added.
                wanted.then(|| OwnedSlot::of(&new, &[]).ok()).flatten()
            })
            .collect();
        for (number, ((item, embedding), slot)) in
            items.iter().zip(&embeddings).zip(slots).enumerate()
        {
            self.add(item, embedding, slot)
                .map_err(RequestError::at(number))?;
        }
        Ok(())
    }

    fn options(&self) -> QueryOptions {
        QueryOptions {
            owner: Some(OWNER),
            mode: self.settings.mode,
            min_score: self.settings.min_score,
            recency: self.settings.recency.then_some(self.newest),
            times: None,
            neighbours: self.settings.neighbours,
        }
    }

    fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        k: usize,
    ) -> Result<Vec<NamedHit>, QueryError> {
        let hits = self.engine.query(text, embedding, &self.options(), k)?;
        Ok(hits.iter().filter_map(|hit| self.named(hit)).collect())
    }

    fn named(&self, hit: &Hit) -> Option<NamedHit> {
        let id = self.ids.get(&hit.key)?;
        Some((id.clone(), hit.score.total))
    }

    fn query_batch(&self, texts: &[String], k: usize) -> Result<Reply, RequestError> {
        let embeddings = self.encoder.encode_all(texts)?;
        let hits: Result<Vec<_>, RequestError> = texts
            .par_iter()
            .zip(&embeddings)
            .enumerate()
            .map(|(number, (text, embedding))| {
                let hits = self.query(text, embedding, k).map_err(RequestError::Query);
                hits.map_err(RequestError::at(number))
            })
            .collect();
        Ok(Reply::HitsBatch { hits: hits? })
    }

    fn embed(&self, texts: &[String]) -> Result<Reply, RequestError> {
        Ok(match &self.encoder {
            TextEncoder::Fixed(_) => {
                let embeddings = self.encoder.encode_all(texts)?;
                Reply::Integers {
                    vectors: embeddings
                        .iter()
                        .map(|embedding| embedding.0.to_vec())
                        .collect(),
                }
            }
            TextEncoder::F32(encoder) => Reply::Floats {
                vectors: encode_all_floats(encoder, texts)?
                    .iter()
                    .map(|vector| vector.to_vec())
                    .collect(),
            },
        })
    }
}
