//! Texts in many scripts, composed and decomposed, with emoji between them.

use crate::random::Random;

const PIECES: &[&str] = &[
    "Zürich",
    "Zu\u{308}rich",
    "café",
    "cafe\u{301}",
    "naïve",
    "nai\u{308}ve",
    "Ångström",
    "A\u{30a}ngstro\u{308}m",
    "smörgåsbord",
    "żółć",
    "ŁÓDŹ",
    "İstanbul",
    "ISTANBUL",
    "ıssız",
    "straße",
    "STRASSE",
    "ﬁnal",
    "ǅungla",
    "Việt Nam",
    "Vie\u{323}\u{302}t",
    "ΑΘΗΝΑ",
    "Ὀδυσσεύς",
    "σίγμας",
    "ΣΑΣ",
    "Москва",
    "ёлка",
    "е\u{308}лка",
    "Київ",
    "Հայաստան",
    "საქართველო",
    "我今天在厨房换了阀门",
    "東京タワー",
    "ラーメンを食べた",
    "コーヒーが好き",
    "ﾊﾝｶｸ",
    "が",
    "か\u{3099}",
    "안녕하세요",
    "보일러",
    "\u{1100}\u{1161}\u{11a8}",
    "สวัสดีครับ",
    "ห้องครัว",
    "ພາສາລາວ",
    "ភាសាខ្មែរ",
    "မြန်မာ",
    "مرحبا بالعالم",
    "مَرْحَبًا",
    "الغلاية ٢٣",
    "שלום עולם",
    "שָׁלוֹם",
    "नमस्ते दुनिया",
    "क्षत्रिय",
    "हिन्दी १२३",
    "বাংলা",
    "தமிழ்",
    "తెలుగు",
    "ಕನ್ನಡ",
    "മലയാളം",
    "සිංහල",
    "አማርኛ",
    "ᏣᎳᎩ",
    "𝒎𝒂𝒕𝒉",
    "𐐔𐐯𐑅𐐨𐑉𐐯𐐻",
    "Ⅷ",
    "①②③",
    "½ kg",
    "x²",
    "H₂O",
    "€640",
    "₹500",
    "20 °C",
    "→",
    "∑",
    "©",
    "😀",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪🇫🇷",
    "❤️",
    "1️⃣",
    "🧑🏿‍🚀",
    "don’t",
    "l’été",
    "ʼn",
    "O＇Neil",
    "ＡＢＣ",
    "boiler",
    "the",
    "Tuesday",
    "coffee",
];

const JOINTS: &[&str] = &[
    " ", " ", " ", "", "\u{3000}", "\u{a0}", "、", "。", "، ", " — ", "\n", "\u{200d}", "\u{200b}",
];

/// Each piece alone, then `count` mixtures of 2 to 12 pieces.
pub(super) fn texts(random: &mut Random, count: usize) -> Vec<String> {
    let alone = PIECES.iter().map(|&piece| piece.to_owned());
    let mixtures = (0..count).map(|_| mixture(random));
    alone.chain(mixtures.collect::<Vec<_>>()).collect()
}

fn mixture(random: &mut Random) -> String {
    let mut text = random.choose(PIECES).to_owned();
    for _ in 0..1 + random.below(11) {
        text.push_str(random.choose(JOINTS));
        text.push_str(random.choose(PIECES));
    }
    text
}
