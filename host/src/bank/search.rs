//! Answering questions on all cores.

use super::Bank;
use super::age;
use super::block::Block;
use super::kernel;
use super::partition::Partition;
use super::terms::question_terms;
use memt_core::bank::QueryError;
use memt_core::bound::Bound;
use memt_core::embedding::Embedding;
use memt_core::feedback::Lift;
use memt_core::overlap::{QueryTerm, matched_words};
use memt_core::query::{Hit, QueryOptions, rank};
use memt_core::score::{Mode, Question};
use memt_core::slot::{Key, Owner, SlotView};
use memt_core::survey::Survey;
use memt_core::text::Words;
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

impl Bank {
    /// The best `top_k` memories for a question, best first.
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
    ) -> Result<Vec<Hit>, QueryError> {
        let partitions = self.partitions_of(options.owner);
        let lifts = self.lifts(options.owner.as_ref().map(core::slice::from_ref), embedding);
        self.best_of(partitions, text, embedding, options, top_k, &lifts, None)
    }

    /// The best `top_k` memories for a question among those of `owners` (of all without) that `accepts`
    /// takes, best first. Those that it does not take still count in how rare a word is. `options.owner`
    /// is not looked at.
    pub fn query_where(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
        owners: Option<&[Owner]>,
        accepts: Accepts<'_>,
    ) -> Result<Vec<Hit>, QueryError> {
        let partitions = match owners {
            None => self.partitions_of(None),
            Some(owners) => owners
                .iter()
                .filter_map(|&owner| self.partition(owner))
                .collect(),
        };
        let lifts = self.lifts(owners, embedding);
        self.best_of(
            partitions,
            text,
            embedding,
            options,
            top_k,
            &lifts,
            Some(accepts),
        )
    }

    /// The words of a question that a memory contains, as the question writes them; `None` if there
    /// is no such memory.
    pub fn explain<'t>(&'t self, question: &'t str, key: Key) -> Option<Vec<&'t str>> {
        let memory = self.get(key)?;
        let words = matched_words(question, memory.terms);
        Some(words.map(|word| word.as_written()).collect())
    }
}

/// Whether a memory is among those that are asked for.
pub type Accepts<'a> = &'a (dyn Fn(SlotView<'_>) -> bool + Sync);

impl Bank {
    #[expect(clippy::too_many_arguments, reason = "what is asked, of whom, and how")]
    fn best_of(
        &self,
        partitions: Vec<&Partition>,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
        lifts: &[Lift],
        accepts: Option<Accepts<'_>>,
    ) -> Result<Vec<Hit>, QueryError> {
        with_question(
            &partitions,
            text,
            embedding,
            options,
            lifts,
            |question, surveyed| {
                if options.neighbours {
                    return best_with_neighbours(&partitions, question, options, top_k, accepts);
                }
                self.keep_candidates(&partitions, surveyed, question, top_k, accepts);
                let hits = best(surveyed, question, options, top_k, accepts);
                self.with_lifted(hits, question, options, top_k, accepts)
            },
        )
    }

    /// The best hits of those and of what judgements lift, which [`best`] may have passed over: it knows
    /// the bounds of what memories score by themselves. All others are found as they are.
    pub(super) fn with_lifted(
        &self,
        mut hits: Vec<Hit>,
        question: &Question<'_>,
        options: &QueryOptions,
        top_k: usize,
        accepts: Option<Accepts<'_>>,
    ) -> Vec<Hit> {
        let lifts = question.lifts();
        if lifts.is_empty() {
            return hits;
        }
        hits.retain(|hit| lifts.iter().all(|lift| lift.key != hit.key));
        let lifted = lifts.iter().filter_map(|lift| self.get(lift.key));
        let lifted = lifted.filter(|&slot| accepts.is_none_or(|accepts| accepts(slot)));
        let scored = lifted.map(|slot| Hit::new(slot, question.score(slot)));
        hits.extend(scored.filter(|hit| hit.score.total >= options.min_score));
        hits.sort_unstable_by(Hit::order);
        hits.truncate(top_k);
        hits
    }
}

/// Asks with what the question learns of the memories that it searches.
pub(super) fn with_question<R>(
    partitions: &[&Partition],
    text: &str,
    embedding: &Embedding,
    options: &QueryOptions,
    lifts: &[Lift],
    ask: impl FnOnce(&Question<'_>, &mut [Surveyed<'_>]) -> R,
) -> Result<R, QueryError> {
    if Words::of(text).next().is_none() {
        return Err(QueryError::EmptyText);
    }
    let blocks = partitions.iter().flat_map(|partition| partition.blocks());
    let blocks: Vec<&Block> = blocks.collect();
    let mut terms = question_terms(text);
    // For meaning alone, it only matters whether the names of the question occur at all.
    let looked_up = |term: &QueryTerm| options.mode != Mode::Dense || term.name;
    let (survey, mut surveyed) = survey(&blocks, &mut terms, looked_up);
    let question = survey.question(text, embedding, &mut terms, options);
    Ok(ask(&question.lifted(lifts), &mut surveyed))
}

/// What the first pass over a block finds.
pub(super) struct Surveyed<'b> {
    pub(super) block: &'b Block,
    /// For each term of the question, the rows that contain it.
    pub(super) rows: Vec<Cow<'b, [u16]>>,
    /// The rows to look at, ascending, where not all are.
    pub(super) among: Option<Vec<u16>>,
}

