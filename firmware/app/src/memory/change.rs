//! How a memory changes, in RAM and then in flash.

use super::kept::Kept;
use super::{Memory, NewText, divided};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::{Bank, Deletion};
use memt_core::embedding::Embedding;
use memt_core::encoder::{Encoder, Scratch, ScratchTooSmall};
use memt_core::feedback::Verdict;
use memt_core::link::{Done, Refusal, Which};
use memt_core::slot::{Key, SlotView, Timestamp};
use memt_core::snapshot::Record;
use memt_core::write::{FitWeights, Learn, Learned, NewMemory, WhenFull, WriteReport};

impl<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize,
> Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH, JUDGED>
{
    pub(super) fn write(&mut self, new: &NewText<'_>) -> Result<WriteReport, Refusal> {
        self.kept.writable()?;
        let embedding = self.encode(new.text)?;
        let memory = NewMemory {
            owner: new.owner,
            text: new.text,
            embedding: &embedding,
            created: new.created,
            importance: new.importance,
        };
        let (when_full, least) = match new.evict {
            true => (WhenFull::Evict, self.bank.least_retained_key(new.created)),
            false => (WhenFull::Refuse, None),
        };
        let least = least.and_then(|key| self.bank.position(key));
        let mut report = self.bank.add(&memory, when_full)?;
        let learned = self.learn(report.key)?;
        if let Some(Learned { fit, .. }) = learned {
            report.verification = fit.verification;
        }
        let evicted = report.evicted.and(least);
        let (buffer, _) = divided(self.scratch, TEXT);
        self.kept.added(self.bank, report.key, evicted, buffer)?;
        // Even a fit of no steps changes a vector: one that was fitted before is its text's embedding again.
        let rival = learned.and_then(|learned| learned.rival);
        if let Some(position) = rival.and_then(|(key, _)| self.bank.position(key)) {
            self.keep_changed(position)?;
        }
        Ok(report)
    }

    /// Fits a new memory and its nearest rival among the others, in RAM.
    fn learn(&mut self, key: Key) -> Result<Option<Learned>, Refusal> {
        let encode = encoding(&self.encoder, self.scratch);
        let learned = self.bank.learn(key, FitWeights::default(), encode);
        learned.map_err(|_| Refusal::Unsupported)
    }

    /// Fits a memory among those that are there now, in RAM.
    fn refit(&mut self, key: Key) -> Result<(), Refusal> {
        let encode = encoding(&self.encoder, self.scratch);
        let refitted = self.bank.refit(key, FitWeights::default(), encode);
        refitted.map(drop).map_err(|_| Refusal::Unsupported)
    }

    /// Learns what is said of an answer, in RAM and in flash.
    pub(super) fn say(
        &mut self,
        key: Key,
        question: &str,
        verdict: Option<Verdict>,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        if JUDGED == 0 {
            return Err(Refusal::NoJudgements);
        }
        self.kept.writable()?;
        let embedding = self.encode(question)?;
        self.kept.places.note_gone(self.bank.judgements());
        let done = match verdict {
            Some(verdict) => Done::from(self.bank.judge(question, &embedding, key, verdict, now)?),
            None => Done::Changed(self.bank.take_back(key, Some(&embedding)) as u32),
        };
        let (buffer, _) = divided(self.scratch, TEXT);
        self.kept.judged(self.bank, buffer)?;
        Ok(done)
    }

    pub(super) fn note_access(&mut self, key: Key, now: Timestamp) -> Result<(), Refusal> {
        if !self.bank.record_access(key, now) {
            return Ok(());
        }
        let accesses = self.bank.get(key).map_or(0, |slot| slot.facts.accesses);
        match self.bank.position(key) {
            Some(position) if accesses.is_power_of_two() && self.kept.writable().is_ok() => {
                self.keep_changed(position)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn forget_at(&mut self, position: usize, now: Timestamp) -> Result<(), Refusal> {
        self.kept.writable()?;
        let Some(slot) = self.bank.at(position) else {
            return Ok(());
        };
        let facts = *slot.facts;
        // On a clock that was set back the deletion would otherwise seem older than its memory.
        let time = now.max(facts.created).max(facts.accessed);
        self.bank.forget(facts.key, time);
        let deletion = Deletion {
            key: facts.key,
            time,
        };
        let (buffer, _) = divided(self.scratch, TEXT);
        self.kept
            .deleted(self.bank, deletion, Some(position), buffer)
    }

    pub(super) fn rehearse_at(&mut self, position: usize, now: Timestamp) -> Result<(), Refusal> {
        self.kept.writable()?;
        if let Some(key) = self.bank.at(position).map(|slot| slot.facts.key) {
            self.bank.replay(key, now);
            self.refit(key)?;
        }
        self.keep_changed(position)
    }

    fn keep_changed(&mut self, position: usize) -> Result<(), Refusal> {
        let (buffer, _) = divided(self.scratch, TEXT);
        self.kept.changed(self.bank, position, buffer)
    }

    /// Does something to each memory in question, which says whether the memory stays.
    pub(super) fn each(
        &mut self,
        which: Which,
        mut change: impl FnMut(&mut Self, usize) -> Result<bool, Refusal>,
    ) -> Result<u32, Refusal> {
        let mut position = 0;
        let mut count = 0;
        while let Some(slot) = self.bank.at(position) {
            let concerned = concerns(which, slot);
            if concerned {
                count += 1;
            }
            if !concerned || change(self, position)? {
                position += 1;
            }
        }
        Ok(count)
    }
}

/// Encodes texts; one function for all, so that what is generic over it is compiled once.
fn encoding<const SCRATCH: usize>(
    encoder: &Encoder<'static>,
    scratch: &mut Scratch<SCRATCH>,
) -> impl FnMut(&str) -> Result<Embedding, ScratchTooSmall> {
    |text| encoder.encode(text, scratch)
}

fn concerns(which: Which, slot: SlotView<'_>) -> bool {
    match which {
        Which::Key(key) => slot.facts.key == key,
        Which::Owner(owner) => slot.facts.owner == owner,
        Which::All => true,
    }
}

/// Takes in a record from elsewhere; says whether it was new.
pub(super) fn take<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const JUDGED: usize,
>(
    bank: &mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
    kept: &mut Kept<'_, F, SLOTS, JUDGED>,
    record: &Record<'_>,
    buffer: &mut [u8],
) -> Result<bool, Refusal> {
    kept.writable()?;
    match record {
        Record::Memory(memory) => {
            let slot = memory.to_slot()?;
            kept.bury_judged(bank, buffer)?;
            if !bank.import(slot)? {
                return Ok(false);
            }
            kept.added(bank, memory.facts.key, None, buffer)?;
            Ok(true)
        }
        Record::Deletion(deletion) => {
            let known = |bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>| {
                bank.deletions().any(|other| other.key == deletion.key)
            };
            let before = known(bank);
            let position = bank.position(deletion.key);
            bank.import_deletion(*deletion);
            let new = !before && known(bank);
            if new {
                kept.deleted(bank, *deletion, position, buffer)?;
            }
            Ok(new)
        }
        Record::Judgement(judged) => {
            kept.places.note_gone(bank.judgements());
            let new = bank.import_judgement(judged.judgement()?);
            if new {
                kept.judged(bank, buffer)?;
            }
            Ok(new)
        }
        _ => Err(Refusal::Unsupported),
    }
}
