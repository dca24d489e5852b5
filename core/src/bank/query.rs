//! Finding memories.

use super::{Bank, QueryError};
use crate::embedding::Embedding;
use crate::overlap::question_terms;
use crate::query::{Hit, QueryOptions, rank};
use crate::score::Question;
use crate::survey::Survey;
use crate::text::Words;

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// The best memories for a question, best first, in `hits`; returns how many.
    ///
    /// Two passes over the slots, so the work grows with their number. With 256 of them it stays below a million
    /// instructions on a Cortex-M4F (encoding aside), which a test in QEMU holds it to; a larger bank takes
    /// more, and there is no form in steps.
    // Not inlined: a device's stack has no room for the working memory of encoding and ranking at once.
    #[inline(never)]
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        hits: &mut [Hit],
    ) -> Result<usize, QueryError> {
        self.with_question(text, embedding, options, |question| {
            let candidates = self
                .owned_by(options.owner)
                .map(|slot| Hit::new(slot, question.score(slot)));
            rank(candidates, options, hits)
        })
    }

    pub(super) fn with_question<R>(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        ask: impl FnOnce(&Question<'_>) -> R,
    ) -> Result<R, QueryError> {
        if Words::of(text).next().is_none() {
            return Err(QueryError::EmptyText);
        }
        let mut terms = question_terms::<TERMS>(text).map_err(QueryError::TooManyTerms)?;
        let mut survey = Survey::new();
        for slot in self.owned_by(options.owner) {
            survey.observe(slot, &mut terms);
        }
        let lifts = self.judgements.lifts(embedding);
        let question = survey.question(text, embedding, &mut terms, options);
        Ok(ask(&question.lifted(&lifts)))
    }
}
