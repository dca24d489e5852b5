//! Whose a memory is: mem0's four kinds of entities, and the owner that a bank knows.

use core::fmt;
use serde::Serialize;

/// A kind of entity that memories belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person.
    User,
    /// An assistant.
    Agent,
    /// An application.
    App,
    /// A conversation.
    Run,
}

impl Kind {
    /// All of them; a memory's owner is the first that it has.
    pub const ALL: [Self; 4] = [Self::User, Self::Agent, Self::App, Self::Run];

    /// `user`, `agent`, `app` or `run`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::App => "app",
            Self::Run => "run",
        }
    }

    /// The field of requests and answers: `user_id` and so on.
    pub const fn field(self) -> &'static str {
        match self {
            Self::User => "user_id",
            Self::Agent => "agent_id",
            Self::App => "app_id",
            Self::Run => "run_id",
        }
    }

    /// The kind of a name, or of a field in either way of writing.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "user" | "users" | "user_id" | "userId" => Some(Self::User),
            "agent" | "agents" | "agent_id" | "agentId" => Some(Self::Agent),
            "app" | "apps" | "app_id" | "appId" => Some(Self::App),
            "run" | "runs" | "run_id" | "runId" | "session_id" => Some(Self::Run),
            _ => None,
        }
    }
}

/// The entities that a memory belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The person.
    pub user: Option<String>,
    /// The assistant.
    pub agent: Option<String>,
    /// The application.
    pub app: Option<String>,
    /// The conversation.
    pub run: Option<String>,
}

impl Scope {
    /// The entity of a kind.
    pub fn get(&self, kind: Kind) -> Option<&str> {
        let entity = match kind {
            Kind::User => &self.user,
            Kind::Agent => &self.agent,
            Kind::App => &self.app,
            Kind::Run => &self.run,
        };
        entity.as_deref()
    }

    /// Sets the entity of a kind.
    pub fn set(&mut self, kind: Kind, name: String) {
        let entity = match kind {
            Kind::User => &mut self.user,
            Kind::Agent => &mut self.agent,
            Kind::App => &mut self.app,
            Kind::Run => &mut self.run,
        };
        *entity = Some(name);
    }

    /// The entities that there are.
    pub fn entities(&self) -> impl Iterator<Item = (Kind, &str)> {
        let kinds = Kind::ALL.into_iter();
        kinds.filter_map(|kind| Some((kind, self.get(kind)?)))
    }

    /// The first entity, whose memory it is to a bank.
    pub fn owner(&self) -> Option<(Kind, &str)> {
        self.entities().next()
    }

    /// The name of the owner in a bank.
    pub fn owner_name(&self) -> Option<String> {
        self.owner().map(|(kind, name)| owner_name(kind, name))
    }
}

/// The owner of a bank that stands for an entity: a person's own name, so that `memt add --owner anna` and
/// `user_id: "anna"` mean the same; `agent:NAME` and so on for the others.
pub fn owner_name(kind: Kind, name: &str) -> String {
    let looks_like_another = Kind::ALL.iter().any(|kind| {
        let rest = name.strip_prefix(kind.name());
        rest.is_some_and(|rest| rest.starts_with(':'))
    });
    match kind {
        Kind::User if !looks_like_another => name.to_owned(),
        kind => format!("{}:{name}", kind.name()),
    }
}

/// The entity that an owner of a bank stands for.
pub fn entity_of(owner: &str) -> (Kind, &str) {
    let named = Kind::ALL.iter().find_map(|&kind| {
        let name = owner.strip_prefix(kind.name())?.strip_prefix(':')?;
        Some((kind, name))
    });
    named.unwrap_or((Kind::User, owner))
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_has_an_owner_of_its_own() {
        let names = ["anna", "7", "", "user:anna", "agent:x", "a:b", "run:"];
        let mut seen = std::collections::BTreeSet::new();
        for kind in Kind::ALL {
            for name in names {
                let owner = owner_name(kind, name);
                assert_eq!(entity_of(&owner), (kind, name), "{owner}");
                assert!(seen.insert(owner));
            }
        }
        assert_eq!(owner_name(Kind::User, "anna"), "anna");
    }
}
