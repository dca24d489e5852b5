//! Two ends of a line in memory, and a clock that a test turns.

use embedded_io::{ErrorType, Read, ReadReady, Write};
use memt_app::Clock;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Bytes = Arc<Mutex<VecDeque<u8>>>;

/// One end of a line; bytes written to one end are read from the other.
#[derive(Clone, Debug)]
pub struct PortEnd {
    incoming: Bytes,
    outgoing: Bytes,
}

/// Both ends of a line.
pub fn pair() -> (PortEnd, PortEnd) {
    let (one, other) = (Bytes::default(), Bytes::default());
    let near = PortEnd {
        incoming: one.clone(),
        outgoing: other.clone(),
    };
    let far = PortEnd {
        incoming: other,
        outgoing: one,
    };
    (near, far)
}

fn lock(bytes: &Bytes) -> MutexGuard<'_, VecDeque<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PortEnd {
    /// Takes everything that has come.
    pub fn take(&self) -> Vec<u8> {
        lock(&self.incoming).drain(..).collect()
    }

    /// Sends bytes.
    pub fn send(&self, bytes: &[u8]) {
        lock(&self.outgoing).extend(bytes);
    }
}

impl ErrorType for PortEnd {
    type Error = Infallible;
}

impl Read for PortEnd {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let mut incoming = lock(&self.incoming);
        let count = bytes.len().min(incoming.len());
        for (place, byte) in bytes.iter_mut().zip(incoming.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}

impl ReadReady for PortEnd {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!lock(&self.incoming).is_empty())
    }
}

impl Write for PortEnd {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.send(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A port that nobody uses.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPort;

impl ErrorType for NoPort {
    type Error = Infallible;
}

impl Read for NoPort {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl ReadReady for NoPort {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl Write for NoPort {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A clock that goes on when it is told to.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn milliseconds(&mut self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
