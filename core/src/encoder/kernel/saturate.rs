//! Numbers brought to fewer bits, the same magnitude on both sides.

use super::Machine;
use super::loops::Loops;

/// To -127 to 127.
#[inline]
pub fn saturate8(value: i32) -> i8 {
    Machine::saturate8(value)
}

/// To -32767 to 32767.
#[inline]
pub fn saturate16(value: i32) -> i16 {
    Machine::saturate16(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_reach_as_far() {
        for value in [i32::MIN, -129, -128, -127, -1, 0, 126, 127, 128, i32::MAX] {
            assert_eq!(i32::from(saturate8(value)), value.clamp(-127, 127));
        }
        for value in [i32::MIN, -32769, -32768, -32767, 0, 32767, 32768, i32::MAX] {
            assert_eq!(i32::from(saturate16(value)), value.clamp(-32767, 32767));
        }
    }
}
