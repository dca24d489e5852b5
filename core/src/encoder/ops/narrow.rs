//! From the residual stream to what matrices read, where no norm lies between.

use super::saturate8;

/// Bits of the stream of convolutions that they do not read.
pub const CONV_BITS: u32 = 8;

/// `round(x / 2^bits)`, halves up, saturated at 127; `bits` is 1 to 15.
pub fn narrow(bits: u32, input: &[i16], output: &mut [i8]) {
    for (output, &input) in output.iter_mut().zip(input) {
        *output = saturate8((i32::from(input) + (1 << (bits - 1))) >> bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_and_saturates() {
        let mut output = [0; 7];
        narrow(4, &[7, 8, -8, -9, 2039, i16::MAX, i16::MIN], &mut output);
        assert_eq!(output, [0, 1, 0, -1, 127, 127, -127]);
        narrow(
            8,
            &[127, 128, -128, -129, 5000, i16::MAX, i16::MIN],
            &mut output,
        );
        assert_eq!(output, [0, 1, 0, -1, 20, 127, -127]);
    }
}
