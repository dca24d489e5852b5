//! Published encoders from local folders, for `memt eval`.

use crate::command_line::Failure;
use crate::evaluation::Peer;
use std::path::Path;

#[cfg(feature = "peers")]
pub(super) fn open(minilm: Option<&Path>, model2vec: Option<&Path>) -> Result<Vec<Peer>, Failure> {
    use memt_eval::RankError;
    use memt_teacher::{StaticModel, Teacher};

    let mut peers = Vec::new();
    if let Some(folder) = minilm {
        let model = Teacher::open(folder).map_err(Failure::bad_input)?;
        peers.push(Peer {
            name: "MiniLM".to_owned(),
            encoder: Box::new(Fallible(move |texts: &[&str]| {
                model.encode(texts).map_err(RankError::other)
            })),
        });
    }
    if let Some(folder) = model2vec {
        let model = StaticModel::open(folder).map_err(Failure::bad_input)?;
        peers.push(Peer {
            name: "static".to_owned(),
            encoder: Box::new(Fallible(move |texts: &[&str]| {
                model.encode(texts).map_err(RankError::other)
            })),
        });
    }
    Ok(peers)
}

/// An encoder from a function that may fail.
#[cfg(feature = "peers")]
struct Fallible<F>(F);

#[cfg(feature = "peers")]
impl<F> memt_eval::Encoder for Fallible<F>
where
    F: Fn(&[&str]) -> Result<ndarray::Array2<f32>, memt_eval::RankError> + Sync,
{
    fn encode(&self, texts: &[&str]) -> Result<ndarray::Array2<f32>, memt_eval::RankError> {
        (self.0)(texts)
    }
}

#[cfg(not(feature = "peers"))]
pub(super) fn open(minilm: Option<&Path>, model2vec: Option<&Path>) -> Result<Vec<Peer>, Failure> {
    match minilm.or(model2vec) {
        None => Ok(Vec::new()),
        Some(folder) => Err(Failure::failed(format!(
            "cannot read {}: this memt was built without other encoders; build it with `cargo build --release -p memt-host --features peers`",
            folder.display()
        ))),
    }
}
