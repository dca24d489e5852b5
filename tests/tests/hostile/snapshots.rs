//! Snapshots that were cut, flipped or forged.

use memt_core::bank::{AddError, Bank};
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::snapshot::{HEADER_BYTES, ImportError, ReadError, Reader, import};
use memt_core::write::{NewMemory, WhenFull};
use memt_core::{embedding::Embedding, slot::Key};
use memt_tests::attack;
use memt_tests::random::Random;
use memt_tests::snapshots::resealed;

fn golden() -> Vec<u8> {
    let path = memt_tests::golden::path("v0.slots");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The golden snapshot with parts of it written over and the checksums made right again.
fn forged(changes: &[(usize, &[u8])]) -> Vec<u8> {
    let mut snapshot = golden();
    for (at, bytes) in changes {
        snapshot[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    resealed(&snapshot)
}

fn refusal(changes: &[(usize, &[u8])]) -> ReadError {
    let snapshot = forged(changes);
    attack::snapshot(&snapshot);
    Reader::check(&snapshot).expect_err("forged")
}

#[test]
fn cut_anywhere() {
    let golden = golden();
    for length in 0..golden.len() {
        assert!(
            !attack::snapshot(&golden[..length]),
            "{length} of {} bytes",
            golden.len()
        );
    }
    assert!(attack::snapshot(&golden));
    let longer = [&golden[..], &[0]].concat();
    assert_eq!(Reader::check(&longer), Err(ReadError::Excess { bytes: 1 }));
}

#[test]
fn every_bit_flipped() {
    let golden = golden();
    for bit in 0..8 * golden.len() {
        let mut flipped = golden.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!attack::snapshot(&flipped), "bit {bit}");
    }
}

#[test]
fn forged_lengths_and_counts() {
    let most = &u32::MAX.to_le_bytes();
    let truncated = |error| matches!(error, ReadError::Truncated { .. });
    let count = golden()[12];
    assert_eq!(refusal(&[(0, b"PK")]), ReadError::Magic);
    assert_eq!(refusal(&[(8, &[2, 0])]), ReadError::Version(2));
    assert!(
        truncated(refusal(&[(HEADER_BYTES, most)])),
        "a record of 4 GiB"
    );
    assert!(truncated(refusal(&[(
        HEADER_BYTES,
        &[0xf0, 0xff, 0xff, 0xff]
    )])));
    assert!(truncated(refusal(&[(12, most)])), "4 G records");
    assert!(matches!(
        refusal(&[(12, &[count - 1, 0, 0, 0])]),
        ReadError::Count { .. }
    ));
    assert!(truncated(refusal(&[(12, &[count + 1, 0, 0, 0])])));
    assert!(matches!(
        refusal(&[(HEADER_BYTES + 4, &[7])]),
        ReadError::Record { record: 0 }
    ));
    assert!(
        Reader::check(&forged(&[])).is_ok(),
        "the forger's checksums are right"
    );
}

#[test]
fn random_bytes_behind_right_checksums() {
    let golden = golden();
    let mut random = Random::new(21);
    for _ in 0..4_000 {
        let mut snapshot = golden.clone();
        for _ in 0..1 + random.below(8) {
            let at = random.below(snapshot.len());
            snapshot[at] = [0, 1, 0x7f, 0x80, 0xff, random.bits() as u8][random.below(6)];
        }
        attack::snapshot(&snapshot);
    }
}

#[test]
fn the_last_key_of_an_origin_ends_its_keys_without_reuse() {
    let mut donor = Bank::<2, 16, 4>::new();
    donor.bind(memt_core::encoder::Fingerprint(1)).unwrap();
    donor.import_deletion(memt_core::bank::Deletion {
        key: Key {
            origin: 0,
            counter: u32::MAX,
        },
        time: Timestamp(1),
    });
    let memory = NewMemory {
        owner: Owner(0),
        text: "text",
        embedding: &Embedding([1; 128]),
        created: Timestamp(0),
        importance: Factor::ONE,
    };
    assert_eq!(
        donor.add(&memory, WhenFull::Evict),
        Err(AddError::KeysExhausted)
    );
    donor.set_origin(1);
    assert!(donor.add(&memory, WhenFull::Evict).is_ok());
}

#[test]
fn what_does_not_fit_is_named() {
    let golden = golden();
    let mut narrow = Bank::<16, 16, 24>::new();
    let error = import(&mut narrow, &golden, 0).unwrap_err();
    assert!(matches!(error, ImportError::Record { .. }), "{error}");
    let mut few_terms = Bank::<16, 128, 1>::new();
    let error = import(&mut few_terms, &golden, 0).unwrap_err();
    assert!(matches!(error, ImportError::Record { .. }), "{error}");
}
