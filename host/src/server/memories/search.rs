//! Asking and listing.

use super::filter::Filter;
use super::kept::Kept;
use super::memory::{Memory, now, seconds, today};
use super::{Memories, memory_of};
use crate::server::access::Access;
use crate::server::error::ApiError;
use jiff::civil::Date;
use memt_core::query::{Hit, QueryOptions, read};
use memt_core::score::Mode;
use memt_core::slot::{Key, Owner, SlotView, Timestamp};
use std::collections::BTreeSet;
use std::sync::PoisonError;

/// A question.
#[derive(Clone, Debug)]
pub struct Search {
    /// The question.
    pub query: String,
    /// Which memories may answer.
    pub filter: Filter,
    /// Most answers.
    pub top_k: usize,
    /// Answers below this score are left out.
    pub threshold: f32,
    /// Whether expired memories answer too.
    pub show_expired: bool,
    /// The present, where the question speaks of times.
    pub reference: Option<Timestamp>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Found {
    /// The memory.
    pub memory: Memory,
    /// How well it answers, and why.
    pub hit: Hit,
    /// The words in common.
    pub matched: Vec<String>,
}

/// Some of many memories.
#[derive(Clone, Debug)]
pub struct Listing {
    /// These.
    pub memories: Vec<Memory>,
    /// How many there are in all.
    pub count: usize,
}

impl Memories {
    /// The best answers, best first.
    pub fn search(&self, access: &Access, search: &Search) -> Result<Vec<Found>, ApiError> {
        let embedding = self.encoder.encode_one(&search.query);
        let embedding = embedding.map_err(ApiError::internal)?;
        let at = now();
        let options = QueryOptions {
            owner: None,
            mode: Mode::Fused,
            min_score: search.threshold,
            recency: None,
            times: Some(search.reference.unwrap_or_else(|| seconds(at))),
            neighbours: false,
        };
        let kept = self.read();
        let view = View::of(&kept, access, &search.filter, search.show_expired);
        let hits = kept.store.bank().query_where(
            &search.query,
            &embedding,
            &options,
            search.top_k,
            view.owners.as_deref(),
            &|slot| view.accepts(slot),
        );
        let hits = hits.map_err(|error| {
            ApiError::bad_request(format!("the query {:?}: {error}", excerpt(&search.query)))
        })?;
        let found = hits.into_iter().filter_map(|hit| {
            let matched = kept.store.bank().explain(&search.query, hit.key)?;
            Some(Found {
                memory: memory_of(&kept, hit.key)?,
                hit,
                matched: matched.into_iter().map(str::to_owned).collect(),
            })
        });
        let found: Vec<Found> = found.collect();
        drop(kept);
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        let shown: Vec<Hit> = found.iter().map(|found| found.hit).collect();
        accesses.extend(read(&shown).iter().map(|hit| (hit.key, seconds(at))));
        drop(accesses);
        let ids = found.iter().map(|found| found.memory.id);
        self.asked.note(access, &search.query, &embedding, ids);
        Ok(found)
    }

    /// Memories, newest first: `count` of them after the first `skip`.
    pub fn list(
        &self,
        access: &Access,
        filter: &Filter,
        show_expired: bool,
        skip: usize,
        count: usize,
    ) -> Listing {
        let kept = self.read();
        let view = View::of(&kept, access, filter, show_expired);
        let keys = view.keys();
        let wanted = keys.iter().skip(skip).take(count);
        Listing {
            memories: wanted.filter_map(|&key| memory_of(&kept, key)).collect(),
            count: keys.len(),
        }
    }
}

/// The beginning of a text, for messages.
fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What an access and a filter leave of all memories.
pub(super) struct View<'k> {
    kept: &'k Kept,
    filter: &'k Filter,
    pub(super) owners: Option<Vec<Owner>>,
    /// Whether being of these owners is all that the filter asks for.
    by_owner: bool,
    today: Option<Date>,
}

impl<'k> View<'k> {
    pub(super) fn of(
        kept: &'k Kept,
        access: &Access,
        filter: &'k Filter,
        show_expired: bool,
    ) -> Self {
        let meant = filter.owners(&kept.index);
        let opened: Option<BTreeSet<Owner>> = access.owners.as_ref().map(|owners| {
            let known = owners.iter().filter_map(|name| kept.store.owner(name).ok());
            known.collect()
        });
        let owners = match (meant, opened) {
            (Some(meant), Some(opened)) => Some(meant.intersection(&opened).copied().collect()),
            (Some(owners), None) | (None, Some(owners)) => Some(owners),
            (None, None) => None,
        };
        Self {
            kept,
            filter,
            owners: owners.map(|owners: BTreeSet<Owner>| owners.into_iter().collect()),
            by_owner: filter.is_one_user() || *filter == Filter::all(),
            today: (!show_expired && kept.index.has_expiring()).then(today),
        }
    }

    pub(super) fn accepts(&self, slot: SlotView<'_>) -> bool {
        let key = slot.facts.key;
        if let Some(today) = self.today
            && self
                .kept
                .index
                .last_day(key)
                .is_some_and(|last| last < today)
        {
            return false;
        }
        self.by_owner
            || memory_of(self.kept, key).is_some_and(|memory| self.filter.accepts(&memory))
    }

    /// The memories, newest first.
    pub(super) fn keys(&self) -> Vec<Key> {
        let bank = self.kept.store.bank();
        let accepted = |owner: Option<Owner>| {
            let slots = bank.owned_by(owner).filter(|&slot| self.accepts(slot));
            slots.map(|slot| (slot.facts.created, slot.facts.key))
        };
        let mut found: Vec<(Timestamp, Key)> = match &self.owners {
            None => accepted(None).collect(),
            Some(owners) => {
                let owners = owners.iter();
                owners.flat_map(|&owner| accepted(Some(owner))).collect()
            }
        };
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, key)| key).collect()
    }
}