/// Surveys all memories and which of `terms` they contain; sums of integers, so in any order.
fn survey<'b>(
    blocks: &[&'b Block],
    terms: &mut [QueryTerm],
    looked_up: impl Fn(&QueryTerm) -> bool + Sync,
) -> (Survey, Vec<Surveyed<'b>>) {
    let asked: &[QueryTerm] = terms;
    let surveyed = over(blocks, |&block| {
        let rows = asked.iter().map(|term| match looked_up(term) {
            true => block.rows_with(term.hash),
            false => Cow::Borrowed(&[][..]),
        });
        (block.survey(), rows.collect::<Vec<_>>())
    });
    let mut total = Survey::new();
    let mut kept = Vec::with_capacity(surveyed.len());
    for (&block, (survey, rows)) in blocks.iter().zip(surveyed) {
        total.merge(&survey);
        for (term, rows) in terms.iter_mut().zip(&rows) {
            term.frequency += match block.is_whole() {
                true => rows.len() as u32,
                false => live(block, rows).count() as u32,
            };
        }
        kept.push(Surveyed {
            block,
            rows,
            among: None,
        });
    }
    (total, kept)
}

fn live<'b>(block: &'b Block, rows: &'b [u16]) -> impl Iterator<Item = usize> + 'b {
    let rows = rows.iter().map(|&row| usize::from(row));
    rows.filter(move |&row| block.is_live(row))
}

/// `each` of `items`, on all cores where there are more than a few.
fn over<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    const FEW: usize = 2;
    match items.len() <= FEW {
        true => items.iter().map(each).collect(),
        false => items.par_iter().map(each).collect(),
    }
}

/// The best hits so far, and how good a further one has to be.
struct Best {
    top_k: usize,
    hits: Mutex<Vec<Hit>>,
    /// Bits of a score that is not negative, so that greater bits are greater scores.
    least: AtomicU32,
}

impl Best {
    fn new(top_k: usize, min_score: f32) -> Self {
        Self {
            top_k,
            hits: Mutex::new(Vec::new()),
            least: AtomicU32::new(min_score.max(0.0).to_bits()),
        }
    }

    /// The score below which a hit is of no use.
    fn least(&self) -> f32 {
        f32::from_bits(self.least.load(Ordering::Relaxed))
    }

    fn offer(&self, hits: Vec<Hit>) {
        if hits.is_empty() {
            return;
        }
        // A thread that panicked has left whole hits behind.
        let mut kept = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(hits);
        *kept = keep_best(std::mem::take(&mut *kept), self.top_k);
        self.raise(worst(&kept, self.top_k));
    }

    fn raise(&self, least: f32) {
        self.least.fetch_max(least.to_bits(), Ordering::Relaxed);
    }

    fn into_hits(self) -> Vec<Hit> {
        let hits = self.hits.into_inner();
        let mut hits = hits.unwrap_or_else(PoisonError::into_inner);
        hits.sort_unstable_by(Hit::order);
        hits
    }
}

/// The score of the last of `top_k` hits; 0 if there are fewer.
fn worst(hits: &[Hit], top_k: usize) -> f32 {
    if hits.len() < top_k {
        return 0.0;
    }
    let totals = hits.iter().map(|hit| hit.score.total);
    totals.fold(f32::INFINITY, f32::min)
}

/// As [`rank`] without neighbours, of which the scores of most memories are only bounded: a memory that
/// could be among the best is scored, so the list is the same.
pub(super) fn best(
    surveyed: &[Surveyed<'_>],
    question: &Question<'_>,
    options: &QueryOptions,
    top_k: usize,
    accepts: Option<Accepts<'_>>,
) -> Vec<Hit> {
    if top_k == 0 {
        return Vec::new();
    }
    let scan = Scan::new(question, options, top_k, accepts);
    over(surveyed, |surveyed| scan.block(surveyed));
    scan.best.into_hits()
}

struct Scan<'q> {
    question: &'q Question<'q>,
    bound: Bound,
    weights: kernel::Weights,
    scale: f32,
    /// The most that each term of the question gives.
    terms: Vec<f32>,
    min_score: f32,
    best: Best,
    accepts: Option<Accepts<'q>>,
}

