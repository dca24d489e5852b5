//! What a device says to hosts of other versions and to records of other models.

use crate::wire::{Faults, Wire, device};
use memt_core::bank::Deletion;
use memt_core::encoder::{Fingerprint, Image};
use memt_core::link::{Answer, Call, MARK, Message, Refusal, Request, RequestId, VERSION};
use memt_core::link::{decode, encode};
use memt_core::slot::{Key, Timestamp};
use memt_core::snapshot::{Reader, Record, Writer};
use memt_host::device::{Client, LinkError, Stream};
use memt_tests::twin::shipped_image;
use std::time::Duration;

/// Sends one request and calls `read` with the answer.
fn asked<T>(wire: &mut Wire, id: RequestId, call: Call<'_>, read: fn(Answer<'_>) -> T) -> T {
    let mut buffer = [0; 256];
    let request = Message::Request(Request { id, call });
    wire.send(encode(&request, &mut buffer).unwrap()).unwrap();
    let mut frame = [0; 256];
    let came = wire.receive(&mut frame, Duration::ZERO).unwrap();
    let mut inside: Vec<u8> = frame[..came]
        .iter()
        .copied()
        .filter(|&byte| byte != MARK)
        .collect();
    match decode(&mut inside) {
        Ok(Message::Reply(reply)) => {
            assert_eq!(reply.id, id);
            read(reply.answer)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_host_of_another_version_is_told_which_the_device_speaks() {
    let mut wire = device("small", Faults::NONE);
    let refused = |answer: Answer<'_>| match answer {
        Answer::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let version = Some(Refusal::Version {
        oldest: VERSION,
        newest: VERSION,
    });
    for (session, [oldest, newest]) in (1..).zip([[0, VERSION - 1], [VERSION + 1, VERSION + 9]]) {
        let id = RequestId { session, number: 0 };
        let hello = Call::Hello { oldest, newest };
        assert_eq!(asked(&mut wire, id, hello, refused), version);
    }
    // A host that speaks several is welcome.
    let id = RequestId {
        session: 3,
        number: 0,
    };
    let hello = Call::Hello {
        oldest: 0,
        newest: VERSION + 9,
    };
    let chosen = asked(&mut wire, id, hello, |answer| match answer {
        Answer::Welcome(welcome) => Some(welcome.version),
        _ => None,
    });
    assert_eq!(chosen, Some(VERSION));
}

#[test]
fn records_of_another_model_are_refused_before_the_first() {
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    let device = Image::open(shipped_image("small")).unwrap().fingerprint();
    let (mut writer, header) = Writer::begin(Fingerprint(device.0 ^ 1), 1);
    let mut snapshot = header.to_vec();
    let deletion = Record::Deletion(Deletion {
        key: Key::default(),
        time: Timestamp(1),
    });
    let mut buffer = [0; 256];
    snapshot.extend(writer.record(&deletion, &mut buffer).unwrap());
    snapshot.extend(writer.finish().unwrap());
    let reader = Reader::open(&snapshot).unwrap();
    let refused = client.push_all(reader, 0, |_, _| panic!("nothing is sent"));
    assert!(
        matches!(refused, Err(LinkError::Refused(Refusal::OtherModel { device: own })) if own == device),
        "{refused:?}"
    );
    assert_eq!(client.snapshot().unwrap().records, 0);
}
