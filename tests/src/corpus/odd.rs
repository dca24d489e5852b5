//! Texts that break careless programs.

use crate::random::Random;

/// Empty, blank, endless, without words, full of marks.
pub(super) fn texts() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "\n",
        "\t \r\n",
        "\0",
        "\0\0\0",
        "\u{7f}\u{80}\u{9f}",
        "\u{feff}",
        "\u{feff}bom",
        "...",
        "?!?!",
        "--- --- ---",
        "“”",
        "。、",
        "'",
        "''''",
        "' '",
        "'tis",
        "dogs'",
        "a'b'c'd",
        "''a''",
        "’’",
        "\u{301}",
        "\u{301}\u{302}\u{303}",
        "a\u{301}\u{302}\u{303}\u{304}\u{305}",
        "\u{200d}",
        "\u{200d}\u{200d}a",
        "\u{fe0f}",
        "\u{20e3}",
        "\u{202e}desrever\u{202c}",
        "a",
        "A",
        "7",
        "é",
        "漢",
        "ก",
        "\u{e31}",
        "👍",
        "🏽",
        "\u{e000}",
        "\u{f8ff}x",
        "\u{fdd0}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{d7ff}\u{e000}",
        "a\0b",
        "bell\u{7}bell",
        "\u{1b}[31mred\u{1b}[0m",
        "tab\tseparated\tvalues",
        "line\r\nline",
        "x\u{ad}y",
        "<a>",
        "<<<>>>",
        "a<b>c",
        "{\"json\": true}",
        "SELECT * FROM slots;",
        "../../etc/passwd",
        "%s%n%x",
        "00000000",
        "0x1F",
        "3.14159",
        "1e400",
        "NaN",
        "-0",
        "İ",
        "ẞ",
        "ſ",
        "ﬀ",
        "ŉ",
        "ΐ",
        "K",
        "Å",
    ];
    let mut texts: Vec<String> = fixed.map(str::to_owned).to_vec();
    texts.extend(long());
    texts
}

fn long() -> Vec<String> {
    let paragraph =
        "The boiler valve was replaced on Tuesday, and the kitchen was cold until noon. ";
    let numbers: String = (0..900).map(|number| format!("{number} ")).collect();
    vec![
        paragraph.repeat(10_000_usize.div_ceil(paragraph.len())),
        numbers,
        "x".repeat(5_000),
        "pneumonoultramicroscopic".repeat(209),
        "漢字仮名".repeat(300),
        "echo ".repeat(600),
        "é\u{301}".repeat(700),
        "👩‍👩‍👧‍👦".repeat(80),
        "\u{301}".repeat(1_000),
        " ".repeat(3_000),
        "it's'".repeat(300),
    ]
}

/// `count` texts of random code points, from ever wider ranges.
pub(super) fn random_texts(random: &mut Random, count: usize) -> Vec<String> {
    const ENDS: [usize; 5] = [0x80, 0x250, 0x3100, 0x1_0000, 0x11_0000];
    (0..count)
        .map(|index| {
            let end = ENDS[index % ENDS.len()];
            let length = random.below(60);
            (0..length).map(|_| code_point(random, end)).collect()
        })
        .collect()
}

fn code_point(random: &mut Random, end: usize) -> char {
    loop {
        let code = random.below(end) as u32;
        if let Some(character) = char::from_u32(code) {
            return character;
        }
    }
}
