//! Cutting any text into words.

use memt_core::overlap::{Signature, asked_terms, matched_words, terms};
use memt_core::text::{CharClass, Words};
use memt_core::tokens::ngrams;
use memt_core::write::cut_to;
use memt_tests::{attack, oracle};
use proptest::prelude::*;

/// Strings in which every class of character is frequent.
fn mixed() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => "[a-zA-Z0-9]",
        2 => "['’ʼ＇ .,-]",
        2 => "[\u{300}-\u{36f}\u{200d}\u{fe0f}\u{e31}]",
        2 => "[漢字かカก€→😀👍🏽]",
        2 => "[İßΣǅﬁéжא한]",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(character, 0..80).prop_map(|parts| parts.concat())
}

/// Whether a character of this class may stand between two words.
fn separates(class: CharClass) -> bool {
    !matches!(class, CharClass::Run | CharClass::Single)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn words_cover_every_letter_in_order_once(text in mixed()) {
        let start = text.as_ptr() as usize;
        let mut covered = 0;
        for word in Words::of(&text) {
            let at = word.as_written().as_ptr() as usize - start;
            prop_assert!(at >= covered, "words lie one behind the other");
            let between = text[covered..at].chars();
            prop_assert!(between.map(CharClass::of).all(separates));
            covered = at + word.as_written().len();
            prop_assert!(text.is_char_boundary(covered));
            let first = word.as_written().chars().next().map(CharClass::of);
            prop_assert!(matches!(first, Some(CharClass::Run | CharClass::Single)));
        }
        prop_assert!(text[covered..].chars().map(CharClass::of).all(separates));
    }

    #[test]
    fn words_are_those_of_the_oracle(text in mixed()) {
        let words: Vec<String> = Words::of(&text).map(|word| word.characters().collect()).collect();
        prop_assert_eq!(words, oracle::words(&text));
    }

    #[test]
    fn words_do_not_depend_on_what_follows_a_space(a in mixed(), b in mixed()) {
        let joined = format!("{a} {b}");
        let count = |text| Words::of(text).count();
        prop_assert_eq!(count(&joined), count(&a) + count(&b));
    }

    #[test]
    fn no_text_breaks_the_rest(text in mixed(), capacity in 0..200usize) {
        attack::text(&text);
        let cut = cut_to(&text, capacity);
        prop_assert!(cut.len() <= capacity && text.starts_with(cut));
        prop_assert!(capacity >= text.len() || cut.len() + 4 > capacity, "cut too early");
        for word in Words::of(&text) {
            prop_assert!(ngrams(word).count() >= 1);
        }
        if let Ok(signature) = Signature::<80>::of(&text) {
            prop_assert_eq!(signature.as_terms().length() as usize, terms(&text).count());
            let matched = matched_words(&text, signature.as_terms()).count();
            prop_assert_eq!(matched, asked_terms(&text).count());
        }
    }
}
