//! What was asked for and what came of it: clients that wait for an addition look here.
//!
//! Everything is done when it is answered, so an event has always succeeded. The last ones of this run of
//! the server are kept; those from before a restart are not.

use super::memory::{Micros, now, written};
use crate::server::access::Access;
use crate::server::error::ApiError;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Events that are kept.
const KEPT: usize = 1000;

/// Bytes of results beyond which only ids are kept.
const MOST_BYTES: usize = 16 << 10;

/// One of them.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub id: Uuid,
    /// What was asked for: `ADD`, `SEARCH` and so on.
    pub kind: &'static str,
    key: Arc<str>,
    /// In JSON, which takes a tenth of the room of its values.
    results: Box<str>,
    at: Micros,
}

/// The last events.
#[derive(Debug, Default)]
pub struct Events(Mutex<VecDeque<Event>>);

impl Events {
    /// Notes that something was done; returns the name of the event.
    pub fn note(&self, access: &Access, kind: &'static str, results: &[Value]) -> Uuid {
        let id = Uuid::now_v7();
        let texts = results
            .iter()
            .filter_map(|item| item.get("memory")?.as_str());
        let results = match texts.map(str::len).sum::<usize>() > MOST_BYTES {
            true => {
                let ids = results
                    .iter()
                    .map(|item| json!({ "id": item.get("id"), "event": item.get("event") }));
                Value::from_iter(ids).to_string()
            }
            // Strings, numbers and maps with string keys always have a form in JSON.
            false => serde_json::to_string(results).unwrap_or_default(),
        };
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(Event {
            id,
            kind,
            key: Arc::clone(&access.name),
            results: results.into(),
            at: now(),
        });
        id
    }

    /// Those that an access may know of, newest first.
    pub fn of(&self, access: &Access) -> Vec<Event> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = |event: &&Event| access.owners.is_none() || event.key == access.name;
        events.iter().rev().filter(seen).cloned().collect()
    }
}

impl Events {
    /// The one of this name.
    pub fn get(&self, access: &Access, id: &str) -> Result<Event, ApiError> {
        let mut events = self.of(access).into_iter();
        let event = events.find(|event| event.id.to_string() == id);
        event.ok_or_else(|| {
            ApiError::not_found(format!(
                "there is no event {id} among the last {KEPT} of this run of the server"
            ))
        })
    }
}

impl Event {
    /// As mem0 tells of it.
    pub fn described(&self) -> Value {
        json!({
            "id": self.id,
            "event_type": self.kind,
            "status": "SUCCEEDED",
            "payload": {},
            "metadata": {},
            "results": serde_json::from_str::<Value>(&self.results).unwrap_or_default(),
            "created_at": written(self.at),
            "updated_at": written(self.at),
            "started_at": written(self.at),
            "completed_at": written(self.at),
            "latency": 0,
        })
    }
}
