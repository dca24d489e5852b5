//! Words whose stem no rule gives.

use super::MAX_STEM_BYTES;
use heapless::Vec;

/// Whole words and their stems, from `exception1` of the Snowball program.
static EXCEPTIONS: [(&[u8], &[u8]); 15] = [
    (b"andes", b"andes"),
    (b"atlas", b"atlas"),
    (b"bias", b"bias"),
    (b"cosmos", b"cosmos"),
    (b"early", b"earli"),
    (b"gently", b"gentl"),
    (b"howe", b"howe"),
    (b"idly", b"idl"),
    (b"news", b"news"),
    (b"only", b"onli"),
    (b"singly", b"singl"),
    (b"skies", b"sky"),
    (b"skis", b"ski"),
    (b"sky", b"sky"),
    (b"ugly", b"ugli"),
];

/// Puts the stem in the place of an exceptional word. Returns false when the word is not one.
#[inline]
pub(super) fn replace_whole_word(word: &mut Vec<u8, MAX_STEM_BYTES>) -> bool {
    let Some((form, stem)) = EXCEPTIONS.iter().find(|(form, _)| *form == word.as_slice()) else {
        return false;
    };
    word.truncate(stem.len());
    let changed = form.iter().zip(*stem).take_while(|(a, b)| a == b).count();
    word[changed..].copy_from_slice(&stem[changed..]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stem_is_longer_than_its_word() {
        for (form, stem) in EXCEPTIONS {
            assert!(stem.len() <= form.len());
        }
    }
}
