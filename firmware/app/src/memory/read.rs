//! A memory of any sizes as console and link see it.

use super::change::take;
use super::{About, Memories, Memory, NewText, Wanted, divided};
use crate::store::ChosenModel;
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::Bank;
use memt_core::feedback::Verdict;
use memt_core::link::{Counts, Done, Refusal, Which};
use memt_core::query::{self, Hit, QueryOptions};
use memt_core::slot::{Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::{JudgementRecord, MemoryRecord, Record};
use memt_core::write::WriteReport;

impl<
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
    const JUDGED: usize,
> Memories for Memory<'_, F, SLOTS, TEXT, TERMS, SCRATCH, JUDGED>
{
    fn about(&self) -> About {
        About {
            fingerprint: self.encoder.fingerprint(),
            model_bytes: self.encoder.image().bytes().len(),
            chosen_model: self.kept.store.model(),
            origin: self.bank.origin(),
            next_counter: self.bank.next_counter(),
            memories: self.bank.len(),
            slots: SLOTS,
            text_bytes: TEXT,
            terms: TERMS,
            scratch_bytes: SCRATCH,
            flash_bytes: self.kept.store.capacity(),
        }
    }

    fn changes(&self) -> u32 {
        self.kept.changes
    }

    fn counts(&self, owner: Option<Owner>) -> Counts {
        Counts {
            deletions: self.bank.deletions().count() as u32,
            lost_deletions: self.bank.lost_deletions(),
            flash_bytes: self.kept.store.capacity(),
            ..Counts::of(&self.bank.statistics(owner))
        }
    }

    fn owned_by(&self, owner: Option<Owner>) -> impl Iterator<Item = SlotView<'_>> {
        self.bank.owned_by(owner)
    }

    fn get(&self, key: Key) -> Option<SlotView<'_>> {
        self.bank.get(key)
    }

    fn records(&self) -> usize {
        self.bank.len() + self.bank.deletions().count() + self.bank.judgements().len()
    }

    fn find(&mut self, wanted: Wanted) -> (Option<Record<'_>>, &mut [u8]) {
        let (room, _) = divided(self.scratch, TEXT);
        (found(self.bank, wanted), room)
    }

    fn answer_room(&mut self) -> &mut [u8] {
        divided(self.scratch, TEXT).0
    }

    fn add(&mut self, new: &NewText<'_>) -> Result<WriteReport, Refusal> {
        self.write(new)
    }

    fn query(
        &mut self,
        text: &str,
        options: &QueryOptions,
        read: Option<Timestamp>,
        hits: &mut [Hit],
    ) -> Result<usize, Refusal> {
        let embedding = self.encode(text)?;
        let found = self.bank.query(text, &embedding, options, hits)?;
        if let Some(now) = read {
            for hit in query::read(&hits[..found]) {
                self.note_access(hit.key, now)?;
            }
        }
        Ok(found)
    }

    fn judge(
        &mut self,
        key: Key,
        question: &str,
        verdict: Option<Verdict>,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.say(key, question, verdict, now)
    }

    fn record_access(&mut self, key: Key, now: Timestamp) -> Result<(), Refusal> {
        self.note_access(key, now)
    }

    fn forget(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal> {
        self.each(which, |memory, position| {
            memory.forget_at(position, now).map(|()| false)
        })
    }

    fn replay(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal> {
        self.each(which, |memory, position| {
            memory.rehearse_at(position, now).map(|()| true)
        })
    }

    fn compact(&mut self, keep: usize, now: Timestamp) -> Result<u32, Refusal> {
        let mut gone = 0;
        while self.bank.len() > keep
            && let Some(key) = self.bank.least_retained_key(now)
            && let Some(position) = self.bank.position(key)
        {
            self.forget_at(position, now)?;
            gone += 1;
        }
        Ok(gone)
    }

    fn take(&mut self, record: &Record<'_>) -> Result<bool, Refusal> {
        let (buffer, _) = divided(self.scratch, TEXT);
        take(self.bank, &mut self.kept, record, buffer)
    }

    fn put_part(&mut self, offset: usize, part: &[u8]) -> Result<(), Refusal> {
        let (_, whole) = divided(self.scratch, TEXT);
        let capacity = whole.len() as u32;
        let place = whole.get_mut(offset..offset + part.len());
        place
            .ok_or(Refusal::RecordTooLong { capacity })?
            .copy_from_slice(part);
        Ok(())
    }

    fn take_parts(&mut self, bytes: usize) -> Result<bool, Refusal> {
        let (buffer, whole) = divided(self.scratch, TEXT);
        let capacity = whole.len() as u32;
        let whole = whole.get(..bytes);
        let whole = whole.ok_or(Refusal::RecordTooLong { capacity })?;
        match postcard::take_from_bytes(whole) {
            Ok((record, [])) => take(self.bank, &mut self.kept, &record, buffer),
            _ => Err(Refusal::Unsupported),
        }
    }

    fn choose_model(&mut self, model: Option<ChosenModel>) -> Result<(), Refusal> {
        let (buffer, _) = divided(self.scratch, TEXT);
        let chosen = self.kept.store.choose_model(model, buffer);
        chosen.map_err(|_| Refusal::Flash)
    }
}

fn found<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
    bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
    wanted: Wanted,
) -> Option<Record<'_>> {
    let slot = match wanted {
        Wanted::Key(key) => bank.get(key),
        Wanted::Next { owner, after } => bank
            .owned_by(owner)
            .find(|slot| after.is_none_or(|after| slot.age_order() > after)),
        Wanted::Number(number) => match number.checked_sub(bank.len()) {
            None => bank.at(number),
            Some(number) => {
                let judgement = number.checked_sub(bank.deletions().count());
                let judgement = judgement.and_then(|number| bank.judgements().get(number));
                let judgement = judgement.map(|one| Record::Judgement(JudgementRecord::of(one)));
                let deletion = bank.deletions().nth(number).map(Record::Deletion);
                return deletion.or(judgement);
            }
        },
    };
    slot.map(|slot| Record::Memory(MemoryRecord::of(slot, &[])))
}
