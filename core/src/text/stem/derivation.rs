//! Steps 2, 3 and 4: the suffixes that make a word from another word.

use super::word::Word;

/// What must hold in front of a suffix, beside its region, for its rule to apply.
#[derive(Clone, Copy)]
enum Condition {
    Always,
    /// The suffix lies in R2 too.
    Region2,
    /// The letter before is `l`.
    AfterL,
    /// The letter before is `s` or `t`.
    AfterST,
    /// The letter before may stand in front of `li`.
    AfterLiLetter,
}

impl Condition {
    #[inline]
    fn holds(self, word: &Word<'_>, suffix: usize) -> bool {
        let before = word.before(suffix).last().copied();
        match self {
            Self::Always => true,
            Self::Region2 => word.in_region2(suffix),
            Self::AfterL => before == Some(b'l'),
            Self::AfterST => matches!(before, Some(b's' | b't')),
            Self::AfterLiLetter => before.is_some_and(|letter| b"cdeghkmnrt".contains(&letter)),
        }
    }
}

/// A suffix, what replaces it, and when.
struct Rule(&'static [u8], &'static [u8], Condition);

use Condition::{AfterL, AfterLiLetter, AfterST, Always, Region2};

/// Step 2, in R1. Of two rules that match, the longer one stands first, here and below.
static LONG_SUFFIXES: [Rule; 25] = [
    Rule(b"ational", b"ate", Always),
    Rule(b"ization", b"ize", Always),
    Rule(b"fulness", b"ful", Always),
    Rule(b"iveness", b"ive", Always),
    Rule(b"ousness", b"ous", Always),
    Rule(b"tional", b"tion", Always),
    Rule(b"biliti", b"ble", Always),
    Rule(b"lessli", b"less", Always),
    Rule(b"alism", b"al", Always),
    Rule(b"aliti", b"al", Always),
    Rule(b"ation", b"ate", Always),
    Rule(b"entli", b"ent", Always),
    Rule(b"fulli", b"ful", Always),
    Rule(b"iviti", b"ive", Always),
    Rule(b"ogist", b"og", Always),
    Rule(b"ousli", b"ous", Always),
    Rule(b"abli", b"able", Always),
    Rule(b"alli", b"al", Always),
    Rule(b"anci", b"ance", Always),
    Rule(b"ator", b"ate", Always),
    Rule(b"enci", b"ence", Always),
    Rule(b"izer", b"ize", Always),
    Rule(b"bli", b"ble", Always),
    Rule(b"ogi", b"og", AfterL),
    Rule(b"li", b"", AfterLiLetter),
];

/// Step 3, in R1.
static ADJECTIVE_SUFFIXES: [Rule; 9] = [
    Rule(b"ational", b"ate", Always),
    Rule(b"tional", b"tion", Always),
    Rule(b"alize", b"al", Always),
    Rule(b"ative", b"", Region2),
    Rule(b"icate", b"ic", Always),
    Rule(b"iciti", b"ic", Always),
    Rule(b"ical", b"ic", Always),
    Rule(b"ness", b"", Always),
    Rule(b"ful", b"", Always),
];

/// Step 4, in R2.
static RESIDUAL_SUFFIXES: [Rule; 18] = [
    Rule(b"ement", b"", Always),
    Rule(b"able", b"", Always),
    Rule(b"ance", b"", Always),
    Rule(b"ence", b"", Always),
    Rule(b"ible", b"", Always),
    Rule(b"ment", b"", Always),
    Rule(b"ant", b"", Always),
    Rule(b"ate", b"", Always),
    Rule(b"ent", b"", Always),
    Rule(b"ion", b"", AfterST),
    Rule(b"ism", b"", Always),
    Rule(b"iti", b"", Always),
    Rule(b"ive", b"", Always),
    Rule(b"ize", b"", Always),
    Rule(b"ous", b"", Always),
    Rule(b"al", b"", Always),
    Rule(b"er", b"", Always),
    Rule(b"ic", b"", Always),
];

/// Step 2: a long suffix becomes a shorter one: "hesitanci" gives "hesitance".
#[inline]
pub(super) fn replace_long_suffix(word: &mut Word<'_>) {
    apply(&LONG_SUFFIXES, word, Word::in_region1);
}

/// Step 3: "formaliti" has become "formal", "electrical" becomes "electric", "hopeful" becomes "hope".
#[inline]
pub(super) fn replace_adjective_suffix(word: &mut Word<'_>) {
    apply(&ADJECTIVE_SUFFIXES, word, Word::in_region1);
}

/// Step 4: what is left of a suffix goes: "replacement" gives "replac".
#[inline]
pub(super) fn remove_residual_suffix(word: &mut Word<'_>) {
    apply(&RESIDUAL_SUFFIXES, word, Word::in_region2);
}

/// Applies the rule of the longest suffix that matches, or none when that one is outside its region.
#[inline]
fn apply<'a>(rules: &[Rule], word: &mut Word<'a>, in_region: fn(&Word<'a>, usize) -> bool) {
    let Some(Rule(suffix, replacement, condition)) =
        rules.iter().find(|Rule(suffix, ..)| word.ends_with(suffix))
    else {
        return;
    };
    if in_region(word, suffix.len()) && condition.holds(word, suffix.len()) {
        word.replace(suffix.len(), replacement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_hides_a_longer_one_and_none_makes_a_word_longer() {
        for rules in [
            LONG_SUFFIXES.as_slice(),
            &ADJECTIVE_SUFFIXES,
            &RESIDUAL_SUFFIXES,
        ] {
            for (place, Rule(suffix, replacement, _)) in rules.iter().enumerate() {
                assert!(replacement.len() <= suffix.len());
                for Rule(later, ..) in &rules[place + 1..] {
                    assert!(!later.ends_with(suffix));
                }
            }
        }
    }
}
