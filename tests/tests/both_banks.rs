//! The growable bank of the host against the static one: the same memories, the same answers, bit
//! for bit.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::{Bank as StaticBank, JudgeError};
use memt_core::embedding::Embedding;
use memt_core::feedback::{Judgement, Verdict, Weight};
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, SlotView, Timestamp};
use memt_core::write::{Learn, NewMemory, WhenFull};
use memt_host::bank::{Bank as HostBank, MOST_JUDGED, OwnedSlot};
use memt_tests::corpus::{self, WORDS};
use memt_tests::models;
use memt_tests::random::Random;
use memt_tests::tiny_model::TinyModel;

const TEXT: usize = 200;
const TERMS: usize = 24;
const OWNERS: usize = 3;

/// Both banks with the same history.
struct Twins<const SLOTS: usize> {
    device: Box<StaticBank<SLOTS, TEXT, TERMS, MOST_JUDGED>>,
    host: HostBank,
    keys: Vec<Key>,
    steps: u32,
    judged: usize,
}

impl<const SLOTS: usize> Twins<SLOTS> {
    fn new(model: memt_core::encoder::Fingerprint) -> Self {
        let mut twins = Self {
            device: Box::default(),
            host: HostBank::new(),
            keys: Vec::new(),
            steps: 0,
            judged: 0,
        };
        twins.device.set_origin(3);
        twins.host.set_origin(3);
        twins.device.bind(model).unwrap();
        twins.host.bind(model).unwrap();
        twins
    }

    fn add(&mut self, memory: &NewMemory<'_>) {
        if self.device.len() == SLOTS {
            return;
        }
        let Ok(report) = self.device.add(memory, WhenFull::Refuse) else {
            return;
        };
        let slot = OwnedSlot::of(memory, b"").expect("the host takes what a device takes");
        assert_eq!(self.host.add(slot), Ok(report));
        self.keys.push(report.key);
    }

    fn change(&mut self, random: &mut Random) {
        let now = Timestamp(random.below(5_000_000) as u32);
        let Some(&key) = self.keys.get(random.below(self.keys.len() + 1)) else {
            return;
        };
        let (device, host) = (&mut self.device, &mut self.host);
        match random.below(40) {
            0..10 => assert_eq!(device.record_access(key, now), host.record_access(key, now)),
            10..20 => assert_eq!(device.replay(key, now), host.replay(key, now)),
            20..24 => assert_eq!(device.forget(key, now), host.forget(key, now)),
            26..28 => assert_eq!(
                device.merge_repeated(key, now),
                host.merge_repeated(key, now)
            ),
            28 if random.below(4) == 0 => {
                let owner = Some(Owner(random.below(OWNERS) as u64));
                assert_eq!(
                    device.remove_least(owner, now),
                    host.remove_least(owner, now)
                );
            }
            30.. => self.fit(key, random),
            24 if random.below(10) == 0 => {
                let owner = Some(Owner(random.below(OWNERS) as u64));
                assert_eq!(device.forget_all(owner, now), host.forget_all(owner, now));
            }
            _ => {}
        }
    }

    /// Fits a memory in both, with another one's vector for its emphasis.
    fn fit(&mut self, key: Key, random: &mut Random) {
        let other = self.keys[random.below(self.keys.len())];
        let vector = |key| self.host.get(key).map(|slot| *slot.embedding);
        let (own, words) = (vector(key).unwrap_or(Embedding::ZERO), vector(other));
        let emphasis = self.host.emphasis(key, &own);
        assert_eq!(self.device.emphasis(key, &own), emphasis);
        let report = self.device.fit(key, &own, words.as_ref());
        assert_eq!(self.host.fit(key, &own, words.as_ref()), report);
        self.steps += report.map_or(0, |report| u32::from(report.steps));
    }

    fn compare_memories(&self) {
        let parts = |slot: SlotView<'_>| {
            (
                *slot.facts,
                slot.text.to_owned(),
                *slot.embedding,
                slot.squared_norm,
            )
        };
        for owner in (0..OWNERS as u64).map(Owner) {
            let device = self.device.owned_by(Some(owner)).map(parts);
            let host = self.host.owned_by(Some(owner)).map(parts);
            assert!(device.eq(host), "{owner:?}");
            assert_eq!(
                self.device.statistics(Some(owner)),
                self.host.statistics(Some(owner))
            );
        }
        for &key in &self.keys {
            assert_eq!(
                self.device.get(key).map(parts),
                self.host.get(key).map(parts)
            );
            let terms =
                |slot: SlotView<'_>| (slot.terms.hashes.to_vec(), slot.terms.counts.to_vec());
            assert_eq!(
                self.device.get(key).map(terms),
                self.host.get(key).map(terms)
            );
        }
        assert_eq!(self.device.len(), self.host.len());
    }

    /// Tells both the same of a memory and a question; some verdicts are taken back.
    fn judge(&mut self, text: &str, embedding: &Embedding, random: &mut Random) {
        let key = self.keys[random.below(self.keys.len())];
        let now = Timestamp(random.below(1_000) as u32);
        let verdict = [Verdict::Positive, Verdict::Negative, Verdict::VeryNegative];
        let verdict = verdict[random.below(3)];
        let device = self.device.judge(text, embedding, key, verdict, now);
        if let Err(JudgeError::Question(_)) = device {
            // The growable bank has room for any question.
            return;
        }
        assert_eq!(device, self.host.judge(text, embedding, key, verdict, now));
        self.judged += usize::from(device.is_ok_and(|judged| judged.weight != Weight(0)));
        if random.below(8) == 0 {
            let question = (random.below(2) == 0).then_some(embedding);
            let device = self.device.take_back(key, question);
            assert_eq!(device, self.host.take_back(key, question));
        }
        let mut of_host: Vec<Judgement> = self.host.judgements().copied().collect();
        of_host.sort_by(Judgement::order);
        assert_eq!(self.device.judgements(), of_host);
    }

    /// Asks both; says how many hits there were.
    fn ask(&self, text: &str, embedding: &Embedding, options: &QueryOptions, room: usize) -> usize {
        let mut hits = vec![Hit::default(); room];
        let Ok(found) = self.device.query(text, embedding, options, &mut hits) else {
            return 0;
        };
        let from_host = self.host.query(text, embedding, options, room).unwrap();
        let bits = |hit: &Hit| {
            let score = hit.score;
            let floats = [
                score.total,
                score.cosine,
                score.lexical,
                score.factor,
                score.time,
                score.feedback,
                score.neighbours,
            ];
            (hit.key, hit.created, floats.map(f32::to_bits))
        };
        let device: Vec<_> = hits[..found].iter().map(bits).collect();
        let host: Vec<_> = from_host.iter().map(bits).collect();
        assert_eq!(device, host, "{text:?} {options:?}");
        found
    }
}

