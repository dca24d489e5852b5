//! A line in memory at 115,200 bits a second, with a device at its other end.

use memt_app::{App, Board, Memory, Next, NoPin, Settings, State};
use memt_host::device::Stream;
use memt_mock::{ManualClock, Nor, PortEnd, SecondRegion, pair};
use memt_tests::random::Random;
use memt_tests::twin::shipped_image;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// The origin of the device's keys.
pub(crate) const ORIGIN: u32 = 1;

/// Judged questions that the device keeps.
pub(crate) const JUDGED: usize = 8;

/// Microseconds that a byte takes, with start and stop bit.
const BYTE_MICROSECONDS: f64 = 10.0 * 1e6 / 115_200.0;

/// What a line does to bytes and frames, in a thousand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    changed: usize,
    lost: usize,
    /// Frames that do not arrive, of requests and of replies.
    swallowed: usize,
    /// Frames before which an earlier one arrives again.
    late: usize,
}

impl Faults {
    pub(crate) const NONE: Self = Self {
        changed: 0,
        lost: 0,
        swallowed: 0,
        late: 0,
    };

    /// One byte in a hundred is another one.
    pub(crate) const NOISE: Self = Self {
        changed: 10,
        ..Self::NONE
    };

    pub(crate) const DISORDER: Self = Self {
        changed: 1,
        lost: 1,
        swallowed: 100,
        late: 400,
    };
}

type Flash = Nor<4096, 4>;

type Device = App<
    'static,
    PortEnd,
    ManualClock,
    NoPin,
    SecondRegion<Flash>,
    Memory<'static, Flash, 200, 200, 32, 16384, JUDGED>,
>;

/// The host's end.
pub(crate) struct Wire {
    device: Option<Device>,
    model: &'static [u8],
    near: PortEnd,
    clock: ManualClock,
    faults: Faults,
    random: Random,
    came: VecDeque<u8>,
    sent: Vec<Vec<u8>>,
    replied: Vec<Vec<u8>>,
    microseconds: f64,
    unplugged: bool,
    /// Frames that are still sent before it is unplugged.
    left: Option<usize>,
    /// Power is lost when the next request has been carried out, before its answer.
    fragile: bool,
}

fn start(
    port: PortEnd,
    flash: Flash,
    region: SecondRegion<Flash>,
    clock: ManualClock,
    model: &'static [u8],
) -> Device {
    let board = Board {
        port,
        flash,
        clock,
        light: NoPin,
        region,
    };
    let settings = Settings {
        model,
        origin: ORIGIN,
    };
    let state: &'static mut State<200, 200, 32, 16384, 512, JUDGED> = Box::leak(Box::default());
    App::start(board, state, &settings).unwrap()
}

/// A new device with a shipped model, at the end of a line.
pub(crate) fn device(model: &str, faults: Faults) -> Wire {
    let (near, far) = pair();
    let clock = ManualClock::default();
    let model = shipped_image(model);
    let region = SecondRegion(Nor::new(256));
    Wire {
        device: Some(start(far, Nor::new(32), region, clock.clone(), model)),
        model,
        near,
        clock,
        faults,
        random: Random::new(5),
        came: VecDeque::new(),
        sent: Vec::new(),
        replied: Vec::new(),
        microseconds: 0.0,
        unplugged: false,
        left: None,
        fragile: false,
    }
}

impl Wire {
    /// Stops the device wherever it is, and starts it again with what its flash holds.
    pub(crate) fn cut_power(&mut self) {
        let Some(device) = self.device.take() else {
            return;
        };
        // Nothing of before is still on the line.
        self.sent.clear();
        self.replied.clear();
        let board = device.stop();
        let (port, clock) = (board.port, board.clock);
        self.device = Some(start(port, board.flash, board.region, clock, self.model));
    }

    /// Power will be lost when the next request has been carried out, before its answer comes.
    pub(crate) fn cut_power_before_the_answer(&mut self) {
        self.fragile = true;
    }

    fn poll(&mut self) {
        let next = self.device.as_mut().map(|device| device.poll().unwrap());
        if next == Some(Next::Restart) {
            self.cut_power();
        }
    }

    pub(crate) fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    pub(crate) fn unplug(&mut self) {
        self.unplugged = true;
    }

    /// Unplugs it when so many further frames have been sent.
    pub(crate) fn unplug_after(&mut self, frames: usize) {
        self.left = Some(frames);
    }

    pub(crate) fn plug(&mut self) {
        (self.unplugged, self.left) = (false, None);
    }

    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.clock.advance(milliseconds);
    }

    pub(crate) fn start_clock(&mut self) {
        self.microseconds = 0.0;
    }

    /// Seconds that the line and waiting took.
    pub(crate) fn seconds(&self) -> f64 {
        self.microseconds / 1e6
    }

    /// Types, and gives what the device prints.
    pub(crate) fn typed(&mut self, text: &str) -> String {
        self.near.send(text.as_bytes());
        self.poll();
        String::from_utf8(self.near.take()).unwrap()
    }

    /// Some frames of replies are lost, and before some an earlier one comes again.
    fn disordered(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.faults.swallowed == 0 && self.faults.late == 0 {
            return bytes.to_vec();
        }
        let mut came = Vec::new();
        let frames = bytes.split(|&byte| byte == 0);
        for frame in frames.filter(|frame| !frame.is_empty()) {
            self.replied.push(frame.to_vec());
            if self.random.below(1000) < self.faults.late {
                let earlier = self.random.below(self.replied.len());
                came.extend(framed(&self.replied[earlier]));
            }
            if self.random.below(1000) >= self.faults.swallowed {
                came.extend(framed(frame));
            }
        }
        came
    }

    /// Some bytes are others, some are lost.
    fn worn(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut worn = Vec::new();
        for &byte in bytes {
            if self.random.below(1000) < self.faults.lost {
                continue;
            }
            let changed = self.random.below(1000) < self.faults.changed;
            worn.push(if changed {
                self.random.bits() as u8
            } else {
                byte
            });
        }
        worn
    }

    fn carry(&mut self, bytes: &[u8]) {
        self.microseconds += bytes.len() as f64 * BYTE_MICROSECONDS;
        let worn = self.worn(bytes);
        self.near.send(&worn);
        self.poll();
        if std::mem::take(&mut self.fragile) {
            self.near.take();
            self.cut_power();
        }
    }
}

fn framed(inside: &[u8]) -> Vec<u8> {
    let mark: &[u8] = &[0];
    [mark, inside, mark].concat()
}

impl Stream for Wire {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.unplugged |= self.left == Some(0);
        if self.unplugged {
            return Ok(());
        }
        self.left = self.left.map(|left| left - 1);
        self.sent.push(bytes.to_vec());
        if self.random.below(1000) < self.faults.late {
            let late = self.sent[self.random.below(self.sent.len())].clone();
            self.carry(&late);
        }
        if self.random.below(1000) >= self.faults.swallowed {
            self.carry(bytes);
        }
        Ok(())
    }

    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        let came = self.near.take();
        self.microseconds += came.len() as f64 * BYTE_MICROSECONDS;
        let worn = match self.unplugged {
            true => Vec::new(),
            false => {
                let came = self.disordered(&came);
                self.worn(&came)
            }
        };
        self.came.extend(worn);
        if self.came.is_empty() {
            self.microseconds += patience.as_micros() as f64;
            self.clock.advance(patience.as_millis() as u64);
            self.poll();
        }
        let count = bytes.len().min(self.came.len());
        for (place, byte) in bytes.iter_mut().zip(self.came.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}
