//! Why a device does not answer, or not as wished.

use memt_core::link::Refusal;
use memt_core::snapshot::WriteError;
use std::io;

/// Why a request came to nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkError {
    /// The port cannot be opened.
    Open {
        /// Its name.
        port: String,
        /// Why.
        reason: String,
    },
    /// The port fails.
    Port(io::Error),
    /// Nothing comes.
    Silent {
        /// How often it was asked.
        attempts: u32,
    },
    /// Bytes come and no answer among them.
    Noise {
        /// How often it was asked.
        attempts: u32,
        /// Bytes that came.
        bytes: u64,
    },
    /// The device has started again in the middle of the conversation.
    Restarted,
    /// The device refuses.
    Refused(Refusal),
    /// The device answers something else.
    Unexpected,
    /// The request is longer than the device can receive.
    TooLong {
        /// Bytes of the frame.
        bytes: usize,
        /// Bytes that the device can receive.
        most: usize,
    },
    /// The snapshot cannot be written.
    Snapshot(WriteError),
    /// There is no random number for the session.
    Random(getrandom::Error),
}

impl core::fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Open { port, reason } => write!(
                formatter,
                "cannot open {port}: {reason}; `memt device ports` lists serial ports"
            ),
            Self::Port(error) => write!(formatter, "the port failed: {error}"),
            Self::Silent { attempts } => write!(
                formatter,
                "nothing answers ({attempts} attempts): is the device powered, is it running memt, and are port and --baud right?"
            ),
            Self::Noise { attempts, bytes } => write!(
                formatter,
                "{bytes} bytes came in {attempts} attempts and no answer among them: is --baud right, and is it memt that is speaking?"
            ),
            Self::Restarted => {
                formatter.write_str("the device has started again; repeat the command")
            }
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::Unexpected => formatter
                .write_str("the device answers something that this memt does not understand"),
            Self::TooLong { bytes, most } => write!(
                formatter,
                "the request has {bytes} bytes, the device can receive {most}"
            ),
            Self::Snapshot(error) => error.fmt(formatter),
            Self::Random(error) => write!(formatter, "no random number for the session: {error}"),
        }
    }
}

impl std::error::Error for LinkError {}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        Self::Port(error)
    }
}
