//! What is done with bytes that nobody vouches for. Nothing here may panic, whatever the bytes; the
//! fuzz targets and the tests of hostile input call the same functions.

use crate::aligned::AlignedBytes;
use crate::models::SCRATCH_BYTES;
use crate::snapshots;
use crate::vec_bank::distinct_terms;
use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Image, ReferenceEncoder, Scratch};
use memt_core::link;
use memt_core::overlap::{self, Signature};
use memt_core::slot::Timestamp;
use memt_core::snapshot::{Reader, import};
use memt_core::text::Words;
use memt_core::tokens::ngrams;

const TEXTS: [&str; 4] = [
    "",
    "The boiler",
    "漢字 don't zzzzzzzz",
    "a b c d e f g h i j k l m n o p q",
];

/// Opens bytes as an image, trusting them and not, and encodes with what opens.
///
/// Says whether an integer encoder came of it.
pub fn image(bytes: &[u8]) -> bool {
    let bytes = AlignedBytes::of(bytes);
    let checked = Image::open(bytes.as_ref());
    let Ok(image) = Image::open_trusted(bytes.as_ref()) else {
        assert!(checked.is_err(), "a check may only refuse more");
        return false;
    };
    let mut scratch = Box::new(Scratch::<SCRATCH_BYTES>::new());
    if let Ok(encoder) = ReferenceEncoder::new(image) {
        let enough = image.config().reference_scratch_bytes() <= SCRATCH_BYTES;
        for text in TEXTS {
            let floats = encoder.encode(text, &mut scratch);
            assert_eq!(floats.is_ok(), enough);
        }
    }
    let Ok(encoder) = Encoder::new(image) else {
        return false;
    };
    let enough = image.config().scratch_bytes() <= SCRATCH_BYTES;
    for text in TEXTS {
        let embedding = encoder.encode(text, &mut scratch);
        assert_eq!(embedding.is_ok(), enough);
        let Ok(embedding) = embedding else { break };
        assert!(embedding.0.iter().all(|&component| component != i8::MIN));
    }
    true
}

/// Reads bytes as a snapshot, as they are and with their checksums made right, and imports them.
///
/// Says whether they were a whole snapshot as they are.
pub fn snapshot(bytes: &[u8]) -> bool {
    read_and_import(&snapshots::resealed(bytes));
    read_and_import(bytes)
}

fn read_and_import(bytes: &[u8]) -> bool {
    let whole = Reader::check(bytes).is_ok();
    let mut bank = Box::new(Bank::<6, 96, 12>::new());
    let imported = import(&mut bank, bytes, 0);
    assert!(whole || imported.is_err(), "half a snapshot is an error");
    let again = import(&mut bank, bytes, 0);
    if let (Ok(first), Ok(again)) = (imported, again) {
        assert_eq!(again.added, 0, "an import may be repeated");
        assert_eq!(again.records, first.records);
    }
    assert!(
        bank.owned_by(None)
            .is_sorted_by_key(|slot| slot.age_order())
    );
    let keys: Vec<_> = bank.owned_by(None).map(|slot| slot.facts.key).collect();
    for &key in &keys {
        bank.record_access(key, Timestamp(u32::MAX));
        bank.replay(key, Timestamp(0));
    }
    bank.forget_all(None, Timestamp(7));
    assert!(bank.is_empty());
    whole
}

/// Cuts a text into words, n-grams and terms.
pub fn text(text: &str) {
    let mut rest = text.len();
    for word in Words::of(text) {
        assert!(!word.as_written().is_empty());
        rest -= word.as_written().len();
        let grams = ngrams(word).count();
        assert!((1..=3 * 1026).contains(&grams), "{grams} n-grams");
        overlap::term(word);
    }
    assert!(rest <= text.len());
    let signature = Signature::<16>::of(text);
    if let Ok(signature) = signature {
        assert_eq!(signature.as_terms().hashes, distinct_terms(text));
    }
}

/// Reads bytes as the inside of a frame of the link, and as a message in a frame of its own.
pub fn frame(bytes: &[u8]) {
    let (mut inside, mut of_device) = (bytes.to_vec(), bytes.to_vec());
    let decoded = link::decode(&mut inside);
    assert_same_request(&decoded, &link::decode_request(&mut of_device));
    if let Ok(message) = decoded {
        assert_comes_back(&message);
    }
    if let Ok(message) = postcard::from_bytes::<link::Message<'_>>(bytes) {
        assert_comes_back(&message);
    }
}

/// A device, which has no code for replies, reads what both can read as the host does.
fn assert_same_request(
    decoded: &Result<link::Message<'_>, link::FrameError>,
    of_device: &Result<Option<link::Request<'_>>, link::FrameError>,
) {
    match (decoded, of_device) {
        (Ok(link::Message::Request(request)), Ok(Some(same))) => {
            assert_eq!(format!("{request:?}"), format!("{same:?}"));
        }
        // A device does not look into a reply, so it does not see what is wrong with it.
        (Ok(link::Message::Reply(_)) | Err(link::FrameError::Message), Ok(None)) => {}
        (Err(error), Err(same)) => assert_eq!(error, same),
        (decoded, of_device) => panic!("{decoded:?}, on a device {of_device:?}"),
    }
}

fn assert_comes_back(message: &link::Message<'_>) {
    let mut buffer = vec![0; 1 << 17];
    let frame = link::encode(message, &mut buffer).expect("room for every message");
    let mut inside = frame[1..frame.len() - 1].to_vec();
    assert!(!inside.contains(&link::MARK));
    let mut of_device = inside.clone();
    let again = link::decode(&mut inside);
    assert_same_request(&again, &link::decode_request(&mut of_device));
    let again = again.expect("what was encoded can be read");
    // Floats that are no numbers differ from themselves.
    let [one, other] = [message, &again].map(|message| format!("{message:?}"));
    assert_eq!(one, other);
}