fn options(random: &mut Random) -> QueryOptions {
    QueryOptions {
        owner: [None, Some(Owner(random.below(OWNERS) as u64))][random.below(2)],
        mode: [Mode::Fused, Mode::Dense, Mode::Lexical][random.below(3)],
        min_score: [0.0, 0.0, 0.3, 0.9][random.below(4)],
        recency: [None, Some(Timestamp(5_000_000))][random.below(2)],
        times: [None, Some(Timestamp(5_000_000))][random.below(2)],
        neighbours: random.below(2) == 0,
    }
}

/// Writes `memories` texts of the corpus, changes some, and asks `questions` questions.
fn run<const SLOTS: usize>(seed: u64, memories: usize, questions: usize) {
    let mut random = Random::new(seed);
    let model = TinyModel::GOLDEN.image(&WORDS);
    let texts = corpus::texts();
    let embeddings = models::encode(&model, &texts);
    let mut twins = Twins::<SLOTS>::new(models::integer_encoder(&model).fingerprint());
    for _ in 0..memories {
        let index = random.below(texts.len());
        twins.add(&NewMemory {
            owner: Owner(random.below(OWNERS) as u64),
            text: &texts[index],
            embedding: &embeddings[index],
            created: Timestamp(random.below(1_000) as u32 * 3_600),
            importance: Factor(random.between(0, 8192) as u16),
        });
        twins.change(&mut random);
    }
    twins.compare_memories();
    assert!(memories < 1000 || twins.steps > 0, "some fits must move");
    let mut hits = 0;
    for _ in 0..questions {
        // Some are asked often, so that they meet what was judged.
        let among = [texts.len(), 12][random.below(2)];
        let index = random.below(among);
        if random.below(2) == 0 {
            twins.judge(&texts[index], &embeddings[index], &mut random);
            twins.change(&mut random);
        }
        let room = [1, 10, 100, SLOTS][random.below(4)];
        hits += twins.ask(
            &texts[index],
            &embeddings[index],
            &options(&mut random),
            room,
        );
    }
    assert!(
        hits > questions,
        "{hits} hits: the questions must find something"
    );
    assert!(twins.judged > 0, "something must be learned");
}

#[test]
fn small_banks_answer_alike() {
    for seed in 0..40 {
        run::<64>(seed, 70, 60);
    }
}

/// Enough memories that the host works on several blocks of them at once.
#[test]
fn large_banks_answer_alike() {
    let stack = std::thread::Builder::new().stack_size(64 << 20);
    let test = stack.spawn(|| run::<5_000>(99, 6_500, 60)).unwrap();
    test.join().unwrap();
}

/// One owner's memories, more than a block of the host has room for, so that its inverted index answers; asked
/// in every mode, before and after some are forgotten.
fn run_full_block<const SLOTS: usize>() {
    /// Memories of a full block, which alone has an index.
    const FULL: usize = 4096;
    let mut random = Random::new(7);
    let model = TinyModel::GOLDEN.image(&WORDS);
    let texts = corpus::texts();
    let embeddings = models::encode(&model, &texts);
    let mut twins = Twins::<SLOTS>::new(models::integer_encoder(&model).fingerprint());
    while twins.device.len() < SLOTS {
        let index = random.below(texts.len());
        twins.add(&NewMemory {
            owner: Owner(0),
            text: &texts[index],
            embedding: &embeddings[index],
            created: Timestamp(random.below(1_000) as u32 * 3_600),
            importance: Factor(random.between(0, 8192) as u16),
        });
    }
    for round in 0..3 {
        for mode in [Mode::Fused, Mode::Dense, Mode::Lexical] {
            let mut hits = 0;
            for room in [1, 10, 100, SLOTS, 10, 10] {
                let index = random.below(texts.len());
                let options = QueryOptions {
                    owner: Some(Owner(0)),
                    mode,
                    min_score: 0.0,
                    ..options(&mut random)
                };
                hits += twins.ask(&texts[index], &embeddings[index], &options, room);
            }
            assert!(hits > 6, "{hits} hits in {mode:?}, round {round}");
        }
        for _ in 0..20 {
            let key = twins.keys[random.below(twins.keys.len())];
            let now = Timestamp(5_000_000);
            assert_eq!(twins.device.forget(key, now), twins.host.forget(key, now));
        }
    }
    assert!(twins.host.keys_of(Some(Owner(0))).len() >= FULL);
    twins.compare_memories();
}

#[test]
fn full_blocks_answer_alike() {
    let stack = std::thread::Builder::new().stack_size(64 << 20);
    let test = stack.spawn(run_full_block::<4_160>).unwrap();
    test.join().unwrap();
}