impl<'q> Scan<'q> {
    fn new(
        question: &'q Question<'q>,
        options: &QueryOptions,
        top_k: usize,
        accepts: Option<Accepts<'q>>,
    ) -> Self {
        let bound = question.bound();
        let (weights, scale) = kernel::rounded(&bound.direction);
        let terms = question.terms().iter().map(|term| bound.term(term));
        Self {
            question,
            weights,
            scale,
            terms: terms.collect(),
            bound,
            min_score: options.min_score,
            best: Best::new(top_k, options.min_score),
            accepts,
        }
    }

    fn block(&self, surveyed: &Surveyed<'_>) {
        let block = surveyed.block;
        if surveyed.among.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        let evidence = self.evidence(surveyed);
        let mut least = self.best.least();
        let mut rows = self.candidates(block, &evidence, least);
        let mut hits = Vec::new();
        let top_k = self.best.top_k;
        // The most promising rows first: they show that most others need not be looked at.
        if rows.len() > 4 * top_k {
            rows.select_nth_unstable_by(top_k, |&a, &b| {
                evidence[usize::from(b)].total_cmp(&evidence[usize::from(a)])
            });
            let others = rows.split_off(top_k);
            self.score(block, &rows, &mut hits);
            least = least.max(worst(&hits, top_k));
            let enough = self.bound.least_evidence(least);
            rows = others;
            rows.retain(|&row| evidence[usize::from(row)] >= enough);
        }
        self.score(block, &rows, &mut hits);
        hits.retain(|hit| hit.score.total >= self.min_score);
        self.best.offer(keep_best(hits, top_k));
    }

    fn candidates(&self, block: &Block, evidence: &[f32], least: f32) -> Vec<u16> {
        const AT_ONCE: usize = 64;
        let enough = self.bound.least_evidence(least);
        let mut rows = Vec::new();
        for (chunk, evidence) in evidence.chunks(AT_ONCE).enumerate() {
            // Without branches, so that many are compared at once.
            if !evidence
                .iter()
                .fold(false, |any, &one| any | (one >= enough))
            {
                continue;
            }
            let numbered = (chunk * AT_ONCE..).zip(evidence);
            let found = numbered.filter(|&(row, &one)| one >= enough && block.is_live(row));
            rows.extend(found.map(|(row, _)| row as u16));
        }
        rows
    }

    fn score(&self, block: &Block, rows: &[u16], hits: &mut Vec<Hit>) {
        let slots = rows.iter().map(|&row| block.view(usize::from(row)));
        let accepted = slots.filter(|&slot| self.accepts.is_none_or(|accepts| accepts(slot)));
        hits.extend(accepted.map(|slot| Hit::new(slot, self.question.score(slot))));
    }

    /// The most evidence that each row can have, `[N]`; less than any where it is not looked at.
    fn evidence(&self, surveyed: &Surveyed<'_>) -> Vec<f32> {
        let block = surveyed.block;
        let mut evidence = match &surveyed.among {
            None => self.meaning(block.embeddings(), block.squared_norms()),
            Some(rows) => self.meaning_among(block, rows),
        };
        for (&most, rows) in self.terms.iter().zip(&surveyed.rows) {
            for &row in rows.iter() {
                evidence[usize::from(row)] += most;
            }
        }
        if let Some(period) = self.bound.period {
            for (row, evidence) in evidence.iter_mut().enumerate() {
                if period.contains(block.facts(row).created) {
                    *evidence += Bound::TIME;
                }
            }
        }
        evidence
    }

    fn meaning(&self, embeddings: &[Embedding], squared_norms: &[u32]) -> Vec<f32> {
        let mut evidence = vec![0.0; embeddings.len()];
        // Without a direction, only words count.
        if self.scale > 0.0 {
            let mut dots = vec![0; embeddings.len()];
            kernel::dots(&self.weights, embeddings, &mut dots);
            kernel::evidence(self.scale, &dots, squared_norms, &mut evidence);
        }
        evidence
    }

    fn meaning_among(&self, block: &Block, rows: &[u16]) -> Vec<f32> {
        let at = |&row: &u16| usize::from(row);
        let embeddings: Vec<Embedding> =
            rows.iter().map(|row| block.embeddings()[at(row)]).collect();
        let norms: Vec<u32> = rows
            .iter()
            .map(|row| block.squared_norms()[at(row)])
            .collect();
        let mut evidence = vec![f32::NEG_INFINITY; block.rows()];
        let found = self.meaning(&embeddings, &norms);
        rows.iter()
            .zip(found)
            .for_each(|(row, most)| evidence[at(row)] = most);
        evidence
    }
}

fn keep_best(mut hits: Vec<Hit>, top_k: usize) -> Vec<Hit> {
    if top_k > 0 && top_k < hits.len() {
        hits.select_nth_unstable_by(top_k - 1, Hit::order);
    }
    hits.truncate(top_k);
    hits
}

