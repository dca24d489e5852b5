//! English stop words: the words so common that they tell one text from another badly.
//!
//! Source: the English list of Snowball, <https://snowballstem.org/algorithms/english/stop.txt>.

/// True when `word`, in lower case and with straight apostrophes, is an English stop word.
pub fn is_stop_word(word: &str) -> bool {
    let first = word.bytes().next().unwrap_or(0).wrapping_sub(b'a');
    let listed = STOP_WORDS.get(usize::from(first));
    listed.is_some_and(|list| is_listed(word, list))
}

/// True when `stem` is of a word that says how a question is asked instead of what about: "did we
/// talk about", "how many kinds of", "can you remind me". Such words are rare among memories and would
/// weigh more there than what is asked about. A question does without them; a memory keeps them.
///
/// Words that are names or things as well ("may", "will", "order", "list") are not among them.
pub fn is_asking_stem(stem: &str) -> bool {
    is_listed(stem, ASKING_STEMS)
}

fn is_listed(word: &str, list: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// One string: a slice apiece would cost more flash than the letters.
static ASKING_STEMS: &str = "also anyth ask can chat convers describ differ discuss ever explain \
    express just kind mani mention might much must remind said say shall someth sort specif summar \
    summari talk tell thing throughout told type various way";

/// In ascending order of their bytes, those of a first letter in one string: a slice apiece would cost more flash than the
/// letters.
#[rustfmt::skip]
static STOP_WORDS: [&str; 26] = [
    "a about above after again against all am an and any are aren't as at",
    "be because been before being below between both but by",
    "can't cannot could couldn't",
    "did didn't do does doesn't doing don't down during",
    "each",
    "few for from further",
    "",
    "had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself him \
     himself his how how's",
    "i i'd i'll i'm i've if in into is isn't it it's its itself",
    "",
    "",
    "let's",
    "me more most mustn't my myself",
    "no nor not",
    "of off on once only or other ought our ours ourselves out over own",
    "",
    "",
    "",
    "same shan't she she'd she'll she's should shouldn't so some such",
    "than that that's the their theirs them themselves then there there's these they they'd they'll \
     they're they've this those through to too",
    "under until up",
    "very",
    "was wasn't we we'd we'll we're we've were weren't what what's when when's where where's which \
     while who who's whom why why's with won't would wouldn't",
    "",
    "you you'd you'll you're you've your yours yourself yourselves",
    "",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn stop_words() -> impl Iterator<Item = &'static str> {
        let lists = STOP_WORDS.into_iter().filter(|list| !list.is_empty());
        lists.flat_map(|list| list.split(' '))
    }

    #[test]
    fn the_list_is_sorted_and_unique_and_every_word_is_found() {
        assert_eq!(stop_words().count(), 174);
        assert!(stop_words().is_sorted_by(|a, b| a < b));
        for word in stop_words() {
            assert!(is_stop_word(word), "{word}");
        }
    }

    #[test]
    fn every_word_is_lower_case_letters_and_straight_apostrophes() {
        for word in stop_words() {
            assert!(
                word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\''),
                "{word}"
            );
        }
    }

    #[test]
    fn pronouns_question_words_auxiliaries_and_contractions_are_stop_words() {
        for word in [
            "a",
            "the",
            "i",
            "you",
            "what",
            "how",
            "is",
            "did",
            "would",
            "don't",
            "i'm",
            "what's",
            "yourselves",
        ] {
            assert!(is_stop_word(word), "{word}");
        }
    }

    #[test]
    fn content_words_are_not() {
        for word in ["", "'", "boiler", "tuesday", "not a", "The", "zebra"] {
            assert!(!is_stop_word(word), "{word}");
        }
    }
}
