//! Steps 1a, 1b and 1c: possessives, plurals, past tenses and gerunds, final `y`.

use super::word::{Word, has_vowel, is_vowel};

/// Doubled consonants that lose one letter when the ending behind them goes: "hopped", "hop".
static DOUBLES: [&[u8]; 9] = [
    b"bb", b"dd", b"ff", b"gg", b"mm", b"nn", b"pp", b"rr", b"tt",
];

/// What stands in front of `ing` in whole words that are no gerunds: "evening", "outing".
static NOT_GERUNDS: [&[u8]; 6] = [b"cann", b"earr", b"even", b"herr", b"inn", b"out"];

/// What stands in front of `eed` in whole words that keep it: "proceed".
static KEEP_EED: [&[u8]; 3] = [b"exc", b"proc", b"succ"];

/// Step 1a: possessives, and the plurals in `sses`, `ies` and `s`.
#[inline]
pub(super) fn remove_plural(word: &mut Word<'_>) {
    remove_possessive(word);
    let length = word.letters().len();
    if word.ends_with(b"sses") {
        word.remove(2);
    } else if word.ends_with(b"ied") || word.ends_with(b"ies") {
        word.remove(if length > 4 { 2 } else { 1 });
    } else if is_plural(word.letters()) {
        word.remove(1);
    }
}

#[inline]
fn remove_possessive(word: &mut Word<'_>) {
    let endings: [&[u8]; 3] = [b"'s'", b"'s", b"'"];
    if let Some(ending) = endings.iter().find(|ending| word.ends_with(ending)) {
        word.remove(ending.len());
    }
}

/// True for an `s` that is not part of `us` or `ss` and has a vowel somewhere before the letter in front of it.
#[inline]
fn is_plural(letters: &[u8]) -> bool {
    match letters {
        [.., b'u' | b's', b's'] => false,
        [stem @ .., _, b's'] => has_vowel(stem),
        _ => false,
    }
}

/// Step 1b: `eed`, `ed`, `ing`, each also with `ly`, and the repair of the stem they leave.
#[inline]
pub(super) fn remove_past_and_gerund(word: &mut Word<'_>) {
    if let Some(suffix) = longest(word, [b"eedly", b"eed"]) {
        let kept = KEEP_EED.contains(&word.before(suffix));
        if word.in_region1(suffix) && !kept {
            word.replace(suffix, b"ee");
        }
    } else if let Some(suffix) = longest(word, [b"ingly", b"edly", b"ing", b"ed"])
        && !replace_exceptional_gerund(word)
        && has_vowel(word.before(suffix))
    {
        word.remove(suffix);
        repair_stem(word);
    }
}

/// Length of the first of `suffixes` that the word ends in. They are ordered so that the first is the longest.
#[inline]
fn longest<const N: usize>(word: &Word<'_>, suffixes: [&[u8]; N]) -> Option<usize> {
    let found = suffixes.into_iter().find(|suffix| word.ends_with(suffix))?;
    Some(found.len())
}

/// "dying" gives "die"; "evening" stays. Returns false when the word is not such a case.
#[inline]
fn replace_exceptional_gerund(word: &mut Word<'_>) -> bool {
    let [front @ .., b'i', b'n', b'g'] = word.letters() else {
        return false;
    };
    match *front {
        [consonant, b'y'] if !is_vowel(consonant) => {
            word.replace(b"ying".len(), b"ie");
            true
        }
        _ => NOT_GERUNDS.contains(&front),
    }
}

/// Gives the stem back the `e` that the ending took, or takes the letter that it doubled.
#[inline]
fn repair_stem(word: &mut Word<'_>) {
    let endings: [&[u8]; 3] = [b"at", b"bl", b"iz"];
    let doubled = DOUBLES.iter().any(|double| word.ends_with(double));
    if doubled {
        if !matches!(word.before(2), [b'a' | b'e' | b'o']) {
            word.remove(1);
        }
    } else if endings.iter().any(|ending| word.ends_with(ending)) || word.is_short() {
        word.append(b'e');
    }
}

/// Step 1c: a final `y` behind a consonant that is not the first letter becomes `i`.
#[inline]
pub(super) fn replace_final_y(word: &mut Word<'_>) {
    if let [_, .., consonant, b'y' | b'Y'] = *word.letters()
        && !is_vowel(consonant)
    {
        word.replace(1, b"i");
    }
}