/// Memories that one thread scores before it takes more.
const SCORED_AT_ONCE: usize = 2048;

fn best_with_neighbours(
    partitions: &[&Partition],
    question: &Question<'_>,
    options: &QueryOptions,
    top_k: usize,
    accepts: Option<Accepts<'_>>,
) -> Vec<Hit> {
    let memories = age::merge(partitions.to_vec());
    let accepted = memories.filter(|&slot| accepts.is_none_or(|accepts| accepts(slot)));
    let memories: Vec<SlotView<'_>> = accepted.collect();
    let scored: Vec<Hit> = memories
        .par_iter()
        .with_min_len(SCORED_AT_ONCE)
        .map(|&slot| Hit::new(slot, question.score(slot)))
        .collect();
    let mut hits = vec![Hit::default(); top_k.min(scored.len())];
    let found = rank(scored.into_iter(), options, &mut hits);
    hits.truncate(found);
    hits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::OwnedSlot;
    use memt_core::embedding::DIMENSIONS;
    use memt_core::encoder::Fingerprint;
    use memt_core::slot::{Factor, Timestamp};
    use memt_core::write::NewMemory;

    /// Numbers that look random and are the same in every run (Steele et al., SplitMix, 2014).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % limit
        }

        fn text(&mut self) -> String {
            let words = 1 + self.below(5);
            let words: Vec<String> = (0..words)
                .map(|_| format!("word{}", self.below(40)))
                .collect();
            words.join(" ")
        }

        /// Embeddings in groups, with a direction in common.
        fn embedding(&mut self) -> Embedding {
            let mut group = Numbers(self.below(6));
            let reach = [50, 400, 2000][self.below(3) as usize];
            let mut sums = [0; DIMENSIONS];
            for (at, sum) in sums.iter_mut().enumerate() {
                let own = self.below(2 * reach + 1) as i32 - reach as i32;
                *sum = own + group.below(1001) as i32 - 500 + 300 * ((at as i32 * 37) % 7 - 3);
            }
            Embedding::of_sums(&sums)
        }
    }

    fn filled(numbers: &mut Numbers) -> Bank {
        let mut bank = Bank::new();
        bank.bind(Fingerprint(7)).unwrap();
        for number in 0..1500 {
            let (text, embedding) = (numbers.text(), numbers.embedding());
            let memory = NewMemory {
                owner: Owner(0),
                text: &text,
                embedding: &embedding,
                created: Timestamp(number * 4000),
                importance: Factor::ONE,
            };
            let key = bank.write(OwnedSlot::of(&memory, b"").unwrap()).unwrap();
            for _ in 0..number % 40 {
                bank.replay(key, Timestamp(number * 4000));
            }
        }
        bank
    }

    /// No memory scores more than its bound says; and the bounds are so close that lowering them by a
    /// few hundredths would break this.
    #[test]
    fn bounds_hold_and_are_close() {
        let mut numbers = Numbers(11);
        let bank = filled(&mut numbers);
        let now = Timestamp(1500 * 4000);
        for (mode, times, most) in [
            (Mode::Dense, None, 0.06),
            (Mode::Lexical, None, 0.05),
            (Mode::Lexical, Some(now), 0.001),
            (Mode::Fused, Some(now), 0.001),
        ] {
            let mut closest = f32::INFINITY;
            for round in 0..80 {
                let mut text = numbers.text();
                if times.is_some() {
                    text = format!("{text} {}", ["yesterday", "last week"][round % 2]);
                }
                let embedding = numbers.embedding();
                let options = QueryOptions {
                    mode,
                    times,
                    ..QueryOptions::of_owner(Owner(0))
                };
                let partitions = bank.partitions_of(None);
                let blocks: Vec<&Block> = partitions
                    .iter()
                    .flat_map(|partition| partition.blocks())
                    .collect();
                let mut terms = question_terms(&text);
                let (survey, surveyed) = survey(&blocks, &mut terms, |_| true);
                let question = survey.question(&text, &embedding, &mut terms, &options);
                let scan = Scan::new(&question, &options, 10, None);
                for surveyed in &surveyed {
                    let evidence = scan.evidence(surveyed);
                    for row in surveyed.block.live() {
                        let score = question.score(surveyed.block.view(row)).total;
                        let slack = evidence[row] - scan.bound.least_evidence(score);
                        assert!(
                            slack >= 0.0,
                            "{mode:?} {text}: {score} with {}",
                            evidence[row]
                        );
                        if score > 0.05 && score < 0.99 {
                            closest = closest.min(slack);
                        }
                    }
                }
            }
            println!("{mode:?} {times:?}: {closest}");
            assert!(closest < most, "{mode:?} {times:?}: {closest}");
        }
    }
}
