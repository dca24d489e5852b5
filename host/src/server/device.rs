//! A device that is connected to this computer.
//!
//! The port is opened when somebody first asks, and kept; requests take turns. When it fails, as when the
//! device is unplugged, it is opened anew.

use super::error::ApiError;
use crate::device::{Client, LinkError, Port, open};
use std::sync::{Arc, Mutex, PoisonError};

/// A conversation, while there is one.
type Conversation = Arc<Mutex<Option<Client<Port>>>>;

/// Where the device is.
pub(super) struct Device {
    port: String,
    baud: u32,
    conversation: Conversation,
}

impl core::fmt::Debug for Device {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "Device at {}", self.port)
    }
}

impl Device {
    pub(super) fn at(port: String, baud: u32) -> Self {
        Self {
            port,
            baud,
            conversation: Conversation::default(),
        }
    }

    /// The port's name.
    pub(super) fn port(&self) -> &str {
        &self.port
    }

    /// Asks the device, and once more where the port that was kept has failed.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        mut question: impl FnMut(&mut Client<Port>) -> Result<T, LinkError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (port, baud) = (self.port.clone(), self.baud);
        let conversation = Arc::clone(&self.conversation);
        let asked = tokio::task::spawn_blocking(move || {
            let mut kept = conversation.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(mut client) = kept.take() {
                match question(&mut client) {
                    Err(error) if !matches!(error, LinkError::Refused(_)) => {
                        tracing::debug!(%error, "the device is asked anew");
                    }
                    answer => {
                        *kept = Some(client);
                        return answer;
                    }
                }
            }
            let mut client = Client::begin(open(&port, baud)?)?;
            let answer = question(&mut client)?;
            *kept = Some(client);
            Ok(answer)
        });
        let answer = asked.await.map_err(ApiError::internal)?;
        answer.map_err(|error| match error {
            LinkError::Refused(refusal) => ApiError::bad_request(refusal),
            error => ApiError::unavailable(format!("device at {}: {error}", self.port)),
        })
    }
}
