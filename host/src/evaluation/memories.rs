//! The bank itself as a system to be measured: what it finds is what users get.

use crate::bank::{Bank, OwnedSlot};
use memt_core::bank::AddError;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::Fingerprint;
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::text::Words;
use memt_core::write::NewMemory;
use memt_eval::Dense;
use memt_eval::rank::{GroupRanker, RankError, Ranker};

/// The one owner of a set's memories.
const OWNER: Owner = Owner(1);

/// Banks that hold the documents of a group as memories, one second apart in the order given.
pub(super) struct Memories<'d> {
    dense: &'d Dense<'d>,
    options: QueryOptions,
}

impl<'d> Memories<'d> {
    /// Asks with meaning and words, no threshold, and neighbours in time if wanted. The rows of `dense`
    /// must be those of an integer encoder or will be rounded as if they were.
    pub(super) fn new(dense: &'d Dense<'d>, neighbours: bool) -> Self {
        let options = QueryOptions {
            neighbours,
            ..QueryOptions::of_owner(OWNER)
        };
        Self { dense, options }
    }

    /// A bank with these documents; a document without words is no memory.
    pub(super) fn bank(&self, documents: &[&str]) -> Result<Group<'_>, RankError> {
        let mut bank = Bank::new();
        bank.bind(Fingerprint(0)).map_err(RankError::other)?;
        let mut places = Vec::new();
        let embeddings = self.embed(documents)?;
        for (place, (text, embedding)) in documents.iter().zip(&embeddings).enumerate() {
            let created = u32::try_from(place).map_err(RankError::other)?;
            let memory = NewMemory {
                owner: OWNER,
                text,
                embedding,
                created: Timestamp(created),
                importance: Factor::ONE,
            };
            match OwnedSlot::of(&memory, &[]).and_then(|slot| bank.write(slot)) {
                Ok(_) => places.push(place),
                Err(AddError::EmptyText) => {}
                Err(error) => return Err(RankError::other(error)),
            }
        }
        Ok(Group {
            memories: self,
            bank,
            places,
            documents: documents.len(),
        })
    }

    /// The bytes of each text. The largest component of an integer encoder's row is 127, so rounding
    /// its unit row gives back the very bytes.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Embedding>, RankError> {
        let rows = self.dense.embed(texts)?;
        let embeddings = rows.outer_iter().map(|row| {
            let mut values = [0.0; DIMENSIONS];
            values
                .iter_mut()
                .zip(row)
                .for_each(|(value, &of)| *value = of);
            Embedding::of_floats(&values)
        });
        Ok(embeddings.collect())
    }
}

/// A bank of documents.
pub(super) struct Group<'m> {
    memories: &'m Memories<'m>,
    bank: Bank,
    /// The document of each memory, by the counter of its key.
    places: Vec<usize>,
    documents: usize,
}

impl Group<'_> {
    /// The best hits, each with its document. A question without words finds nothing.
    pub(super) fn ask(&self, question: &str, top_k: usize) -> Result<Vec<(usize, Hit)>, RankError> {
        if Words::of(question).next().is_none() {
            return Ok(Vec::new());
        }
        let embedding = self.memories.embed(&[question])?[0];
        let hits = self
            .bank
            .query(question, &embedding, &self.memories.options, top_k)
            .map_err(RankError::other)?;
        let place = |hit: &Hit| self.places[hit.key.counter as usize];
        Ok(hits.into_iter().map(|hit| (place(&hit), hit)).collect())
    }
}

impl Ranker for Memories<'_> {
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        self.dense.prepare(texts)
    }

    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        Ok(Box::new(self.bank(documents)?))
    }
}

impl GroupRanker for Group<'_> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        let mut scores = vec![0.0; self.documents];
        for (place, hit) in self.ask(query, self.documents)? {
            scores[place] = hit.score.total;
        }
        Ok(scores)
    }
}
