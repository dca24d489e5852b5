//! What requests have in common. Fields that are not known are ignored, as mem0 does.

use crate::server::access::Access;
use crate::server::error::ApiError;
use crate::server::memories::filter::{Field, Test, micros};
use crate::server::memories::memory::Micros;
use crate::server::memories::scope::entity_of;
use crate::server::memories::{Dialect, Filter, Kind, Scope};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Entities named at the top of a request, in either way of writing; of both, the first counts.
#[derive(Clone, Debug, Default, ToSchema)]
pub(super) struct Ids {
    /// The person
    user_id: Option<String>,
    /// The assistant
    agent_id: Option<String>,
    /// The application
    app_id: Option<String>,
    /// The conversation
    run_id: Option<String>,
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = HashMap::<String, Value>::deserialize(from)?;
        let of = |names: [&str; 2]| {
            let mut values = names.into_iter().filter_map(|name| fields.get(name));
            values.find_map(|value| name(value).transpose()).transpose()
        };
        let ids = || {
            Ok::<Self, String>(Self {
                user_id: of(["user_id", "userId"])?,
                agent_id: of(["agent_id", "agentId"])?,
                app_id: of(["app_id", "appId"])?,
                run_id: of(["run_id", "runId"])?,
            })
        };
        ids().map_err(serde::de::Error::custom)
    }
}

/// A name; a number is taken as it is written, an empty one counts as none.
fn name(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(name) if name.is_empty() => Ok(None),
        Value::String(name) => Ok(Some(name.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => Err(format!("a name must be a string, not {other}")),
    }
}

/// A field that is null is told from one that is missing.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Ids {
    /// Those of a query string.
    pub(super) fn of_params(params: &Params) -> Self {
        let of = |kind: Kind| params.get(kind.field()).map(str::to_owned);
        Self {
            user_id: of(Kind::User),
            agent_id: of(Kind::Agent),
            app_id: of(Kind::App),
            run_id: of(Kind::Run),
        }
    }

    pub(super) fn get(&self, kind: Kind) -> Option<&str> {
        let name = match kind {
            Kind::User => &self.user_id,
            Kind::Agent => &self.agent_id,
            Kind::App => &self.app_id,
            Kind::Run => &self.run_id,
        };
        name.as_deref()
    }

    /// The memories of these entities, and of those that `filters` means.
    pub(super) fn filter(
        &self,
        filters: Option<&Value>,
        dialect: Dialect,
    ) -> Result<Filter, ApiError> {
        let mut filter = match filters {
            None | Some(Value::Null) => Filter::all(),
            Some(filters) => Filter::parse(filters, dialect)?,
        };
        for kind in Kind::ALL {
            if let Some(name) = self.get(kind) {
                filter = match filter == Filter::all() {
                    true => Filter::of_entity(kind, name),
                    false => filter.and(Filter::of_entity(kind, name)),
                };
            }
        }
        Ok(filter)
    }

    /// Whose new memories are; the entities may stand in `filters`.
    pub(super) fn scope(
        &self,
        filters: Option<&Value>,
        access: &Access,
    ) -> Result<Scope, ApiError> {
        let mut scope = Scope::default();
        if let Some(filters) = filters.filter(|filters| !filters.is_null()) {
            let parsed = Filter::parse(filters, Dialect::Open)?;
            collect_entities(&parsed, &mut scope)?;
        }
        for kind in Kind::ALL {
            if let Some(name) = self.get(kind) {
                scope.set(kind, name.to_owned());
            }
        }
        if let Some((_, name)) = scope.entities().find(|(_, name)| *name == "*") {
            return Err(ApiError::bad_request(format!(
                "`{name}` stands for all; a new memory belongs to somebody"
            )));
        }
        complete(&mut scope, access);
        Ok(scope)
    }
}

/// With a key for one owner, that is whose memories are where nothing is said.
fn complete(scope: &mut Scope, access: &Access) {
    let Some(owners) = &access.owners else { return };
    if let (1, Some(owner)) = (owners.len(), owners.first()) {
        let (kind, name) = entity_of(owner);
        if scope.get(kind).is_none() {
            scope.set(kind, name.to_owned());
        }
    }
}

fn collect_entities(filter: &Filter, scope: &mut Scope) -> Result<(), ApiError> {
    match filter {
        Filter::And(parts) => parts
            .iter()
            .try_for_each(|part| collect_entities(part, scope)),
        Filter::Is(Field::Entity(kind), Test::Equal(Value::String(name))) => {
            scope.set(*kind, name.clone());
            Ok(())
        }
        Filter::Is(Field::Entity(kind), _) => Err(ApiError::bad_request(format!(
            "a new memory belongs to one {kind}; `filters` must name it"
        ))),
        Filter::Or(_) | Filter::Not(_) => Err(ApiError::bad_request(
            "`filters` of a new memory name its entities; OR and NOT do not",
        )),
        Filter::Is(..) => Ok(()),
    }
}

