//! Power lost at every step of replacing a model: of its way into flash, of the choice, and of encoding the memories anew.

use crate::add;
use embedded_storage::nor_flash::NorFlash;
use memt_app::{App, Board, Memory, Next, NoPin, Settings, State};
use memt_core::encoder::{Fingerprint, Image};
use memt_core::link::ModelCall;
use memt_host::device::{Client, Stream};
use memt_mock::{Change, ManualClock, Nor, PortEnd, SecondRegion, pair};
use memt_tests::aligned::AlignedBytes;
use memt_tests::tiny_model::TinyModel;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::Duration;

type Flash = Nor<1024, 4>;
type Device = App<
    'static,
    PortEnd,
    ManualClock,
    NoPin,
    SecondRegion<Flash>,
    Memory<'static, Flash, 12, 64, 16, 4096>,
>;

const TEXTS: [&str; 6] = [
    "the boiler valve was replaced",
    "the train leaves at noon",
    "a garden with a blue gate",
    "the doctor called on Tuesday",
    "two tickets for the concert",
    "the password of the router",
];

/// A device with a model in its program, at the end of a good line.
struct Bench {
    device: Option<Device>,
    near: PortEnd,
    came: VecDeque<u8>,
    model: &'static [u8],
}

/// What both flashes hold.
#[derive(Clone)]
struct Flashes {
    store: Flash,
    region: Flash,
}

impl Bench {
    fn start(flashes: Flashes, model: &'static [u8]) -> Self {
        let (near, far) = pair();
        let mut bench = Self {
            device: None,
            near,
            came: VecDeque::new(),
            model,
        };
        bench.boot(far, flashes);
        bench
    }

    fn boot(&mut self, port: PortEnd, flashes: Flashes) {
        let board = Board {
            port,
            flash: flashes.store,
            clock: ManualClock::default(),
            light: NoPin,
            region: SecondRegion(flashes.region),
        };
        let settings = Settings {
            model: self.model,
            origin: 1,
        };
        let state: &'static mut State<12, 64, 16, 4096> = Box::leak(Box::default());
        self.device = Some(App::start(board, state, &settings).unwrap());
    }

    /// Takes the flashes out.
    fn off(&mut self) -> (PortEnd, Flashes) {
        let board = self.device.take().unwrap().stop();
        let flashes = Flashes {
            store: board.flash,
            region: board.region.0,
        };
        (board.port, flashes)
    }
}

impl Stream for Bench {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.near.send(bytes);
        let next = self.device.as_mut().map(|device| device.poll().unwrap());
        if next == Some(Next::Restart) {
            let (port, flashes) = self.off();
            self.boot(port, flashes);
        }
        Ok(())
    }

    fn receive(&mut self, bytes: &mut [u8], _: Duration) -> io::Result<usize> {
        self.came.extend(self.near.take());
        self.came.read(bytes)
    }
}

fn model(seed: u64) -> &'static [u8] {
    let tiny = TinyModel {
        seed,
        ..TinyModel::GOLDEN
    };
    let image: &'static AlignedBytes = Box::leak(Box::new(tiny.image(&["boiler", "valve"])));
    image.as_ref()
}

fn fingerprint(model: &[u8]) -> Fingerprint {
    Image::open(model).unwrap().fingerprint()
}

fn send(client: &mut Client<Bench>, model: &[u8]) {
    let begin = ModelCall::Begin {
        bytes: model.len() as u32,
        fingerprint: fingerprint(model),
    };
    client.model(begin).unwrap();
    for (number, bytes) in model.chunks(64).enumerate() {
        let offset = number as u32 * 64;
        client.model(ModelCall::Write { offset, bytes }).unwrap();
    }
}

/// The model that a device has found, and all that it holds as a snapshot.
fn found(client: &mut Client<Bench>) -> (Fingerprint, Vec<u8>) {
    (client.device().fingerprint, client.pull(|_, _| ()).unwrap())
}

/// Calls `test` with every state that a recorded run leaves when power is lost in it.
fn cuts(base: &Flash, trace: &[Change], mut test: impl FnMut(Flash)) {
    let mut reached = base.clone();
    for change in trace {
        for steps in 0..change.steps() {
            let mut cut = reached.clone();
            cut.apply(change, steps);
            test(cut);
        }
        reached.apply(change, u64::MAX);
    }
}

fn begin(flashes: &Flashes, model: &'static [u8]) -> Client<Bench> {
    Client::begin(Bench::start(flashes.clone(), model)).unwrap()
}

#[test]
fn a_model_is_replaced_wholly_or_not_at_all_wherever_power_is_lost() {
    let [old, new] = [model(1), model(2)];
    // The region holds the rest of an image that was there before.
    let mut region = Flash::new(new.len().div_ceil(1024));
    region.write(0, &vec![0x5a; region.bytes().len()]).unwrap();
    let mut flashes = Flashes {
        store: Flash::new(12),
        region,
    };
    let mut client = begin(&flashes, old);
    for (time, text) in (1000..).zip(TEXTS) {
        client.add(add(text, time)).unwrap();
    }
    (_, flashes) = client.stream().off();
    let before = found(&mut begin(&flashes, old));
    assert_eq!(before.0, fingerprint(old));

    let mut recording = flashes.clone();
    recording.region.record();
    let mut client = begin(&recording, old);
    send(&mut client, new);
    let (_, mut sent) = client.stream().off();
    let sending = sent.region.recorded();
    let mut recording = sent.clone();
    recording.store.record();
    let mut client = begin(&recording, old);
    let again = send_and_activate(&mut client, new);
    let (_, mut switched) = client.stream().off();
    let switching = switched.store.recorded();
    assert_eq!(again.0, fingerprint(new));
    assert_ne!(again.1, before.1);

    let mut points = 0;
    cuts(&flashes.region, &sending, |region| {
        points += 1;
        let cut = Flashes {
            store: flashes.store.clone(),
            region,
        };
        let mut client = begin(&cut, old);
        assert_eq!(found(&mut client), before);
        // Whatever lies in the region, the next image gets there whole.
        if points % 64 == 0 {
            assert_eq!(send_and_activate(&mut client, new), again);
        }
    });
    cuts(&sent.store, &switching, |store| {
        points += 1;
        let cut = Flashes {
            store,
            region: sent.region.clone(),
        };
        let reached = found(&mut begin(&cut, old));
        assert!(reached == before || reached == again);
    });
    println!("{points} cut points");
    assert!(points > 3000, "{points}");

    // A chosen image that flash has lost is not used, and nothing of the memories is lost with it.
    switched.region.apply(&Change::Erase(0), u64::MAX);
    let mut client = begin(&switched, old);
    assert_eq!(client.device().fingerprint, fingerprint(old));
    assert_eq!(client.statistics(None).unwrap().memories, 6);
}

fn send_and_activate(client: &mut Client<Bench>, model: &[u8]) -> (Fingerprint, Vec<u8>) {
    send(client, model);
    client.model(ModelCall::Activate).unwrap();
    client.greet().unwrap();
    found(client)
}
