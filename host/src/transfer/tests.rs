//! Files in, files out.

use super::*;
use crate::model::Model;
use crate::store::{Opening, Store};
use memt_core::slot::Timestamp;

fn items(format: Format, input: &str) -> Vec<Item> {
    let records = format.read(input.as_bytes());
    records.collect::<Result<_, _>>().unwrap()
}

fn refused(format: Format, input: &[u8]) -> String {
    let refused = format.read(input).find_map(Result::err);
    refused.expect("refused").to_string()
}

#[test]
fn every_format_tells_the_same() {
    let jsonl = r#"{"text":"tea at \"five\"","id":"a","owner":"anna","created":"2023-05-08","importance":1.5,"metadata":{"room":"3"}}

{"text":"zwei, drei","id":7,"metadata":{}}"#;
    let csv = "owner,id,text,created,importance,room\nanna,a,\"tea at \"\"five\"\"\",2023-05-08,1.5,3\n,7,\"zwei, drei\",,,\n";
    let [first, second] =
        [items(Format::Jsonl, jsonl), items(Format::Csv, csv)].map(|mut items| {
            items.iter_mut().for_each(|item| item.place = 0);
            items
        });
    assert_eq!(first, second);
    assert_eq!(first[0].metadata, br#"{"room":"3"}"#);
    assert_eq!(
        (first[1].id.as_deref(), first[1].metadata.len()),
        (Some("7"), 0)
    );
    let mem0 = r#"{"results":[{"id":"a","memory":"tea","user_id":"anna","created_at":"2024-07-26T08:44:41.039788-07:00","hash":"x","updated_at":null,"metadata":null}]}"#;
    let [memory] = &items(Format::Mem0, mem0)[..] else {
        panic!()
    };
    assert_eq!(
        (memory.owner.as_deref(), memory.created),
        (Some("anna"), Some(Timestamp(1_722_008_681)))
    );
    let text = items(Format::Text, "one\r\n\n two \n");
    assert_eq!(text[1], Item::of_text(3, " two ".to_owned()));
}

#[test]
fn what_is_wrong_is_named() {
    for (format, input, wanted) in [
        (
            Format::Text,
            &b"fine\nab\xff\n"[..],
            "record 2: byte 3 is not UTF-8",
        ),
        (
            Format::Jsonl,
            b"{\"text\":\"a\"}\n{\"id\":\"b\"}",
            "record 2: there is no `text`",
        ),
        (Format::Jsonl, b"[1]", "record 1: invalid type"),
        (
            Format::Jsonl,
            b"{\"text\":\"a\",\"created\":\"soon\"}",
            "`soon` is not a time",
        ),
        (
            Format::Jsonl,
            b"{\"text\":\"a\",\"importance\":3}",
            "`importance` is not a number from 0 to 2",
        ),
        (Format::Csv, b"a,b\n1,2\n", "record 1: there is no `text`"),
        (Format::Csv, b"text,b\n1\n", "record 2: CSV error"),
        (
            Format::Csv,
            b"text,importance\na,much\n",
            "`importance` is not",
        ),
        (Format::Mem0, b"{\"a\":1}", "there is no `results`"),
        (
            Format::Mem0,
            b"[{\"id\":\"a\"}]",
            "record 1: there is no `memory`",
        ),
    ] {
        let said = refused(format, input);
        assert!(said.contains(wanted), "{said}");
    }
}

fn loaded(store: &mut Store, format: Format, input: &[u8]) -> (Loaded, Result<(), LoadError>) {
    let model = Model::built_in().unwrap();
    let encoder = model.text_encoder(Default::default()).unwrap();
    load(
        store,
        &encoder,
        format.read(input),
        "0",
        Timestamp(9),
        |_| {},
    )
}

fn new_store(folder: &std::path::Path, name: &str) -> Store {
    let model = Model::built_in().unwrap();
    let fingerprint = model.image().unwrap().fingerprint();
    Opening::or_new(&folder.join(name))
        .open(fingerprint)
        .unwrap()
}

#[test]
fn a_bank_comes_back_from_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new_store(folder.path(), "first.redb");
    let jsonl: String = (0..5000)
        .map(|number| format!("{{\"text\":\"memory, \\\"{number}\\\"\",\"id\":\"{number}\",\"owner\":\"o{}\",\"metadata\":{{\"n\":\"{number}\"}}}}\n", number % 3))
        .collect();
    let (done, result) = loaded(&mut store, Format::Jsonl, jsonl.as_bytes());
    result.unwrap();
    assert_eq!(
        done,
        Loaded {
            added: 5000,
            replaced: 0
        }
    );
    let written = |store: &Store, write: &dyn Fn(&Store, &mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(store, &mut bytes);
        bytes
    };
    let csv = |store: &Store, bytes: &mut Vec<u8>| {
        assert_eq!(
            write_csv(store, None, bytes, |_| {}).unwrap(),
            store.bank().len()
        )
    };
    let lines = |store: &Store, bytes: &mut Vec<u8>| {
        assert_eq!(
            write_jsonl(store, None, bytes, |_| {}).unwrap(),
            store.bank().len()
        )
    };
    for (name, format, bytes) in [
        ("csv.redb", Format::Csv, written(&store, &csv)),
        ("lines.redb", Format::Jsonl, written(&store, &lines)),
    ] {
        let mut other = new_store(folder.path(), name);
        loaded(&mut other, format, &bytes).1.unwrap();
        let told = |store: &Store| -> Vec<String> {
            let slots = store.bank().owned_by(None);
            let told = slots.map(|slot| {
                let key = slot.facts.key;
                let (owner, id) = (store.owner_name(slot.facts.owner), store.external_id(key));
                format!(
                    "{} {owner} {id:?} {:?} {:?}",
                    slot.text,
                    slot.facts.created,
                    store.bank().metadata(key)
                )
            });
            let mut told: Vec<String> = told.collect();
            told.sort();
            told
        };
        assert_eq!(told(&other), told(&store));
    }
    let (again, result) = loaded(&mut store, Format::Jsonl, jsonl.as_bytes());
    result.unwrap();
    assert_eq!(
        again,
        Loaded {
            added: 5000,
            replaced: 5000
        }
    );
}

#[test]
fn what_comes_before_a_bad_record_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new_store(folder.path(), "bank.redb");
    let mut text = "a fine line\n".repeat(4100);
    text.push_str("...\nnever read\n");
    let (done, result) = loaded(&mut store, Format::Text, text.as_bytes());
    assert_eq!(done.added, 4100);
    let Err(LoadError::Record(bad)) = result else {
        panic!()
    };
    assert_eq!(bad.to_string(), "record 4101: text has no words");
    assert_eq!(store.bank().len(), 4100);
}
