//! Telling webhooks of changes.
//!
//! A thread of its own tries each delivery a few times; changes never wait for it.

use super::Memory;
use super::journal::Webhook;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Deliveries that wait; beyond them, the newest are dropped, and the log says so.
const WAITING: usize = 10_000;

/// How long an address may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits before the second try and the following.
const AGAIN_AFTER: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
];

#[derive(Debug)]
struct Delivery {
    url: String,
    body: Value,
}

/// Where deliveries are left.
#[derive(Debug)]
pub(super) struct Post(SyncSender<Delivery>);

impl Post {
    /// Starts the thread that delivers.
    pub(super) fn start() -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("memt-webhooks".to_owned());
        thread.spawn(move || deliver(&receiver))?;
        Ok(Self(sender))
    }

    /// Tells webhooks what became of memories: `memory_add`, `memory_update` or `memory_delete`.
    pub(super) fn tell(&self, webhooks: &[Webhook], event: &str, memories: &[Memory]) {
        let word = event.trim_start_matches("memory_").to_uppercase();
        let meant =
            |webhook: &&Webhook| webhook.active && webhook.events.iter().any(|one| one == event);
        for webhook in webhooks.iter().filter(meant) {
            for memory in memories {
                let delivery = Delivery {
                    url: webhook.url.clone(),
                    body: json!({
                        "event_details": {
                            "id": memory.id,
                            "data": { "memory": memory.text },
                            "event": word,
                            "user_id": memory.scope.user,
                            "agent_id": memory.scope.agent,
                            "app_id": memory.scope.app,
                            "run_id": memory.scope.run,
                            "metadata": memory.metadata,
                        },
                    }),
                };
                match self.0.try_send(delivery) {
                    Ok(()) => {}
                    Err(TrySendError::Full(lost) | TrySendError::Disconnected(lost)) => {
                        tracing::error!(
                            url = lost.url,
                            "too many deliveries wait; this one is dropped"
                        );
                    }
                }
            }
        }
    }
}

fn deliver(waiting: &Receiver<Delivery>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    while let Ok(Delivery { url, body }) = waiting.recv() {
        let body = body.to_string();
        let mut waits = AGAIN_AFTER.iter();
        loop {
            let request = agent.post(&url).content_type("application/json");
            match request.send(body.as_bytes()) {
                Ok(_) => break,
                Err(error) => match waits.next() {
                    Some(wait) => {
                        tracing::warn!(url, %error, "a delivery failed and is tried again");
                        std::thread::sleep(*wait);
                    }
                    None => {
                        tracing::error!(url, %error, "a delivery failed for good");
                        break;
                    }
                },
            }
        }
    }
}
