//! A write watched step by step: the same fit that a write makes, stored nowhere.

use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::embedding::{Cosine, Embedding};
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::{Key, SlotView};
use memt_core::write::{Ending, Fit, FitState, FitWeights, Learn, Rivals};
use serde_json::{Value, json};

/// How the vector of one memory is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Which memory; none for a text that is not in the bank.
    pub key: Option<Key>,
    /// Its text.
    pub text: String,
    /// The memories that say nearly the same, nearest first.
    pub rivals: Vec<Key>,
    /// The words that these lack, with a space after each.
    pub emphasis: String,
    /// Where it begins, and after each step.
    pub states: Vec<FitState>,
    /// Why it ends.
    pub ending: Ending,
}

impl Trace {
    /// Watches a fit; gives the fitted vector too. `having` counts the memories of the owner, the text's own
    /// among them, that have a term.
    fn of(
        key: Option<Key>,
        text: &str,
        embedding: &Embedding,
        rivals: &Rivals<'_>,
        having: impl Fn(u32) -> usize,
        encoder: &TextEncoder<'_>,
    ) -> Result<(Self, Embedding), ScratchTooSmall> {
        let emphasis = rivals.emphasis(text, having);
        let words = match emphasis.is_empty() {
            true => None,
            false => Some(encoder.encode_one(&emphasis)?),
        };
        let mut fit = Fit::begin(embedding, words.as_ref(), rivals, FitWeights::default());
        let mut states = vec![fit.state()];
        let ending = loop {
            match fit.advance() {
                Ok(()) => states.push(fit.state()),
                Err(ending) => break ending,
            }
        };
        let trace = Self {
            key,
            text: text.to_owned(),
            rivals: rivals.iter().map(|rival| rival.facts.key).collect(),
            emphasis: emphasis.to_string(),
            states,
            ending,
        };
        Ok((trace, fit.finish().0))
    }
}

impl Trace {
    /// The states as JSON.
    pub fn states_described(&self) -> Value {
        let states = self.states.iter().map(|state| {
            json!({
                "step": state.step,
                "loss": state.loss,
                "similarity": state.similarity.to_f32(),
                "margin": state.margin,
                "emphasis": state.emphasis.map(Cosine::to_f32),
                "rival": state.rival.map(Cosine::to_f32),
            })
        });
        states.collect()
    }
}

/// How a memory would be fitted among what is there now, as replay does it; none if it is not there.
pub fn trace_memory(
    bank: &Bank,
    key: Key,
    encoder: &TextEncoder<'_>,
) -> Result<Option<Trace>, ScratchTooSmall> {
    let Some(slot) = bank.get(key) else {
        return Ok(None);
    };
    let embedding = encoder.encode_one(slot.text)?;
    let Some(rivals) = bank.rivals(key, &embedding) else {
        return Ok(None);
    };
    let having = |term| bank.having(slot.facts.owner, term);
    let (trace, _) = Trace::of(Some(key), slot.text, &embedding, &rivals, having, encoder)?;
    Ok(Some(trace))
}

/// How a new memory would be fitted, and after it the nearest of those that say nearly the same. Among
/// the rivals of that one, the new memory has the key that a write would give it.
pub fn trace_text(
    bank: &Bank,
    mut new: OwnedSlot,
    encoder: &TextEncoder<'_>,
) -> Result<Vec<Trace>, ScratchTooSmall> {
    new.facts.key = Key {
        origin: bank.origin(),
        counter: bank.next_counter(),
    };
    let slot = new.view();
    let near = bank.near(slot.facts.owner, slot.embedding, None);
    let rivals = Rivals::of(slot.embedding, slot.terms, near.into_iter());
    let nearest = rivals.iter().next();
    let having = |term| 1 + bank.having(slot.facts.owner, term);
    let (trace, vector) = Trace::of(None, slot.text, slot.embedding, &rivals, having, encoder)?;
    // As in a write: without words that tell them apart the rival stays.
    let nearest = nearest.filter(|_| !trace.emphasis.is_empty());
    let mut traces = vec![trace];
    if let Some(nearest) = nearest {
        let new = new.with_embedding(vector);
        traces.push(trace_rival(bank, nearest, new.view(), encoder)?);
    }
    Ok(traces)
}

/// How a memory would be fitted if `newcomer` were there.
fn trace_rival(
    bank: &Bank,
    slot: SlotView<'_>,
    newcomer: SlotView<'_>,
    encoder: &TextEncoder<'_>,
) -> Result<Trace, ScratchTooSmall> {
    let embedding = encoder.encode_one(slot.text)?;
    let near = bank.near(slot.facts.owner, &embedding, Some(slot.facts.key));
    let others = near.into_iter().chain([newcomer]);
    let rivals = Rivals::of(&embedding, slot.terms, others);
    let key = Some(slot.facts.key);
    let having =
        |term| bank.having(slot.facts.owner, term) + usize::from(newcomer.terms.count(term) > 0);
    let (trace, _) = Trace::of(key, slot.text, &embedding, &rivals, having, encoder)?;
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Arithmetic, Model};
    use memt_core::slot::{Factor, Owner, Timestamp};
    use memt_core::write::NewMemory;

    fn slot(text: &str, time: u32, encoder: &TextEncoder<'_>) -> OwnedSlot {
        let new = NewMemory {
            owner: Owner(1),
            text,
            embedding: &encoder.encode_one(text).unwrap(),
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        OwnedSlot::of(&new, &[]).unwrap()
    }

    /// What a trace foretells is what the write then does.
    #[test]
    fn a_trace_is_the_write_that_follows() {
        let model = Model::built_in().unwrap();
        let encoder = model.text_encoder(Arithmetic::Fixed).unwrap();
        let mut bank = Bank::new();
        bank.bind(encoder.fingerprint()).unwrap();
        let mut moved = 0;
        let days = ["Monday", "Tuesday", "Thursday", "Sunday"];
        for (time, day) in days.into_iter().enumerate() {
            let text = format!("The piano teacher comes on {day} at five");
            let new = slot(&text, time as u32, &encoder);
            let traces = trace_text(&bank, new.clone(), &encoder).unwrap();
            let key = bank.write(new).unwrap();
            let encode = |text: &str| encoder.encode_one(text);
            let learned = bank.learn(key, FitWeights::default(), encode);
            let learned = learned.unwrap().unwrap();
            let fits = [Some(learned.fit), learned.rival.map(|rival| rival.1)];
            let fits: Vec<_> = fits.into_iter().flatten().collect();
            assert_eq!(fits.len(), traces.len(), "{text}");
            for (fit, trace) in fits.iter().zip(&traces) {
                let last = trace.states.last().unwrap();
                assert_eq!(fit.steps, last.step, "{text}");
                assert_eq!(fit.verification.similarity, last.similarity, "{text}");
                assert_eq!(trace.states.len(), usize::from(fit.steps) + 1);
                moved += fit.steps;
            }
            assert_eq!(
                traces.get(1).and_then(|trace| trace.key),
                learned.rival.map(|rival| rival.0)
            );
            let again = trace_memory(&bank, key, &encoder).unwrap().unwrap();
            assert_eq!(again.emphasis, traces[0].emphasis);
        }
        assert!(moved > 0);
        let other = Key {
            origin: 9,
            counter: 9,
        };
        assert_eq!(trace_memory(&bank, other, &encoder), Ok(None));
    }
}
