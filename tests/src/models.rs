//! The trained models of the repository and the golden one, and encoding many texts with them.

use crate::aligned::AlignedBytes;
use crate::places;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::{Encoder, Image, ReferenceEncoder, Scratch};
use std::path::PathBuf;

/// The models that ship.
pub const TRAINED: [&str; 3] = ["default", "bag", "small"];

/// Enough scratch for every model that a test uses: the budget of a chip.
pub const SCRATCH_BYTES: usize = 24 * 1024;

/// Enough scratch for the integers and floats of every model, published ones too.
pub const LARGE_SCRATCH_BYTES: usize = 512 * 1024;

/// Where the trained model `name` lies.
pub fn path(name: &str) -> PathBuf {
    places::root().join(format!("host/models/{name}.memt"))
}

/// The trained model `name`. A missing file is a failure: the repository holds it.
pub fn trained(name: &str) -> AlignedBytes {
    read(&path(name))
}

/// The image that lies among the golden files.
pub fn golden() -> AlignedBytes {
    read(&places::root().join("tests/golden/v0.memt"))
}

fn read(path: &std::path::Path) -> AlignedBytes {
    match std::fs::read(path) {
        Ok(bytes) => AlignedBytes::of(&bytes),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The embeddings of `texts`, `[N, D]`.
pub fn encode<T: AsRef<str>>(model: &AlignedBytes, texts: &[T]) -> Vec<Embedding> {
    encode_in::<SCRATCH_BYTES, T>(model, texts)
}

/// As [`encode`] for a model that no chip's budget holds.
pub fn encode_large<T: AsRef<str>>(model: &AlignedBytes, texts: &[T]) -> Vec<Embedding> {
    encode_in::<LARGE_SCRATCH_BYTES, T>(model, texts)
}

fn encode_in<const BYTES: usize, T: AsRef<str>>(
    model: &AlignedBytes,
    texts: &[T],
) -> Vec<Embedding> {
    let encoder = integer_encoder(model);
    let mut scratch = Box::new(Scratch::<BYTES>::new());
    texts
        .iter()
        .map(|text| {
            encoder
                .encode(text.as_ref(), &mut scratch)
                .expect("scratch is large enough")
        })
        .collect()
}

/// The float embeddings of `texts`, `[N, D]`.
pub fn encode_floats<T: AsRef<str>>(model: &AlignedBytes, texts: &[T]) -> Vec<[f32; DIMENSIONS]> {
    let image = Image::open(model.as_ref()).expect("a sound image");
    let encoder = ReferenceEncoder::new(image).expect("a sound model");
    let mut scratch = Box::new(Scratch::<LARGE_SCRATCH_BYTES>::new());
    texts
        .iter()
        .map(|text| {
            encoder
                .encode(text.as_ref(), &mut scratch)
                .expect("scratch is large enough")
        })
        .collect()
}

/// The integer encoder of an image.
pub fn integer_encoder(model: &AlignedBytes) -> Encoder<'_> {
    let image = Image::open(model.as_ref()).expect("a sound image");
    Encoder::new(image).expect("a sound integer model")
}

/// FNV-1a-64 over the bytes of all embeddings in order: what every machine must print.
pub fn hash(embeddings: &[Embedding]) -> u64 {
    let bytes = embeddings
        .iter()
        .map(|embedding| bytemuck::cast_slice(&embedding.0));
    crate::checksum::fnv1a_64(bytes)
}
