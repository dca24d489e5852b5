//! A memory as applications know it, and how it lies in a bank.
//!
//! The text is the slot's text, the person is the owner, the id is the external id. All else is JSON beside
//! the slot: `{"mem0": {..}, "metadata": {..}}`. Other JSON there, from other programs, counts as metadata.

use super::scope::{Scope, entity_of};
use crate::store::Store;
use jiff::civil::Date;
use memt_core::slot::{Key, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Millionths of a second since 1970.
pub type Micros = i64;

/// Names of fields that metadata cannot change.
pub const IDENTITY: [&str; 4] = ["user_id", "agent_id", "app_id", "run_id"];

/// A memory with everything about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// Its name to applications.
    pub id: Uuid,
    /// Its name in the bank.
    pub key: Key,
    /// The text.
    pub text: String,
    /// Whose it is.
    pub scope: Scope,
    /// Whatever an application keeps beside it.
    pub metadata: Map<String, Value>,
    /// The rest.
    pub details: Details,
    /// When it was written.
    pub created: Micros,
    /// When it was changed last.
    pub updated: Micros,
}

/// What is kept of a memory besides text, owner and metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run_id: Option<String>,
    /// Who spoke: `user`, `assistant` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The name of who spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Categories that an application gave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<Micros>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) updated: Option<Micros>,
    /// The last day on which it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Whether it cannot be changed.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub immutable: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    mem0: Details,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
}

impl Memory {
    /// The memory of a key.
    pub fn of(store: &Store, id: Uuid, key: Key) -> Option<Self> {
        let (slot, bytes) = store.bank().whole(key)?;
        let (details, metadata) = match serde_json::from_slice::<Document>(bytes) {
            Ok(document) => (document.mem0, document.metadata),
            Err(_) => (Details::default(), foreign(bytes)),
        };
        let owner = store.owner_name(slot.facts.owner);
        let (kind, name) = entity_of(&owner);
        let mut scope = Scope {
            user: None,
            agent: details.agent_id.clone(),
            app: details.app_id.clone(),
            run: details.run_id.clone(),
        };
        scope.set(kind, name.to_owned());
        let written = Micros::from(slot.facts.created.0) * 1_000_000;
        let created = details.created.unwrap_or(written);
        Some(Self {
            id,
            key,
            text: slot.text.to_owned(),
            scope,
            metadata,
            created,
            updated: details.updated.unwrap_or(created),
            details,
        })
    }

    /// What is kept beside the slot.
    pub fn document(&self) -> Vec<u8> {
        let Scope {
            agent, app, run, ..
        } = self.scope.clone();
        let document = Document {
            mem0: Details {
                agent_id: agent,
                app_id: app,
                run_id: run,
                created: Some(self.created),
                updated: (self.updated != self.created).then_some(self.updated),
                ..self.details.clone()
            },
            metadata: self.metadata.clone(),
        };
        // Strings, numbers and maps with string keys always have a form in JSON.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// When it was written, as a bank counts.
    pub fn created_seconds(&self) -> Timestamp {
        seconds(self.created)
    }

    /// The object of answers.
    pub fn described(&self) -> Map<String, Value> {
        let Self {
            id,
            text,
            scope,
            metadata,
            details,
            created,
            updated,
            ..
        } = self;
        let categories = match details.categories.is_empty() {
            true => Value::Null,
            false => json!(details.categories),
        };
        let value = json!({
            "id": id,
            "memory": text,
            "user_id": scope.user,
            "agent_id": scope.agent,
            "app_id": scope.app,
            "run_id": scope.run,
            "session_id": scope.run,
            "actor_id": details.actor,
            "role": details.role,
            "hash": hash(text),
            "metadata": metadata,
            "categories": categories,
            "immutable": details.immutable,
            "expiration_date": details.expires,
            "created_at": written(*created),
            "updated_at": written(*updated),
        });
        match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// Whether it is not shown any more on a day.
    pub fn is_expired(&self, today: Date) -> bool {
        self.details.expires.is_some_and(|last| last < today)
    }
}

fn foreign(bytes: &[u8]) -> Map<String, Value> {
    if bytes.is_empty() {
        return Map::new();
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(_) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Map::from_iter([("bytes".to_owned(), Value::String(digits))])
        }
    }
}

/// The last day of a memory as it lies in a bank.
pub(super) fn expiry(bytes: &[u8]) -> Option<Date> {
    let document = serde_json::from_slice::<Document>(bytes).ok()?;
    document.mem0.expires
}

/// mem0's hash of a text: MD5 in hexadecimal digits.
pub fn hash(text: &str) -> String {
    use md5::{Digest, Md5};
    let digest = Md5::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `2023-05-08T13:56:00.000000+00:00`: six digits and an offset, which old readers need.
pub fn written(micros: Micros) -> String {
    let time = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// Whole seconds, held to what a bank can keep.
pub fn seconds(micros: Micros) -> Timestamp {
    let seconds = micros.div_euclid(1_000_000);
    Timestamp(seconds.clamp(0, i64::from(u32::MAX)) as u32)
}

/// The present.
pub fn now() -> Micros {
    jiff::Timestamp::now().as_microsecond()
}

/// The day, in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_digits_and_an_offset() {
        assert_eq!(
            written(1_683_554_160_000_007),
            "2023-05-08T13:56:00.000007+00:00"
        );
        assert_eq!(written(0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(hash("abc"), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn other_programs_json_is_metadata() {
        assert_eq!(foreign(b""), Map::new());
        assert_eq!(foreign(b"{\"a\":1}")["a"], 1);
        assert_eq!(foreign(b"[1]")["value"], json!([1]));
        assert_eq!(foreign(&[0xff])["bytes"], "ff");
        assert!(serde_json::from_slice::<Document>(b"{\"mem0\":{},\"x\":1}").is_err());
    }
}
