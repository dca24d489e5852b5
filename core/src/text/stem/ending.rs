//! Step 5: the last letter.

use super::word::{Word, ends_in_short_syllable};

/// Removes a final `e` in R2, or in R1 when no short syllable stands before it; and the second of two final `l` in R2.
#[inline]
pub(super) fn remove_final_letter(word: &mut Word<'_>) {
    let silent_e = word.ends_with(b"e")
        && (word.in_region2(1) || (word.in_region1(1) && !ends_in_short_syllable(word.before(1))));
    let double_l = word.ends_with(b"ll") && word.in_region2(1);
    if silent_e || double_l {
        word.remove(1);
    }
}
