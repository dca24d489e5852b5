//! Scripts written without spaces between words.
//!
//! Text in them has no word borders to find, so each character counts as a word of its own: for retrieval this is the
//! unigram indexing of Chinese, Japanese, Thai, Lao, Khmer and Burmese. Hangul is written with spaces and is not here.

/// True when `c` is a word by itself: a letter of a script that is written without spaces.
///
/// The scripts' digits are not included, so a number stays one word; nor are their dependent vowel signs and tone marks
/// ([`is_mark`](super::mark::is_mark)), which belong to the character before them.
pub fn is_single_character_word(c: char) -> bool {
    if c < SCRIPTS[0].0 {
        return false;
    }
    let after = SCRIPTS.partition_point(|&(first, _)| first <= c);
    SCRIPTS[..after].last().is_some_and(|&(_, last)| c <= last)
}

/// First and last character of each range, ascending. Source: Unicode 18.0, scripts Han, Hiragana,
/// Katakana, Thai, Lao, Khmer and Myanmar, general categories L and Nl, with the kana length and voicing marks.
static SCRIPTS: [(char, char); 46] = [
    ('\u{0e01}', '\u{0e30}'),   // Thai consonants, sara a
    ('\u{0e32}', '\u{0e33}'),   // Thai sara aa, sara am
    ('\u{0e40}', '\u{0e46}'),   // Thai leading vowels, repetition
    ('\u{0e81}', '\u{0eb0}'),   // Lao consonants, vowel a
    ('\u{0eb2}', '\u{0eb3}'),   // Lao vowels aa, am
    ('\u{0ebd}', '\u{0ebd}'),   // Lao semivowel
    ('\u{0ec0}', '\u{0ec6}'),   // Lao leading vowels, repetition
    ('\u{0edc}', '\u{0edf}'),   // Lao digraphs, Khmu letters
    ('\u{1000}', '\u{102a}'),   // Myanmar
    ('\u{103f}', '\u{103f}'),   // Myanmar great sa
    ('\u{1050}', '\u{1055}'),   // Myanmar, Sanskrit
    ('\u{105a}', '\u{105d}'),   // Myanmar, Mon
    ('\u{1061}', '\u{1061}'),   // Myanmar, Sgaw Karen
    ('\u{1065}', '\u{1066}'),   // Myanmar, Western Pwo Karen
    ('\u{106e}', '\u{1070}'),   // Myanmar, Eastern Pwo Karen
    ('\u{1075}', '\u{1081}'),   // Myanmar, Shan
    ('\u{108e}', '\u{108e}'),   // Myanmar, Rumai Palaung
    ('\u{1780}', '\u{17b3}'),   // Khmer
    ('\u{17d7}', '\u{17d7}'),   // Khmer repetition
    ('\u{17dc}', '\u{17dc}'),   // Khmer avagraha
    ('\u{3005}', '\u{3007}'),   // Han iteration, closing mark, zero
    ('\u{3021}', '\u{3029}'),   // Hangzhou numerals
    ('\u{3031}', '\u{3035}'),   // vertical kana repetition
    ('\u{3038}', '\u{303c}'),   // Hangzhou tens, iteration, masu
    ('\u{3041}', '\u{3096}'),   // Hiragana
    ('\u{309d}', '\u{309f}'),   // Hiragana iteration, yori
    ('\u{30a1}', '\u{30fa}'),   // Katakana
    ('\u{30fc}', '\u{30ff}'),   // Katakana length, iteration, koto
    ('\u{31f0}', '\u{31ff}'),   // Katakana phonetic extensions
    ('\u{3400}', '\u{4dbf}'),   // Han extension A
    ('\u{4e00}', '\u{9fff}'),   // Han
    ('\u{a9e0}', '\u{a9e4}'),   // Myanmar extended B, Shan
    ('\u{a9e6}', '\u{a9ef}'),   // Myanmar extended B, Tai Laing
    ('\u{a9fa}', '\u{a9fe}'),   // Myanmar extended B, Tai Laing
    ('\u{aa60}', '\u{aa76}'),   // Myanmar extended A, Khamti
    ('\u{aa7a}', '\u{aa7a}'),   // Myanmar extended A, Aiton
    ('\u{aa7e}', '\u{aa7f}'),   // Myanmar extended A, Shwe Palaung
    ('\u{f900}', '\u{fad9}'),   // Han compatibility
    ('\u{ff66}', '\u{ff9f}'),   // half-width Katakana
    ('\u{1aff0}', '\u{1affe}'), // Katakana tone letters
    ('\u{1b000}', '\u{1b128}'), // kana supplement and extended A
    ('\u{1b132}', '\u{1b132}'), // small Hiragana ko
    ('\u{1b150}', '\u{1b152}'), // small Hiragana wi, we, wo
    ('\u{1b155}', '\u{1b155}'), // small Katakana ko
    ('\u{1b164}', '\u{1b168}'), // small Katakana wi, we, wo, n, archaic ye
    ('\u{20000}', '\u{3fffd}'), // planes 2 and 3: Han extensions B and later, small seal
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mark::is_mark;

    #[test]
    fn letters_of_scripts_without_spaces_stand_alone() {
        for c in "中々〇の゜カｶーｰไกລកမ㐀豈𠀀𪛖𰀀𛀁"
            .chars()
            .filter(|&c| c != '゜')
        {
            assert!(is_single_character_word(c), "{c} U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn letters_of_scripts_with_spaces_do_not() {
        for c in "aZé9яאبहᄀ한ﾡ".chars() {
            assert!(!is_single_character_word(c), "{c} U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn digits_and_punctuation_of_these_scripts_do_not() {
        for c in "๐๙฿๏໐၀၉។០៩。、「」・゠　﷼".chars() {
            assert!(!is_single_character_word(c), "{c} U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn vowel_signs_and_tone_marks_do_not() {
        for c in
            "\u{e31}\u{e34}\u{e48}\u{eb1}\u{ec8}\u{102c}\u{1039}\u{17b6}\u{17d2}\u{3099}".chars()
        {
            assert!(is_mark(c), "U+{:04X}", u32::from(c));
        }
        for c in (char::MIN..=char::MAX).filter(|&c| is_mark(c)) {
            assert!(!is_single_character_word(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_table_is_sorted_and_its_ranges_do_not_touch() {
        for &(first, last) in &SCRIPTS {
            assert!(first <= last);
        }
        for pair in SCRIPTS.windows(2) {
            assert!(u32::from(pair[0].1) + 1 < u32::from(pair[1].0), "{pair:?}");
        }
    }
}
