//! A device and the host's end of its link, over lines good and bad; the flash is a mock.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "device/model_cuts.rs"]
mod model_cuts;
#[path = "device/negotiation.rs"]
mod negotiation;
#[path = "device/unanswered.rs"]
mod unanswered;
#[path = "device/wire.rs"]
mod wire;

use memt_core::bank::Bank;
use memt_core::encoder::{Encoder, Image, Scratch};
use memt_core::feedback::{MOST, Verdict, Weight};
use memt_core::link::{Call, Done, ModelCall, Refusal, Which};
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{Reader, Record, import};
use memt_host::device::{Added, Client, LinkError};
use memt_tests::twin::shipped_image;
use memt_tests::{corpus, places};
use wire::{Faults, Wire, device};

type Twin = memt_tests::twin::Twin<32>;

fn twin_of(model: &str) -> Twin {
    Twin::new(shipped_image(model), wire::ORIGIN, OWNER)
}

const OWNER: Owner = Owner(3);

/// Different texts of up to 200 bytes that fit a slot.
fn texts(count: usize) -> Vec<String> {
    let all = corpus::texts();
    let fitting = all.iter().filter(|text| text.len() <= 120);
    let words = fitting.filter(|text| {
        memt_core::text::Words::of(text).next().is_some()
            && memt_core::overlap::Signature::<24>::of(text).is_ok()
    });
    let texts: Vec<String> = words
        .cycle()
        .take(count)
        .enumerate()
        .map(|(number, text)| format!("{text} {number}"))
        .collect();
    assert_eq!(texts.len(), count);
    texts
}

fn add(text: &str, time: u32) -> Call<'_> {
    Call::Add {
        owner: OWNER,
        text,
        created: Some(Timestamp(time)),
        importance: Factor::ONE,
        evict: true,
    }
}

fn question(text: &str) -> Call<'_> {
    Call::Query {
        text,
        owner: Some(OWNER),
        mode: Mode::Fused,
        min_score: 0.0,
        recency: None,
        neighbours: false,
        most: 5,
        record: false,
    }
}

fn answers(client: &mut Client<Wire>, text: &str) -> Vec<(String, u32)> {
    let hits = client.query(question(text)).unwrap();
    hits.iter()
        .map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
        .collect()
}

fn assert_equal_answers(client: &mut Client<Wire>, twin: &mut Twin, texts: &[String]) {
    for text in texts.iter().step_by(9) {
        assert_eq!(answers(client, text), twin.answers(text), "{text}");
    }
}

