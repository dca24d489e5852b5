//! The second pass: bounds first, then the scores of memories that can still be among the best.

use super::Accepts;
use super::best::{Best, keep_best, worst};
use super::survey::{Surveyed, over};
use crate::bank::block::{Block, ROWS};
use crate::bank::kernel;
use memt_core::bound::Bound;
use memt_core::embedding::Embedding;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Question;

/// As [`rank`](memt_core::query::rank) without neighbours, of which the scores of most memories are only bounded: a memory that
/// could be among the best is scored, so the list is the same.
pub(in crate::bank) fn best(
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
    /// The most that each two terms which follow each other give besides.
    sequences: Vec<f32>,
    min_score: f32,
    best: Best,
    accepts: Option<Accepts<'q>>,
}

/// The most evidence that memories can have.
struct Evidence {
    /// Each row, `[N]`; less than any where it is not looked at.
    rows: Vec<f32>,
    /// No row has more.
    most: f32,
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
        let pairs = question.terms().windows(2);
        let sequences = pairs.map(|pair| bound.sequence(&pair[0], &pair[1]));
        Self {
            question,
            weights,
            scale,
            terms: terms.collect(),
            sequences: sequences.collect(),
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
        let mut least = self.best.least();
        let Evidence {
            rows: evidence,
            most,
        } = self.evidence(surveyed);
        if most < self.enough(block, least) {
            return;
        }
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
            let enough = self.enough(block, least);
            rows = others;
            rows.retain(|&row| evidence[usize::from(row)] >= enough);
        }
        self.score(block, &rows, &mut hits);
        hits.retain(|hit| hit.score.total >= self.min_score);
        self.best.offer(keep_best(hits, top_k));
    }

    /// The least evidence with which a memory of the block can reach a score.
    fn enough(&self, block: &Block, score: f32) -> f32 {
        self.bound.least_evidence(score, block.most().strength)
    }

    fn candidates(&self, block: &Block, evidence: &[f32], least: f32) -> Vec<u16> {
        const AT_ONCE: usize = 64;
        let enough = self.enough(block, least);
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

    fn evidence(&self, surveyed: &Surveyed<'_>) -> Evidence {
        let block = surveyed.block;
        let shortness = Bound::shortness(block.most().length);
        let mut evidence = match &surveyed.among {
            None => self.meaning(block.embeddings(), block.squared_norms(), shortness),
            Some(rows) => self.meaning_among(block, rows, shortness),
        };
        // Rounded sums in the same order as those of rows, so `most` is never less than one of them.
        for (&most, rows) in self.terms.iter().zip(&surveyed.rows) {
            if !rows.is_empty() {
                evidence.most += most;
            }
            for &row in rows.iter() {
                evidence.rows[usize::from(row)] += most;
            }
        }
        for (&most, rows) in self.sequences.iter().zip(surveyed.rows.windows(2)) {
            let marks = Marks::of(&rows[0]);
            let mut any = false;
            // Without branches, which would be guessed wrongly as often as not.
            for &row in rows[1].iter() {
                let both = marks.contain(row);
                evidence.rows[usize::from(row)] += if both { most } else { 0.0 };
                any |= both;
            }
            evidence.most += if any { most } else { 0.0 };
        }
        if let Some(period) = self.bound.period {
            evidence.most += Bound::TIME;
            for (row, evidence) in evidence.rows.iter_mut().enumerate() {
                if period.contains(block.facts(row).created) {
                    *evidence += Bound::TIME;
                }
            }
        }
        evidence
    }

    fn meaning(&self, embeddings: &[Embedding], squared_norms: &[u32], shortness: f32) -> Evidence {
        let mut rows = vec![0.0; embeddings.len()];
        // Without a direction, only words count.
        let most = match self.scale > 0.0 {
            true => kernel::evidence(
                &self.weights,
                self.scale,
                shortness,
                embeddings,
                squared_norms,
                &mut rows,
            ),
            false => 0.0,
        };
        Evidence { rows, most }
    }

    fn meaning_among(&self, block: &Block, rows: &[u16], shortness: f32) -> Evidence {
        let at = |&row: &u16| usize::from(row);
        let embeddings: Vec<Embedding> =
            rows.iter().map(|row| block.embeddings()[at(row)]).collect();
        let norms: Vec<u32> = rows
            .iter()
            .map(|row| block.squared_norms()[at(row)])
            .collect();
        let found = self.meaning(&embeddings, &norms, shortness);
        let mut evidence = vec![f32::NEG_INFINITY; block.rows()];
        rows.iter()
            .zip(found.rows)
            .for_each(|(row, most)| evidence[at(row)] = most);
        Evidence {
            rows: evidence,
            most: found.most,
        }
    }
}

/// Rows of a block, a bit each.
struct Marks([u64; ROWS / 64]);

impl Marks {
    fn of(rows: &[u16]) -> Self {
        let mut marks = [0; ROWS / 64];
        for &row in rows {
            marks[usize::from(row) / 64] |= 1 << (row % 64);
        }
        Self(marks)
    }

    fn contain(&self, row: u16) -> bool {
        self.0[usize::from(row) / 64] >> (row % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey;
    use super::*;
    use crate::bank::terms::question_terms;
    use crate::bank::{Bank, OwnedSlot};
    use memt_core::embedding::DIMENSIONS;
    use memt_core::encoder::Fingerprint;
    use memt_core::score::Mode;
    use memt_core::slot::{Factor, Owner, Timestamp};
    use memt_core::write::NewMemory;
    use memt_eval::Random;

    /// What texts and embeddings are made of.
    struct Numbers(Random);

    impl Numbers {
        fn of(seed: u64) -> Self {
            Self(Random::new(seed))
        }

        fn below(&mut self, limit: u64) -> u64 {
            self.0.bits() % limit
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
            let mut group = Numbers::of(self.below(6));
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

    /// No memory scores more than its bound says; and the bounds are so close that lowering them a little
    /// would break this.
    #[test]
    fn bounds_hold_and_are_close() {
        let mut numbers = Numbers::of(11);
        let bank = filled(&mut numbers);
        let now = Timestamp(1500 * 4000);
        for (mode, times, most) in [
            (Mode::Dense, None, 0.003),
            (Mode::Lexical, None, 0.04),
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
                        let least = scan.enough(surveyed.block, score);
                        let slack = evidence.rows[row] - least;
                        assert!(
                            slack >= 0.0,
                            "{mode:?} {text}: {score} with {}",
                            evidence.rows[row]
                        );
                        assert!(evidence.rows[row] <= evidence.most, "{mode:?} {text}");
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
