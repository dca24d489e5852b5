//! Starting the firmware.

use crate::store::StoreError;
use core::fmt;
use memt_core::encoder::image::ALIGNMENT;
use memt_core::encoder::{EncoderError, ImageError};

/// What makes one device different from the next.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The model image in the program, at a multiple of 16 bytes.
    pub model: &'static [u8],
    /// The origin of the keys that a new store gives: a number that no other device has, such as a part
    /// of the chip's serial number, and not 0.
    pub origin: u32,
}

/// Why the firmware does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The model in the program cannot be used.
    Model(EncoderError),
    /// The model needs more scratch.
    Scratch {
        /// Bytes that there are.
        given: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// The memories cannot be read.
    Store(StoreError),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The whole story takes 3 KB of text, and whoever built the program has the image.
            Self::Model(EncoderError::Image(ImageError::Misaligned)) => write!(
                formatter,
                "model must begin at a multiple of {ALIGNMENT} bytes"
            ),
            Self::Model(EncoderError::Image(_)) => formatter.write_str(
                "model in the program cannot be used: `memt model verify IMAGE` tells why",
            ),
            Self::Model(_) => {
                formatter.write_str("model has floats, or a body that this build leaves out")
            }
            Self::Scratch { given, needed } => write!(
                formatter,
                "model needs {needed} bytes of scratch, there are {given}"
            ),
            Self::Store(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for StartError {}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A firmware that does not start.
#[derive(Debug)]
pub struct NotStarted<P> {
    /// Why.
    pub error: StartError,
    /// The port, to say so.
    pub port: P,
}
