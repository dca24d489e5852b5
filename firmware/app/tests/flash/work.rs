//! Things that are done to a device.

use super::device::{Device, JUDGED};
use embedded_storage::nor_flash::NorFlash;
use memt_app::{Memories, NewText};
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::feedback::{Judgement, Verdict, Weight};
use memt_core::link::{Refusal, Which};
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{JudgementRecord, MemoryRecord, Record};

const WORDS: [&str; 24] = [
    "boiler", "valve", "kitchen", "plumber", "Tuesday", "train", "doctor", "garden", "school",
    "battery", "sensor", "window", "invoice", "coffee", "bicycle", "summer", "password", "flight",
    "concert", "dinner", "weather", "library", "häuser", "überall",
];

/// One thing.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Add {
        text: String,
        owner: u64,
        now: u32,
    },
    Forget {
        index: usize,
        now: u32,
    },
    ForgetOwner {
        owner: u64,
        now: u32,
    },
    Replay {
        index: usize,
        now: u32,
    },
    ReplayAll {
        now: u32,
    },
    Compact {
        now: u32,
    },
    Read {
        index: usize,
        now: u32,
    },
    /// Memories of another device, as an import of a snapshot brings them.
    Import {
        count: u32,
        first: u32,
        now: u32,
    },
    ImportDeletion {
        counter: u32,
        now: u32,
    },
    /// Without a verdict, what was said before is taken back.
    Judge {
        index: usize,
        question: &'static str,
        verdict: Option<Verdict>,
        now: u32,
    },
    ImportJudgement {
        index: usize,
        now: u32,
    },
}

/// A source of numbers that look random.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % limit
    }

    /// A text of up to `bytes` bytes.
    pub(crate) fn text(&mut self, bytes: usize) -> String {
        let mut text = String::from(WORDS[self.below(WORDS.len())]);
        loop {
            let word = WORDS[self.below(WORDS.len())];
            if text.len() + 1 + word.len() > bytes {
                return text;
            }
            text = format!("{text} {word}");
        }
    }
}

impl Work {
    /// Something to do at a time, with texts of up to `bytes` bytes.
    pub(crate) fn any(random: &mut Random, now: u32, bytes: usize) -> Self {
        let index = random.below(1000);
        match random.below(100) {
            0..10 => Self::Add {
                // Memories that only their last word tells apart are fitted among each other.
                text: format!("boiler valve kitchen plumber {}", WORDS[random.below(12)]),
                owner: 0,
                now,
            },
            10..38 => Self::Add {
                text: {
                    let bytes = 12 + random.below(bytes - 11);
                    random.text(bytes)
                },
                owner: random.below(3) as u64,
                now,
            },
            38..48 => Self::Judge {
                index,
                question: WORDS[random.below(3)],
                verdict: [
                    Some(Verdict::VeryNegative),
                    Some(Verdict::Positive),
                    Some(Verdict::Negative),
                    None,
                ][random.below(4)],
                now,
            },
            48..50 => Self::ImportJudgement { index, now },
            50..65 => Self::Forget { index, now },
            65..75 => Self::Replay { index, now },
            75..84 => Self::Read { index, now },
            84..88 => Self::Compact { now },
            88..94 => Self::Import {
                count: 1 + random.below(4) as u32,
                first: random.below(60) as u32,
                now,
            },
            94..97 => Self::ImportDeletion {
                counter: random.below(60) as u32,
                now,
            },
            97..98 => Self::ReplayAll { now },
            _ => Self::ForgetOwner {
                owner: random.below(3) as u64,
                now,
            },
        }
    }

    /// Whether it is a new memory, which may have a rival that is fitted anew.
    pub(crate) fn adds(&self) -> bool {
        matches!(self, Self::Add { .. })
    }

    /// Whether it is one change, which is made wholly or not at all.
    pub(crate) fn is_one_change(&self) -> bool {
        !matches!(
            self,
            Self::ForgetOwner { .. }
                | Self::ReplayAll { .. }
                | Self::Compact { .. }
                | Self::Import { .. }
        )
    }

