//! What a device must be equal to, on this computer.

use crate::models;
use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Image, Scratch};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull, WriteReport};

/// A shipped image that is never freed.
pub fn shipped_image(name: &str) -> &'static [u8] {
    let image: &'static _ = Box::leak(Box::new(models::trained(name)));
    image.as_ref()
}

/// A bank of 200 memories of up to 200 bytes, with its model.
pub struct Twin<const TERMS: usize> {
    /// The memories.
    pub bank: Box<Bank<200, 200, TERMS>>,
    encoder: Encoder<'static>,
    scratch: Box<Scratch<65536>>,
    owner: Owner,
}

impl<const TERMS: usize> Twin<TERMS> {
    /// Of a device that gives keys of `origin`; memories are the `owner`'s.
    pub fn new(model: &'static [u8], origin: u32, owner: Owner) -> Self {
        let encoder = encoder_of(model);
        let mut bank = Box::new(Bank::new());
        bank.set_origin(origin);
        bank.bind(encoder.fingerprint()).expect("an empty bank");
        Self {
            bank,
            encoder,
            scratch: Box::new(Scratch::new()),
            owner,
        }
    }

    /// Writes a memory as a device does.
    pub fn add(&mut self, text: &str, time: u32) -> WriteReport {
        let (encoder, scratch) = (&self.encoder, &mut *self.scratch);
        let mut encode = |text: &str| encoder.encode(text, scratch);
        let embedding = encode(text).expect("scratch is large enough");
        let memory = NewMemory {
            owner: self.owner,
            text,
            embedding: &embedding,
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        let mut report = self
            .bank
            .add(&memory, WhenFull::Evict)
            .expect("a fitting text");
        let learned = self.bank.learn(report.key, FitWeights::default(), encode);
        let learned = learned.expect("scratch is large enough");
        report.verification = learned.expect("the memory is there").fit.verification;
        report
    }

    /// Rehearses a memory as a device does.
    pub fn replay(&mut self, key: Key, now: Timestamp) {
        self.bank.replay(key, now);
        let (encoder, scratch) = (&self.encoder, &mut *self.scratch);
        let encode = |text: &str| encoder.encode(text, scratch);
        let fitted = self.bank.refit(key, FitWeights::default(), encode);
        assert!(fitted.expect("scratch is large enough").is_some());
    }

    /// Encodes every memory anew with another model.
    pub fn encode_anew(&mut self, model: &'static [u8]) {
        self.encoder = encoder_of(model);
        self.bank.rebind(self.encoder.fingerprint());
        for position in 0..self.bank.len() {
            let text = self.bank.at(position).map(|slot| slot.text.to_owned());
            let text = text.expect("a position below the length");
            let embedding = self.encoder.encode(&text, &mut *self.scratch);
            let embedding = embedding.expect("scratch is large enough");
            assert!(self.bank.reencode(position, &embedding));
        }
    }

    /// The best `most` memories for a question.
    pub fn hits(&mut self, text: &str, options: &QueryOptions, most: usize) -> Vec<Hit> {
        let embedding = self.encoder.encode(text, &mut *self.scratch);
        let embedding = embedding.expect("scratch is large enough");
        let mut hits = vec![Hit::default(); most];
        let found = self.bank.query(text, &embedding, options, &mut hits);
        hits.truncate(found.expect("a question with words"));
        hits
    }

    /// The best five memories of the owner: keys, and the bits of their scores.
    pub fn answers(&mut self, text: &str) -> Vec<(String, u32)> {
        let hits = self.hits(text, &QueryOptions::of_owner(self.owner), 5);
        let hits = hits.iter();
        hits.map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
            .collect()
    }
}

fn encoder_of(model: &'static [u8]) -> Encoder<'static> {
    Encoder::new(Image::open(model).expect("a sound image")).expect("a sound model")
}
