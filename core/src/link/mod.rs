//! The link: what a host asks of a device, and what it answers, in frames over any stream of bytes.
//!
//! ```text
//!  frame    | 0 | COBS( postcard Message | CRC-32 ) | 0 |
//! ```
//!
//! COBS leaves no zero inside, so a zero always begins or ends a frame: whoever reads can start
//! anywhere, and a text console may share the stream, since no line of text has a zero. The CRC-32
//! (ISO-HDLC, little-endian) covers the postcard bytes. Frames may follow each other with one zero
//! between them; empty frames are skipped, so a sender may send any number of zeros.
//!
//! # Who speaks when
//!
//! The host sends a [`Request`], the device answers with a [`Reply`] of the same [`RequestId`], and only
//! [`Call::Pull`] is answered by several. The first request of a session is [`Call::Hello`], which gives
//! it a number that the host has drawn at random; the requests that follow count upwards. When no answer
//! comes the host sends the same request again, and so it does when the answer is [`Refusal::Damaged`] to the
//! request of all zeros, which says that a frame arrived damaged.
//!
//! A device executes each number once: it answers the last one again as it answered it before, and says
//! nothing to older ones and to sessions that are over. So lost, repeated and reordered frames change
//! nothing, and an answered request has been carried out exactly once.
//!
//! # Versions
//!
//! [`Call::Hello`] and the answers [`Answer::Welcome`] and [`Answer::Refused`] with
//! [`Refusal::Version`] keep their bytes in all versions; `Hello` offers a range and the device chooses.

mod frame;
mod message;
mod refusal;

pub use frame::{FRAME_OVERHEAD, FrameError, MARK, decode, decode_request, encode, encode_reply};
pub use message::{
    Answer, Call, Counts, Done, LISTED_HITS, Message, ModelCall, ModelState, Reply, Request,
    RequestId, Snapshot, Welcome, Which, WireHit,
};
pub use refusal::Refusal;

/// The version of the protocol that this crate speaks.
pub const VERSION: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::{Factor, Owner};

    fn request(text: &str) -> Message<'_> {
        Message::Request(Request {
            id: RequestId {
                session: 0xdead_beef,
                number: 7,
            },
            call: Call::Add {
                owner: Owner(3),
                text,
                created: None,
                importance: Factor::ONE,
                evict: true,
            },
        })
    }

    #[test]
    fn frames_have_no_zero_inside_and_come_back() {
        let text = "a\0b\0\0".repeat(60);
        let mut buffer = [0xa5; 1024];
        let frame = encode(&request(&text), &mut buffer).unwrap();
        assert_eq!((frame[0], frame[frame.len() - 1]), (MARK, MARK));
        let inside = &frame[1..frame.len() - 1];
        assert!(!inside.contains(&MARK));
        let mut received = std::vec::Vec::from(inside);
        assert_eq!(decode(&mut received), Ok(request(&text)));
    }

    /// What keeps its bytes in all versions, drawn byte by byte. Should this fail, no device of an earlier version understands
    /// this one's greeting any more.
    #[test]
    fn greetings_keep_their_bytes() {
        let id = RequestId {
            session: 0x0102_0304,
            number: 0,
        };
        let hello = Call::Hello {
            oldest: 1,
            newest: 300,
        };
        assert_bytes(
            &Message::Request(Request { id, call: hello }),
            &[
                0, 1, 5, 132, 134, 136, 8, 1, 8, 1, 172, 2, 110, 107, 179, 247, 0,
            ],
        );
        let answer = |answer| Message::Reply(Reply { id, answer });
        let version = Refusal::Version {
            oldest: 2,
            newest: 300,
        };
        assert_bytes(
            &answer(Answer::Refused(version)),
            &[
                0, 6, 1, 132, 134, 136, 8, 2, 1, 8, 2, 172, 2, 141, 1, 193, 49, 0,
            ],
        );
        let welcome = Welcome {
            version: 1,
            name: "memt",
            fingerprint: crate::encoder::Fingerprint(0x0123_4567_89ab_cdef),
            model_bytes: 900_000,
            origin: 7,
            next_counter: 200,
            memories: 3,
            slots: 200,
            text_bytes: 200,
            terms: 24,
            frame_bytes: 512,
        };
        assert_bytes(
            &answer(Answer::Welcome(welcome)),
            &[
                0, 6, 1, 132, 134, 136, 8, 1, 34, 1, 4, 109, 101, 109, 116, 239, 155, 175, 205,
                248, 172, 209, 145, 1, 160, 247, 54, 7, 200, 1, 3, 200, 1, 200, 1, 24, 128, 4, 86,
                159, 80, 137, 0,
            ],
        );
    }

    fn assert_bytes(message: &Message<'_>, expected: &[u8]) {
        let mut buffer = [0; 128];
        assert_eq!(encode(message, &mut buffer).unwrap(), expected);
    }

    #[test]
    fn a_device_reads_and_writes_the_same_frames() {
        let reply = Reply {
            id: RequestId::default(),
            answer: Answer::Done(Done::Changed(300)),
        };
        let (mut one, mut other) = ([0; 64], [0; 64]);
        let frame = encode(&Message::Reply(reply.clone()), &mut one).unwrap();
        assert_eq!(encode_reply(&reply, &mut other).unwrap(), frame);
        let mut echo = std::vec::Vec::from(&frame[1..frame.len() - 1]);
        assert_eq!(decode_request(&mut echo), Ok(None));

        let sent = request("the boiler valve");
        let mut buffer = [0; 256];
        let frame = encode(&sent, &mut buffer).unwrap();
        let mut received = std::vec::Vec::from(&frame[1..frame.len() - 1]);
        let received = decode_request(&mut received).unwrap().unwrap();
        assert_eq!(Message::Request(received), sent);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut buffer = [0; 256];
        let frame = encode(&request("the boiler valve"), &mut buffer).unwrap();
        let inside = std::vec::Vec::from(&frame[1..frame.len() - 1]);
        for bit in 0..8 * inside.len() {
            let mut damaged = inside.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&mut damaged).is_err(), "bit {bit}");
        }
        for length in 0..inside.len() {
            assert!(decode(&mut inside[..length].to_vec()).is_err());
        }
    }

    #[test]
    fn a_small_buffer_is_an_error() {
        for size in 0..40 {
            let message = request("the boiler valve");
            assert_eq!(
                encode(&message, &mut std::vec![0; size]),
                Err(FrameError::TooLong { room: size })
            );
        }
    }
}