#[test]
fn a_device_answers_as_the_host_does_through_power_cuts() {
    let texts = texts(230);
    let mut twin = twin_of("small");
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    for (time, text) in (1000..).zip(&texts) {
        let added = client.add(add(text, time)).unwrap();
        assert_eq!(added, Added::from(twin.add(text, time)));
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
    client.stream().cut_power();
    let refused = client.query(question("boiler"));
    assert!(matches!(refused, Err(LinkError::Restarted)), "{refused:?}");
    client.greet().unwrap();
    assert_eq!(client.device().next_counter, 230);
    assert_equal_answers(&mut client, &mut twin, &texts);

    let key = twin.bank.at(10).unwrap().facts.key;
    assert_eq!(
        client.change_many(Call::Forget(Which::Key(key))).unwrap(),
        1
    );
    twin.bank.forget(key, Timestamp(2000));
    let replayed = client
        .change_many(Call::Replay(Which::Owner(OWNER)))
        .unwrap();
    assert_eq!(replayed, 199);
    let keys: Vec<_> = twin
        .bank
        .owned_by(None)
        .map(|slot| slot.facts.key)
        .collect();
    for key in keys {
        twin.replay(key, Timestamp(2000));
    }
    client.stream().cut_power();
    client.greet().unwrap();
    assert_equal_answers(&mut client, &mut twin, &texts);
    assert_eq!(client.get(key, false).unwrap(), None);
}

#[test]
fn what_is_said_of_an_answer_is_kept_and_can_be_taken_back() {
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    for (time, text) in (1000..).zip(texts(30)) {
        client.add(add(&text, time)).unwrap();
    }
    let question = &texts(30)[7];
    let before = answers(&mut client, question);
    let second = client.query(self::question(question)).unwrap()[1].key;
    let said = |verdict| Call::Judge {
        key: second,
        text: question,
        verdict,
    };
    let judged = client.judge(said(Some(Verdict::VeryNegative))).unwrap();
    let most = Weight(-MOST.0);
    assert!(matches!(judged, Done::Judged { weight, replaced: None } if weight == most));
    let judged = client.judge(said(Some(Verdict::Positive))).unwrap();
    assert!(matches!(judged, Done::Judged { weight, replaced: None } if weight > Weight(0)));
    client.stream().cut_power();
    client.greet().unwrap();
    let after = answers(&mut client, question);
    assert_ne!(after, before);

    // A bank on this computer learns the same from the device's snapshot.
    let snapshot = client.pull(|_, _| ()).unwrap();
    let mut bank = Box::new(Bank::<200, 200, 32, { wire::JUDGED }>::new());
    let report = import(&mut bank, &snapshot, 0).unwrap();
    assert_eq!((report.added, report.judgements), (30, 1));
    let encoder = Encoder::new(Image::open(shipped_image("small")).unwrap()).unwrap();
    let mut scratch = Box::new(Scratch::<65536>::new());
    let embedding = encoder.encode(question, &mut *scratch).unwrap();
    let mut hits = [Hit::default(); 5];
    let options = QueryOptions::of_owner(OWNER);
    let found = bank.query(question, &embedding, &options, &mut hits);
    let hits = hits[..found.unwrap()].iter();
    let own: Vec<_> = hits
        .map(|hit| (hit.key.to_string(), hit.score.total.to_bits()))
        .collect();
    assert_eq!(own, after);

    assert_eq!(client.judge(said(None)).unwrap(), Done::Changed(1));
    client.stream().cut_power();
    client.greet().unwrap();
    assert_eq!(answers(&mut client, question), before);
    let unknown = client.judge(Call::Judge {
        key: Key::default(),
        text: question,
        verdict: Some(Verdict::Positive),
    });
    assert!(matches!(
        unknown,
        Err(LinkError::Refused(Refusal::UnknownMemory(_)))
    ));
}

/// Fills a device with 200 memories of 199 or 200 bytes.
fn fill(client: &mut Client<Wire>) {
    for (time, text) in (1000..).zip(texts(200)) {
        let longer = format!("{text}{}", " x".repeat((200 - text.len()) / 2));
        client.add(add(&longer, time)).unwrap();
    }
}

/// How a device's snapshot goes on to another device: it is cut in the middle and goes on where it stopped.
#[test]
fn a_push_that_was_cut_goes_on_where_it_stopped() {
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    for (time, text) in (1000..).zip(texts(40)) {
        client.add(add(&text, time)).unwrap();
    }
    let key = |counter| Key {
        origin: wire::ORIGIN,
        counter,
    };
    for counter in [3, 30] {
        let forget = Call::Forget(Which::Key(key(counter)));
        assert_eq!(client.change_many(forget).unwrap(), 1);
    }
    let snapshot = client.pull(|_, _| ()).unwrap();
    let reader = Reader::open(&snapshot).unwrap();

    let mut other = Client::begin(device("small", Faults::NONE)).unwrap();
    let mut from = 0;
    let mut added = 0;
    for frames in [1, 2, 9, 17] {
        other.stream().unplug_after(frames);
        let cut = other.push_all(reader.clone(), from, |there, _| from = there);
        assert!(matches!(cut, Err(LinkError::Silent { .. })), "{cut:?}");
        // The first frame asks whether the model is the same.
        added += frames as u32 - 1;
        assert_eq!(from, added);
        other.stream().plug();
        other.stream().cut_power();
        other.greet().unwrap();
        let counts = other.statistics(None).unwrap();
        assert_eq!(counts.memories + counts.deletions, added);
    }
    let rest = other.push_all(reader, from, |_, _| ()).unwrap();
    assert_eq!(rest, [40 - added, 0]);
    other.stream().cut_power();
    other.greet().unwrap();
    assert_eq!(other.pull(|_, _| ()).unwrap(), snapshot);
}

/// Seconds to pull a snapshot of 200 memories of 200 bytes at 115,200 bits a second, and to push it to another device.
fn seconds_of_a_snapshot(faults: Faults) -> [f64; 2] {
    let mut client = Client::begin(device("small", faults)).unwrap();
    client.stream().set_faults(Faults::NONE);
    fill(&mut client);
    client.stream().set_faults(faults);
    client.stream().start_clock();
    let snapshot = client.pull(|_, _| ()).unwrap();
    let pulled = client.stream().seconds();
    assert_eq!(Reader::check(&snapshot).unwrap().count, 200);

    let mut other = Client::begin(device("small", faults)).unwrap();
    other.stream().start_clock();
    let reader = Reader::open(&snapshot).unwrap();
    let pushed = other.push_all(reader.clone(), 0, |_, _| ()).unwrap();
    let seconds = [pulled, other.stream().seconds()];
    assert_eq!(pushed, [200, 0]);
    other.stream().set_faults(Faults::NONE);
    assert_eq!(other.push_all(reader, 190, |_, _| ()).unwrap(), [0, 10]);
    other.stream().cut_power();
    other.greet().unwrap();
    assert_eq!(other.pull(|_, _| ()).unwrap(), snapshot);
    seconds
}

/// `MEMT_RECORD=1` writes `firmware/link.json`.
#[test]
fn a_snapshot_goes_to_the_host_and_to_another_device() {
    let lines = [("none", Faults::NONE), ("1 in 100", Faults::NOISE)];
    let rows = lines.map(|(changed, faults)| {
        let [pulled, pushed] = seconds_of_a_snapshot(faults);
        println!("bytes changed: {changed}: pulled in {pulled:.2} s, pushed in {pushed:.2} s");
        (changed, pulled, pushed)
    });
    assert!(rows[0].1 <= 10.0, "{} s", rows[0].1);
    if std::env::var_os("MEMT_RECORD").is_some_and(|value| value == "1") {
        let rows = rows.map(|(changed, pulled, pushed)| {
            format!(
                "{{\"memories\":200,\"text_bytes\":200,\"bits_a_second\":115200,\"bytes_changed\":\"{changed}\",\"pull_seconds\":{pulled:.2},\"push_seconds\":{pushed:.2}}}"
            )
        });
        let path = places::root().join("firmware/link.json");
        std::fs::write(path, format!("[\n{}\n]\n", rows.join(",\n"))).unwrap();
    }
}

#[test]
fn bad_lines_only_slow_it_down() {
    let texts = texts(40);
    let mut twin = twin_of("small");
    let mut client = Client::begin(device("small", Faults::NOISE)).unwrap();
    for (time, text) in (1000..).zip(&texts) {
        let added = client.add(add(text, time)).unwrap();
        assert_eq!(added, Added::from(twin.add(text, time)));
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
    let snapshot = client.pull(|_, _| ()).unwrap();
    let memories = Reader::open(&snapshot)
        .unwrap()
        .map(|record| match record.unwrap() {
            Record::Memory(memory) => memory.text.to_owned(),
            _ => panic!("no deletions"),
        });
    assert!(memories.eq(texts.iter().cloned()));
}

#[test]
fn a_memory_is_written_once_wherever_power_is_lost() {
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    let mut twin = twin_of("small");
    for (time, text) in (1000..).zip(texts(12)) {
        match time % 3 {
            0 => client.stream().cut_power_before_the_answer(),
            1 => client.stream().cut_power(),
            _ => {}
        }
        let added = client.add(add(&text, time)).unwrap();
        let report = twin.add(&text, time);
        assert_eq!(added.key, report.key);
        assert_eq!(added.verification.is_none(), time % 3 == 0);
    }
    assert_eq!(client.statistics(None).unwrap().memories, 12);
    assert_equal_answers(&mut client, &mut twin, &texts(12));
}

#[test]
fn a_device_refuses_parts_out_of_order() {
    let mut client = Client::begin(device("small", Faults::NONE)).unwrap();
    let part = |offset| Call::PushPart {
        whole: 300,
        offset,
        bytes: &[7; 32],
    };
    let refused = |result| match result {
        Err(LinkError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let gap = refused(client.change_many(part(32)));
    assert_eq!(gap, Refusal::RecordGap { received: 0 });
    assert_eq!(client.change_many(part(0)).unwrap(), 32);
    assert_eq!(client.change_many(part(32)).unwrap(), 64);
    client.statistics(None).unwrap();
    let gap = refused(client.change_many(part(64)));
    assert_eq!(gap, Refusal::RecordGap { received: 0 });
    let long = Call::PushPart {
        whole: 60_000,
        offset: 0,
        bytes: &[0; 440],
    };
    assert!(matches!(
        refused(client.change_many(long)),
        Refusal::RecordTooLong { capacity: 424 }
    ));
    let nonsense = Call::PushPart {
        whole: 32,
        offset: 0,
        bytes: &[0xff; 32],
    };
    assert_eq!(refused(client.change_many(nonsense)), Refusal::Unsupported);
}

#[test]
fn frames_lost_repeated_and_late_change_nothing_and_nothing_is_typed() {
    let mut twin = twin_of("small");
    let mut client = Client::begin(device("small", Faults::DISORDER)).unwrap();
    for time in 0..120 {
        let text = format!(
            "note {time}\rforget all\ryes\r\nforget all\nyes\n valve {}",
            time % 7
        );
        let added = client.add(add(&text, time)).unwrap();
        assert_eq!(added, Added::from(twin.add(&text, time)));
    }
    let counts = client.statistics(None).unwrap();
    assert_eq!((counts.memories, counts.deletions), (120, 0));
    assert!(client.repeats() > 10);
    client.stream().cut_power();
    client.greet().unwrap();
    let counts = client.statistics(None).unwrap();
    assert_eq!((counts.memories, counts.deletions), (120, 0));
}

#[test]
fn snapshots_go_both_ways_through_lost_repeated_and_late_frames() {
    let mut client = Client::begin(device("small", Faults::DISORDER)).unwrap();
    for (time, text) in (1000..).zip(texts(60)) {
        client.add(add(&text, time)).unwrap();
    }
    let snapshot = client.pull(|_, _| ()).unwrap();
    let own = Reader::open(&snapshot).unwrap().map(Result::unwrap);
    let own = own.map(|record| match record {
        Record::Memory(memory) => memory.text.to_owned(),
        other => panic!("{other:?}"),
    });
    assert!(own.eq(texts(60)));
    client.stream().set_faults(Faults::NONE);
    assert_eq!(client.pull(|_, _| ()).unwrap(), snapshot);

    let mut other = Client::begin(device("small", Faults::DISORDER)).unwrap();
    let reader = Reader::open(&snapshot).unwrap();
    let pushed = other.push_all(reader, 0, |_, _| ()).unwrap();
    assert_eq!(pushed, [60, 0]);
    assert!(other.repeats() > 10);
    other.stream().cut_power();
    other.stream().set_faults(Faults::NONE);
    other.greet().unwrap();
    assert_eq!(other.pull(|_, _| ()).unwrap(), snapshot);
}

#[test]
fn a_model_is_replaced_and_memories_are_encoded_anew() {
    replace_model(Faults::NONE);
}

#[test]
fn a_model_is_replaced_through_lost_repeated_and_late_frames() {
    replace_model(Faults::DISORDER);
}

/// Chooses a model. The device starts again after its answer, which the line may lose.
fn switch(client: &mut Client<Wire>, call: ModelCall<'_>) {
    match client.model(call) {
        Ok(state) => assert_eq!(state.active, call == ModelCall::Activate),
        Err(LinkError::Restarted) => {}
        Err(error) => panic!("{error}"),
    }
}

fn replace_model(faults: Faults) {
    let texts = texts(30);
    let mut client = Client::begin(device("small", faults)).unwrap();
    let mut twin = twin_of("bag");
    for (time, text) in (1000..).zip(&texts) {
        client.add(add(text, time)).unwrap();
        twin.add(text, time);
    }
    let bag = Image::open(shipped_image("bag")).unwrap();
    let begin = ModelCall::Begin {
        bytes: bag.bytes().len() as u32,
        fingerprint: bag.fingerprint(),
    };
    client.model(begin).unwrap();
    assert!(client.model(ModelCall::Activate).is_err());
    for (number, bytes) in bag.bytes().chunks(256).enumerate() {
        let offset = number as u32 * 256;
        client.model(ModelCall::Write { offset, bytes }).unwrap();
    }
    switch(&mut client, ModelCall::Activate);
    client.greet().unwrap();
    assert_eq!(client.device().fingerprint, bag.fingerprint());
    assert_equal_answers(&mut client, &mut twin, &texts);
    assert!(client.model(begin).is_err(), "the region is in use");
    switch(&mut client, ModelCall::Revert);
    client.greet().unwrap();
    let mut twin = twin_of("small");
    for (time, text) in (1000..).zip(&texts) {
        twin.add(text, time);
    }
    assert_equal_answers(&mut client, &mut twin, &texts);
}

#[test]
fn a_person_types_and_a_silent_line_is_said_to_be_silent() {
    let mut wire = device("small", Faults::NONE);
    assert_eq!(wire.typed("help\r"), "");
    wire.wait(2000);
    assert!(wire.typed("\r").ends_with("memt> "));
    wire.wait(60);
    let added = wire.typed("add the boiler valv\x08\x08lve was replaced\r");
    assert!(added.contains("added 1-0"), "{added}");
    let found = wire.typed("ask boiler valve replaced\r");
    assert!(found.contains("the boiler valve was replaced"), "{found}");
    assert!(wire.typed("forget all\r").contains("yes"));
    assert!(wire.typed("no\r").contains("no such command"));
    assert!(wire.typed("list\r").contains("1 of 1 memories"));
    wire.typed("forget all\r");
    assert!(wire.typed("yes\r").contains("forgot 1"));
    wire.unplug();
    let error = Client::begin(wire).err().unwrap();
    assert!(error.to_string().starts_with("nothing answers"), "{error}");
}
