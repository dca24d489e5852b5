//! What a line is answered.

use serde::Serialize;

/// An id and its score.
pub(super) type NamedHit = (String, f32);

/// A reply; each is one JSON object.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Reply {
    Hello {
        ok: bool,
        name: &'static str,
        model_bytes: usize,
        caps: [&'static str; 3],
    },
    Done {
        ok: bool,
    },
    Hits {
        hits: Vec<NamedHit>,
    },
    HitsBatch {
        hits: Vec<Vec<NamedHit>>,
    },
    Integers {
        vectors: Vec<Vec<i8>>,
    },
    Floats {
        vectors: Vec<Vec<f32>>,
    },
    Failed {
        error: String,
    },
}

impl Reply {
    pub(super) const DONE: Self = Self::Done { ok: true };
}