    /// Does it. A refusal changes nothing; flash never fails.
    pub(crate) fn run<F: NorFlash, const SLOTS: usize, const TEXT: usize, const TERMS: usize>(
        &self,
        device: &mut Device<'_, F, SLOTS, TEXT, TERMS>,
    ) {
        let memory = device.memory();
        let key = |index: usize| {
            let bank = memory.bank();
            bank.at(index % bank.len().max(1))
                .map(|slot| slot.facts.key)
        };
        let result = match self {
            Self::Add { text, owner, now } => {
                let new = NewText {
                    owner: Owner(*owner),
                    text,
                    created: Timestamp(*now),
                    importance: Factor(2048 + (*now % 7) as u16 * 512),
                    evict: true,
                };
                memory.add(&new).map(|_| ())
            }
            Self::Forget { index, now } => match key(*index) {
                Some(key) => memory.forget(Which::Key(key), Timestamp(*now)).map(|_| ()),
                None => Ok(()),
            },
            Self::ForgetOwner { owner, now } => memory
                .forget(Which::Owner(Owner(*owner)), Timestamp(*now))
                .map(|_| ()),
            Self::Replay { index, now } => match key(*index) {
                Some(key) => memory.replay(Which::Key(key), Timestamp(*now)).map(|_| ()),
                None => Ok(()),
            },
            Self::ReplayAll { now } => memory.replay(Which::All, Timestamp(*now)).map(|_| ()),
            Self::Compact { now } => {
                let keep = memory.bank().len().saturating_sub(3);
                memory.compact(keep, Timestamp(*now)).map(|_| ())
            }
            Self::Read { index, now } => match key(*index) {
                Some(key) => memory.record_access(key, Timestamp(*now)),
                None => Ok(()),
            },
            Self::Import { count, first, now } => (*first..first + count).try_for_each(|counter| {
                let record = foreign(counter, *now);
                let (text, bytes) = (record.0, record.1);
                import(memory, counter, *now, &text, &bytes)
            }),
            Self::ImportDeletion { counter, now } => {
                let deletion = Deletion {
                    key: Key {
                        origin: 99,
                        counter: *counter,
                    },
                    time: Timestamp(*now),
                };
                memory.take(&Record::Deletion(deletion)).map(|_| ())
            }
            Self::Judge {
                index,
                question,
                verdict,
                now,
            } => match key(*index) {
                Some(key) => memory
                    .judge(key, question, *verdict, Timestamp(*now))
                    .map(|_| ()),
                None => Ok(()),
            },
            Self::ImportJudgement { index, now } => match key(*index) {
                Some(key) => {
                    let judgement = Judgement {
                        key,
                        question: Embedding([(*index % 3) as i8 + 1; 128]),
                        weight: Weight(*index as i16),
                        time: Timestamp(*now),
                    };
                    let record = Record::Judgement(JudgementRecord::of(&judgement));
                    memory.take(&record).map(|_| ())
                }
                None => Ok(()),
            },
        };
        match result {
            Ok(()) | Err(Refusal::Full { .. } | Refusal::TooManyTerms { .. }) => {}
            Err(refusal) => panic!("{self:?}: {refusal}"),
        }
    }
}

pub(crate) fn foreign(counter: u32, now: u32) -> (String, [i8; 128]) {
    let mut random = Random::new(u64::from(counter) + 1000 * u64::from(now % 3));
    let text = random.text(12 + counter as usize % 30);
    (text, core::array::from_fn(|at| (at as u32 * counter) as i8))
}

fn import<F: NorFlash, const SLOTS: usize, const TEXT: usize, const TERMS: usize>(
    memory: &mut memt_app::Memory<'_, F, SLOTS, TEXT, TERMS, 4096, JUDGED>,
    counter: u32,
    now: u32,
    text: &str,
    embedding: &[i8; 128],
) -> Result<(), Refusal> {
    use memt_core::overlap::Signature;
    use memt_core::slot::{Facts, Slot};
    let embedding = Embedding(*embedding);
    let slot = Slot::<64, 32> {
        facts: Facts {
            key: Key {
                origin: 99,
                counter,
            },
            owner: Owner(1),
            created: Timestamp(now.saturating_sub(counter)),
            accessed: Timestamp(now),
            accesses: 0,
            strength: Factor::ONE,
            importance: Factor::ONE,
        },
        text: text.try_into().unwrap(),
        squared_norm: embedding.squared_norm(),
        embedding,
        signature: Signature::of(text).unwrap(),
    };
    let record = Record::Memory(MemoryRecord::of(slot.view(), b"metadata"));
    memory.take(&record).map(|_| ())
}
