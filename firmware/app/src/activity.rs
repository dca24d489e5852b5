//! The light that tells a person the memory is working.

use embedded_hal::digital::OutputPin;

/// A pin that is high while work is going on.
#[derive(Debug)]
pub struct Activity<P> {
    pin: P,
}

impl<P: OutputPin> Activity<P> {
    /// Takes the pin as it is; its level changes at the first [`start`](Self::start) or [`stop`](Self::stop).
    pub const fn new(pin: P) -> Self {
        Self { pin }
    }

    /// Drives the pin high.
    ///
    /// # Errors
    /// Whatever the pin's driver reports.
    pub fn start(&mut self) -> Result<(), P::Error> {
        self.pin.set_high()
    }

    /// Drives the pin low.
    ///
    /// # Errors
    /// Whatever the pin's driver reports.
    pub fn stop(&mut self) -> Result<(), P::Error> {
        self.pin.set_low()
    }

    /// Gives the pin back, at the level it has.
    pub fn release(self) -> P {
        self.pin
    }
}

#[cfg(test)]
mod tests {
    use super::Activity;
    use embedded_hal_mock::eh1::MockError;
    use embedded_hal_mock::eh1::digital::{Mock, State, Transaction};
    extern crate std;
    use std::io::ErrorKind;

    #[test]
    fn pin_is_high_from_start_to_stop() {
        let expected = [
            Transaction::set(State::High),
            Transaction::set(State::Low),
            Transaction::set(State::High),
        ];
        let mut activity = Activity::new(Mock::new(&expected));
        activity.start().unwrap();
        activity.stop().unwrap();
        activity.start().unwrap();
        activity.release().done();
    }

    #[test]
    fn errors_of_the_pin_reach_the_caller() {
        let broken = MockError::Io(ErrorKind::BrokenPipe);
        let expected = [
            Transaction::set(State::High).with_error(broken.clone()),
            Transaction::set(State::Low).with_error(broken.clone()),
        ];
        let mut activity = Activity::new(Mock::new(&expected));
        assert_eq!(activity.start(), Err(broken.clone()));
        assert_eq!(activity.stop(), Err(broken));
        activity.release().done();
    }
}
