//! Whole banks over the link.

use super::{Client, LinkError, Stream};
use memt_core::link::{Call, Done, Refusal};
use memt_core::snapshot::{Reader, Record, Writer};

/// Records asked for at once.
const AT_ONCE: u16 = 16;

/// Bytes of a part of a record on a bad line.
const PART_BYTES: u8 = 32;

/// Repeats of one record from which the next is sent in parts.
const ROUGH: u64 = 2;

/// Times that a record is begun anew because something came between its parts.
const FRESH_RECORDS: u32 = 5;

/// Times that a snapshot is begun anew because memories changed meanwhile.
const FRESH_STARTS: u32 = 5;

impl<S: Stream> Client<S> {
    /// The device's memories and deletions as a snapshot. `progress` hears of records that have come and
    /// of all there are.
    pub fn pull(&mut self, mut progress: impl FnMut(u32, u32)) -> Result<Vec<u8>, LinkError> {
        let mut starts = 0;
        loop {
            starts += 1;
            match self.pull_once(&mut progress) {
                Err(LinkError::Refused(Refusal::Changed)) if starts < FRESH_STARTS => {}
                result => return result,
            }
        }
    }

    fn pull_once(&mut self, progress: &mut impl FnMut(u32, u32)) -> Result<Vec<u8>, LinkError> {
        let snapshot = self.snapshot()?;
        let mut records: Vec<Option<Vec<u8>>> = vec![None; snapshot.records as usize];
        let mut streaming = true;
        while let Some(first) = records.iter().position(Option::is_none) {
            let first = first as u32;
            let count = (snapshot.records - first).min(u32::from(AT_ONCE)) as u16;
            if streaming {
                let mut came = 0;
                self.records(snapshot.state, first, count, |number, record| {
                    let place = records.get_mut(number as usize);
                    let bytes = postcard::to_stdvec(&record).ok();
                    came += 1;
                    place.map(|place| *place = bytes).is_some()
                })?;
                // Where fewer than half arrive, parts get through sooner.
                streaming = 2 * came >= count;
            } else {
                let whole = self.record_in_parts(snapshot.state, first)?;
                records[first as usize] = Some(whole);
            }
            let there = records.iter().flatten().count();
            progress(there as u32, snapshot.records);
        }
        written(&snapshot, records)
    }

    fn record_in_parts(&mut self, state: u32, number: u32) -> Result<Vec<u8>, LinkError> {
        let mut whole = Vec::new();
        loop {
            let offset = whole.len() as u16;
            let (all, part) = self.pull_part(state, number, offset, PART_BYTES)?;
            whole.extend(part);
            if whole.len() >= all {
                return Ok(whole);
            }
        }
    }

    /// Sends the records of a snapshot, from number `from` on, each durable before the next; gives the
    /// numbers of those that were new and of those that were known or for which the device has no room. Deletions come
    /// first, since a full device has room for new memories only then, and judgements after their memories. `progress` hears of records that are there and of all.
    pub fn push_all(
        &mut self,
        reader: Reader<'_>,
        from: u32,
        mut progress: impl FnMut(u32, u32),
    ) -> Result<[u32; 2], LinkError> {
        let header = reader.header();
        let fingerprint = header.fingerprint;
        self.change_many(Call::Offer { fingerprint })?;
        let mut counts = [0; 2];
        let mut in_parts = false;
        let turn = |record: &Result<Record<'_>, _>| match record {
            Ok(Record::Memory(_)) => 1,
            Ok(Record::Judgement(_)) => 2,
            _ => 0,
        };
        let in_turn = |of: u8| reader.clone().filter(move |record| turn(record) == of);
        let records = in_turn(0).chain(in_turn(1)).chain(in_turn(2));
        for (number, record) in (0..).zip(records) {
            // The reader has been checked by whoever opened the file.
            let record = without_metadata(record.map_err(|_| LinkError::Unexpected)?);
            if number >= from {
                let before = self.repeats();
                let new = match in_parts {
                    true => self.push_in_parts(&record)?,
                    false => self.push(record)?,
                };
                counts[usize::from(!new)] += 1;
                in_parts = self.repeats() - before >= ROUGH;
            }
            progress(number + 1, header.count);
        }
        Ok(counts)
    }

    /// Sends a record in parts, each of which gets through a bad line sooner than the whole; says whether it
    /// was new.
    fn push_in_parts(&mut self, record: &Record<'_>) -> Result<bool, LinkError> {
        let bytes = postcard::to_stdvec(record).map_err(|_| LinkError::Unexpected)?;
        let whole = u16::try_from(bytes.len()).map_err(|_| LinkError::Unexpected)?;
        for _ in 0..FRESH_RECORDS {
            match self.parts_of(whole, &bytes) {
                Err(LinkError::Refused(Refusal::RecordGap { .. })) => {}
                result => return result,
            }
        }
        Err(LinkError::Unexpected)
    }

    fn parts_of(&mut self, whole: u16, bytes: &[u8]) -> Result<bool, LinkError> {
        let mut offset = 0;
        for part in bytes.chunks(usize::from(PART_BYTES)) {
            if let Done::Taken(new) = self.push_part(whole, offset, part)? {
                return Ok(new);
            }
            offset += part.len() as u16;
        }
        Err(LinkError::Unexpected)
    }
}

/// What a device keeps of a record; metadata stays on the host.
fn without_metadata(record: Record<'_>) -> Record<'_> {
    match record {
        Record::Memory(memory) => Record::Memory(memory.with_metadata(&[])),
        other => other,
    }
}

fn written(
    snapshot: &memt_core::link::Snapshot,
    records: Vec<Option<Vec<u8>>>,
) -> Result<Vec<u8>, LinkError> {
    let (mut writer, header) = Writer::begin(snapshot.fingerprint, snapshot.records);
    let mut bytes = header.to_vec();
    for record in records.iter().flatten() {
        let record: Record<'_> = postcard::from_bytes(record).map_err(|_| LinkError::Unexpected)?;
        let mut buffer = vec![0; 8192];
        let written = writer.record(&record, &mut buffer);
        bytes.extend(written.map_err(LinkError::Snapshot)?);
    }
    bytes.extend(writer.finish().map_err(LinkError::Snapshot)?);
    Ok(bytes)
}
