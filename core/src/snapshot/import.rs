//! Taking a snapshot into a static bank.

use super::read::{ReadError, Reader};
use super::record::{Record, RecordError};
use crate::bank::{AddError, Bank, OtherModel};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Records read, those before the first one wanted included: where to resume.
    pub records: u32,
    /// Memories that were new.
    pub added: u32,
    /// Memories that were there already, or had been forgotten.
    pub known: u32,
    /// Deletions taken in.
    pub deletions: u32,
    /// Judged questions taken in.
    pub judgements: u32,
    /// Judged questions that were known, whose memory is not here, or for which there is no room.
    pub judgements_left_out: u32,
    /// Bytes of metadata that the device does not keep; a later merge on the host restores them.
    pub metadata_bytes: u32,
}

/// Why an import stopped. Everything before the failing record is in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are not a whole snapshot.
    Read(ReadError),
    /// Snapshot and bank hold embeddings of different models.
    OtherModel(OtherModel),
    /// A record does not fit a slot.
    Record {
        /// Its number, from 0: resume after it to skip it.
        record: u32,
        /// Why.
        error: RecordError,
    },
    /// The bank did not take a record.
    Add {
        /// Its number, from 0.
        record: u32,
        /// Why.
        error: AddError,
    },
}

impl core::fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read(error) => error.fmt(formatter),
            Self::OtherModel(error) => error.fmt(formatter),
            Self::Record { record, error } => write!(formatter, "record {record}: {error}"),
            Self::Add { record, error } => write!(formatter, "record {record}: {error}"),
        }
    }
}

impl core::error::Error for ImportError {}

/// Takes the records of a snapshot into `bank`, from record number `from` on.
///
/// Each record is taken whole or not at all; one that is there already changes nothing, so an
/// import may be repeated or resumed. An empty bank is bound to the snapshot's model.
pub fn import<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
    bank: &mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
    snapshot: &[u8],
    from: u32,
) -> Result<ImportReport, ImportError> {
    let reader = Reader::open(snapshot).map_err(ImportError::Read)?;
    bank.bind(reader.header().fingerprint)
        .map_err(ImportError::OtherModel)?;
    let mut report = ImportReport::default();
    for record in reader {
        let number = report.records;
        let record = record.map_err(ImportError::Read)?;
        if number >= from {
            take(bank, &record, number, &mut report)?;
        }
        report.records += 1;
    }
    Ok(report)
}

fn take<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
    bank: &mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
    record: &Record<'_>,
    number: u32,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    match record {
        Record::Memory(memory) => {
            let slot = memory.to_slot().map_err(|error| ImportError::Record {
                record: number,
                error,
            })?;
            let new = bank.import(slot).map_err(|error| ImportError::Add {
                record: number,
                error,
            })?;
            report.added += u32::from(new);
            report.known += u32::from(!new);
            report.metadata_bytes += memory.metadata.len() as u32;
        }
        Record::Deletion(deletion) => {
            bank.import_deletion(*deletion);
            report.deletions += 1;
        }
        Record::Judgement(judged) => {
            let judgement = judged.judgement().map_err(|error| ImportError::Record {
                record: number,
                error,
            })?;
            let kept = bank.import_judgement(judgement);
            report.judgements += u32::from(kept);
            report.judgements_left_out += u32::from(!kept);
        }
    }
    Ok(())
}