/// Fails where a filter could mean everybody's memories by accident.
pub(super) fn somebodys(filter: Filter, access: &Access) -> Result<Filter, ApiError> {
    match access.owners.is_some() || filter.names_an_entity() {
        true => Ok(filter),
        false => Err(ApiError::bad_request(
            "name at least one of user_id, agent_id, app_id, run_id in `filters`; `*` stands for all of a kind",
        )),
    }
}

/// A query string. Every route ignores what it does not know.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(HashMap<String, String>);

impl Params {
    /// The value of a name, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty() && *value != "undefined" && *value != "null")
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, ApiError> {
        let number = self.get(name).map(|text| {
            text.parse::<usize>().map_err(|_| {
                ApiError::bad_request(format!("`{name}` is `{text}`, which is no whole number"))
            })
        });
        number.transpose()
    }

    /// Whether something is wanted.
    pub(super) fn flag(&self, name: &str) -> bool {
        let value = self.get(name).unwrap_or("false");
        value.eq_ignore_ascii_case("true") || value == "1"
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<HashMap<String, String>>::from_request_parts(parts, state).await;
        query
            .map(|Query(params)| Self(params))
            .map_err(|error| ApiError::bad_request(error.body_text()))
    }
}

/// A page: where it begins and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

/// Memories of the longest page.
const MAX_PAGE: usize = 200;

impl Page {
    /// That of a request; what the query string says goes before the body.
    pub(super) fn of(
        params: &Params,
        body: (Option<usize>, Option<usize>),
    ) -> Result<Option<Self>, ApiError> {
        let number = params.number("page")?.or(body.0);
        let size = params.number("page_size")?.or(body.1);
        if number.is_none() && size.is_none() {
            return Ok(None);
        }
        let page = Self {
            number: number.unwrap_or(1),
            size: size.unwrap_or(100),
        };
        if page.number == 0 {
            return Err(ApiError::bad_request("`page` is 0; the first is 1"));
        }
        if !(1..=MAX_PAGE).contains(&page.size) {
            return Err(ApiError::bad_request(format!(
                "`page_size` is {}; it goes from 1 to {MAX_PAGE}",
                page.size
            )));
        }
        Ok(Some(page))
    }

    /// The first page of the usual length.
    pub(super) const FIRST: Self = Self {
        number: 1,
        size: 100,
    };

    /// What comes before it.
    pub(super) fn skip(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The addresses of the next page and the one before.
    pub(super) fn links(self, path: &str, count: usize) -> (Option<String>, Option<String>) {
        let link = |number: usize| format!("{path}?page={number}&page_size={}", self.size);
        let next = (self.skip() + self.size < count).then(|| link(self.number + 1));
        let previous = (self.number > 1).then(|| link(self.number - 1));
        (next, previous)
    }
}

/// A day; `null` and an empty string count as none.
pub(super) fn day(value: Option<&Value>) -> Result<Option<Date>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => {
            let date = text.get(..10).unwrap_or(text).parse::<Date>();
            date.map(Some).map_err(|_| {
                ApiError::bad_request(format!("`expiration_date` is `{text}`; write YYYY-MM-DD"))
            })
        }
        Some(other) => Err(ApiError::bad_request(format!(
            "`expiration_date` is {other}; write YYYY-MM-DD"
        ))),
    }
}

/// A time that may be missing; one outside what a bank keeps is refused.
pub(super) fn time(name: &str, value: Option<&Value>) -> Result<Option<Micros>, ApiError> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let time = micros(name, value)?;
    match (0..=i64::from(u32::MAX) * 1_000_000).contains(&time) {
        true => Ok(Some(time)),
        false => Err(ApiError::bad_request(format!(
            "`{name}` is {value}; a memory is from 1970 to 2106"
        ))),
    }
}

/// Metadata: an object, or nothing.
pub(super) fn metadata(value: Option<Value>) -> Result<Map<String, Value>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(other) => Err(ApiError::bad_request(format!(
            "`metadata` must be an object, not {other}"
        ))),
    }
}

/// A list of strings: as a list, or as one string with commas.
pub(super) fn strings(name: &str, value: Option<&Value>) -> Result<Vec<String>, ApiError> {
    let wrong = || ApiError::bad_request(format!("`{name}` must be a list of strings"));
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text
            .split(',')
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()),
        Some(Value::Array(values)) => {
            let strings = values.iter().map(|value| value.as_str().map(str::to_owned));
            strings.collect::<Option<_>>().ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}
