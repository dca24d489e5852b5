//! Whatever a program can fail with.

#[cfg(all(target_os = "none", feature = "machine"))]
use crate::flash::FlashError;
use crate::mailbox::MailboxError;
use crate::script::ScriptError;
use core::fmt;
use memt_app::StartError;
use memt_app::store::StoreError;
use memt_core::bank::{AddError, OtherModel, QueryError};
use memt_core::encoder::{EncoderError, ImageError, ScratchTooSmall};
use memt_core::snapshot::{ImportError, WriteError};

macro_rules! failures {
    ($($kind:ident($error:ty), $about:literal;)*) => {
        /// The error of the part that failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Failure {
            $(
                #[doc = $about]
                $kind($error),
            )*
        }

        impl fmt::Display for Failure {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$kind(error) => error.fmt(formatter),)*
                }
            }
        }

        $(
            impl From<$error> for Failure {
                fn from(error: $error) -> Self {
                    Self::$kind(error)
                }
            }
        )*
    };
}

failures! {
    Mailbox(MailboxError), "The mailbox cannot be used.";
    Script(ScriptError), "The script cannot be followed.";
    Image(ImageError), "The model is not a usable image.";
    Encoder(EncoderError), "The model gives no encoder.";
    Scratch(ScratchTooSmall), "The model needs more scratch.";
    Model(OtherModel), "Model and snapshot do not belong together.";
    Import(ImportError), "The snapshot was not taken.";
    Write(WriteError), "A snapshot was not written.";
    Add(AddError), "A memory was not added.";
    Query(QueryError), "A question was not answered.";
    Start(StartError), "The firmware does not start.";
    Store(StoreError), "The memories cannot be read or written.";
}

impl core::error::Error for Failure {}

#[cfg(all(target_os = "none", feature = "machine"))]
impl From<FlashError> for Failure {
    fn from(_: FlashError) -> Self {
        Self::Store(StoreError::Flash)
    }
}
