//! Executing each request once.

use memt_core::link::{Call, Done, RequestId};

/// Sessions that are over and may still be heard of.
const OVER: usize = 4;

/// What a device remembers of requests.
#[derive(Debug, Default)]
pub(crate) struct Session {
    current: Option<RequestId>,
    /// What the current request changed.
    done: Option<Done>,
    over: [u32; OVER],
}

/// What to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Carry it out.
    Execute,
    /// It was carried out: answer again.
    Repeat(Done),
    /// It was answered without a change: carry it out again, without counting it again.
    Again,
    /// It is late: the host has its answer.
    Late,
    /// The session was never begun.
    Unknown,
}

impl Session {
    /// Decides about a request.
    pub(crate) fn turn(&mut self, id: RequestId, call: &Call<'_>) -> Turn {
        let begins = matches!(call, Call::Hello { .. });
        match self.current {
            Some(current) if current.session == id.session => {
                if id.number < current.number {
                    return Turn::Late;
                }
                if id.number == current.number {
                    return self.done.map_or(Turn::Again, Turn::Repeat);
                }
            }
            _ if self.over.contains(&id.session) => return Turn::Late,
            _ if !begins => return Turn::Unknown,
            Some(current) => {
                self.over.rotate_right(1);
                self.over[0] = current.session;
            }
            None => {}
        }
        self.current = Some(id);
        self.done = None;
        Turn::Execute
    }

    /// Notes what the current request changed.
    pub(crate) fn note(&mut self, done: Done) {
        self.done = Some(done);
    }
}

#[cfg(test)]
mod tests {
    use super::{Session, Turn};
    use memt_core::link::{Call, Done, RequestId};

    const HELLO: Call<'_> = Call::Hello {
        oldest: 1,
        newest: 1,
    };
    const CALL: Call<'_> = Call::Time(None);

    fn id(session: u32, number: u32) -> RequestId {
        RequestId { session, number }
    }

    #[test]
    fn each_change_is_made_once() {
        let mut session = Session::default();
        assert_eq!(session.turn(id(7, 1), &CALL), Turn::Unknown);
        assert_eq!(session.turn(id(7, 0), &HELLO), Turn::Execute);
        assert_eq!(session.turn(id(7, 1), &CALL), Turn::Execute);
        session.note(Done::Changed(3));
        assert_eq!(
            session.turn(id(7, 1), &CALL),
            Turn::Repeat(Done::Changed(3))
        );
        assert_eq!(session.turn(id(7, 2), &CALL), Turn::Execute);
        assert_eq!(session.turn(id(7, 2), &CALL), Turn::Again);
        assert_eq!(session.turn(id(7, 1), &CALL), Turn::Late);
    }

    #[test]
    fn sessions_that_are_over_do_not_come_back() {
        let mut session = Session::default();
        for number in 1..=5 {
            assert_eq!(session.turn(id(number, 0), &HELLO), Turn::Execute);
        }
        for number in 1..=4 {
            assert_eq!(session.turn(id(number, 0), &HELLO), Turn::Late);
            assert_eq!(session.turn(id(number, 9), &CALL), Turn::Late);
        }
        assert_eq!(session.turn(id(5, 1), &CALL), Turn::Execute);
        assert_eq!(session.turn(id(6, 1), &CALL), Turn::Unknown);
    }
}
