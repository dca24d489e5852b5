//! The integer encoder written again from its definition: strings and wide integers, no streaming.

use memt_core::encoder::Image;
use memt_core::encoder::config::FrontEnd;
use memt_core::encoder::tensor::{TensorFormat, TensorName};
use memt_core::text::CharClass;
use std::collections::HashMap;

use crate::conv_oracle::ConvOracle;
use crate::transformer_oracle::TransformerOracle;

/// A model with every number taken out of its image.
#[derive(Clone, Debug)]
pub struct Oracle {
    window: usize,
    front: FrontOracle,
    rows: Vec<Vec<i128>>,
    body: BodyOracle,
}

#[derive(Clone, Debug)]
enum FrontOracle {
    Words {
        bucket_bits: u32,
        words: usize,
        row_by_fingerprint: HashMap<u32, usize>,
    },
    Characters {
        row_by_character: HashMap<u32, usize>,
    },
}

#[derive(Clone, Debug)]
enum BodyOracle {
    Bag {
        projection: Vec<Vec<i128>>,
        scales: Vec<i128>,
    },
    Transformer(Box<TransformerOracle>),
    Conv(Box<ConvOracle>),
}

impl Oracle {
    /// Reads an integer image.
    pub fn of(image: &Image<'_>) -> Self {
        Self {
            window: image.config().window(),
            front: FrontOracle::of(image),
            rows: rows(image),
            body: BodyOracle::of(image),
        }
    }

    /// The 128 bytes of a text.
    pub fn encode(&self, text: &str) -> [i8; 128] {
        let words = self.front.tokens(text);
        let windows: Vec<&[String]> = words.chunks(self.window).collect();
        let encoded = windows.len().min(64);
        let mut pooled = vec![0i128; 128];
        for index in 0..encoded {
            let window = windows[index * windows.len() / encoded];
            for (sum, component) in pooled.iter_mut().zip(self.encode_window(window)) {
                *sum += component * window.len() as i128;
            }
        }
        let bytes = quantised(&pooled);
        std::array::from_fn(|index| i8::try_from(bytes[index]).expect("at most 127"))
    }

    fn encode_window(&self, words: &[String]) -> Vec<i128> {
        let vectors: Vec<Vec<i128>> = words.iter().map(|word| self.vector_of(word)).collect();
        quantised(&match &self.body {
            BodyOracle::Bag { projection, scales } => {
                let columns = 0..self.rows[0].len();
                let sum = |column: usize| vectors.iter().map(|vector| vector[column]).sum();
                let sums: Vec<i128> = columns.map(sum).collect();
                projected(projection, scales, &fifteen_bits(&sums))
            }
            BodyOracle::Transformer(transformer) => transformer.outputs(&vectors),
            BodyOracle::Conv(conv) => conv.outputs(&vectors),
        })
    }

    fn vector_of(&self, word: &str) -> Vec<i128> {
        let (bucket_bits, words, row_by_fingerprint) = match &self.front {
            FrontOracle::Words {
                bucket_bits,
                words,
                row_by_fingerprint,
            } => (*bucket_bits, *words, row_by_fingerprint),
            FrontOracle::Characters { row_by_character } => {
                return self.rows[row_of_character(row_by_character, word)].clone();
            }
        };
        let fingerprint = hash(word) >> (16 - bucket_bits);
        if let Some(&row) = row_by_fingerprint.get(&fingerprint) {
            return self.rows[row].clone();
        }
        let spellings = ngrams(word);
        let shared_rows = (self.rows.len() - words) as u64;
        let mut sums = vec![0i128; self.rows[0].len()];
        for spelling in &spellings {
            let row = words + ((u64::from(hash(spelling)) * shared_rows) >> 32) as usize;
            for (sum, value) in sums.iter_mut().zip(&self.rows[row]) {
                *sum += value;
            }
        }
        let count = spellings.len() as i128;
        let reciprocal = ((1 << 24) + count / 2) / count;
        sums.iter()
            .map(|sum| divide_half_up(sum * reciprocal, 1 << 24))
            .collect()
    }
}

impl FrontOracle {
    fn of(image: &Image<'_>) -> Self {
        let front = match image.config().front {
            FrontEnd::Words(front) => front,
            _ => {
                let table = image.tensor(TensorName::Characters, 0);
                let table = table.expect("the image has characters");
                let characters = table.bytes.chunks(4).enumerate();
                let row_by_character = characters
                    .map(|(row, bytes)| {
                        let character = bytes.try_into().expect("four bytes");
                        (u32::from_le_bytes(character), row)
                    })
                    .collect();
                return Self::Characters { row_by_character };
            }
        };
        let starts = u16_numbers(image, TensorName::VocabularyStarts);
        let remainders = u16_numbers(image, TensorName::VocabularyRemainders);
        let mut row_by_fingerprint = HashMap::new();
        for (bucket, ends) in starts.windows(2).enumerate() {
            for row in ends[0]..ends[1] {
                let fingerprint = ((bucket as u32) << 16) | remainders[row as usize] as u32;
                row_by_fingerprint
                    .entry(fingerprint)
                    .or_insert(row as usize);
            }
        }
        Self::Words {
            bucket_bits: front.bucket_bits.into(),
            words: front.words as usize,
            row_by_fingerprint,
        }
    }

    fn tokens(&self, text: &str) -> Vec<String> {
        match self {
            Self::Words { .. } => words(text),
            Self::Characters { .. } => characters(text),
        }
    }
}

/// Printable characters, with one space for white space within.
fn characters(text: &str) -> Vec<String> {
    let spaced = text.split_whitespace().map(|run| {
        let printable = run.chars().filter(|c| !c.is_control());
        printable.map(String::from).collect::<Vec<_>>()
    });
    let runs: Vec<Vec<String>> = spaced.filter(|run| !run.is_empty()).collect();
    runs.join(&" ".to_owned())
}

/// The row of a character, of its first lower-case one, or the last.
fn row_of_character(rows: &HashMap<u32, usize>, character: &str) -> usize {
    let own = character.chars().next();
    let lower = own.and_then(|character| character.to_lowercase().next());
    let found = [own, lower].into_iter().flatten();
    let mut found = found.filter_map(|character| rows.get(&u32::from(character)));
    *found.next().unwrap_or(&rows.len())
}

impl BodyOracle {
    fn of(image: &Image<'_>) -> Self {
        if let Some(transformer) = TransformerOracle::of(image) {
            return Self::Transformer(Box::new(transformer));
        }
        if let Some(conv) = ConvOracle::of(image) {
            return Self::Conv(Box::new(conv));
        }
        Self::Bag {
            projection: matrix(image, TensorName::Projection),
            scales: u16_numbers(image, TensorName::ProjectionScales),
        }
    }
}

fn projected(projection: &[Vec<i128>], scales: &[i128], activations: &[i128]) -> Vec<i128> {
    let rows = projection.iter().zip(scales);
    rows.map(|(row, scale)| {
        let dot: i128 = row.iter().zip(activations).map(|(a, b)| a * b).sum();
        divide_half_up(dot * scale, 1 << 16)
    })
    .collect()
}

/// Lower-cased words, by looking at every character and its neighbours.
pub fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let classes: Vec<CharClass> = characters.iter().map(|&c| CharClass::of(c)).collect();
    let mut words: Vec<String> = Vec::new();
    // The class that opened the word that the next character may continue.
    let mut open: Option<CharClass> = None;
    for (at, (&character, &class)) in characters.iter().zip(&classes).enumerate() {
        let run_follows = classes.get(at + 1) == Some(&CharClass::Run);
        let continues = match class {
            CharClass::Mark => open.is_some(),
            CharClass::Run => open == Some(CharClass::Run),
            CharClass::Apostrophe => open == Some(CharClass::Run) && run_follows,
            CharClass::Single | CharClass::Separator => false,
        };
        let begins = matches!(class, CharClass::Run | CharClass::Single) && !continues;
        if begins {
            words.push(String::new());
            open = Some(class);
        } else if !continues {
            open = None;
            continue;
        }
        let word = words.last_mut().expect("a word is open");
        match class {
            CharClass::Apostrophe => word.push('\''),
            _ => word.extend(character.to_lowercase()),
        }
    }
    words
}

/// The 3-, 4- and 5-grams of `<word>`, the word cut after 1,024 characters.
fn ngrams(word: &str) -> Vec<String> {
    let mut marked = vec!['<'];
    marked.extend(word.chars().take(1024));
    marked.push('>');
    (3..=5)
        .flat_map(|length| marked.windows(length).map(|gram| gram.iter().collect()))
        .collect()
}

fn hash(text: &str) -> u32 {
    let mut hash = text.chars().fold(0x811c_9dc5_u32, |hash, character| {
        (hash ^ u32::from(character)).wrapping_mul(0x0100_0193)
    });
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

fn largest(numbers: &[i128]) -> i128 {
    numbers.iter().map(|number| number.abs()).max().unwrap_or(0)
}

fn bits(number: i128) -> u32 {
    128 - number.leading_zeros()
}

/// `floor(number / divisor + 1/2)`
pub(crate) fn divide_half_up(number: i128, divisor: i128) -> i128 {
    (2 * number + divisor).div_euclid(2 * divisor)
}

pub(crate) fn fifteen_bits(sums: &[i128]) -> Vec<i128> {
    let bits = bits(largest(sums));
    sums.iter()
        .map(|&sum| {
            if bits > 15 {
                divide_half_up(sum, 1 << (bits - 15)).clamp(-32767, 32767)
            } else {
                sum << (15 - bits)
            }
        })
        .collect()
}

/// `round_half_even(127 x / max|x|)` after a division that leaves 23 bits.
fn quantised(sums: &[i128]) -> Vec<i128> {
    let divisor = 1 << bits(largest(sums)).saturating_sub(23);
    let largest = divide_half_up(largest(sums), divisor);
    if largest == 0 {
        return vec![0; sums.len()];
    }
    sums.iter()
        .map(|&sum| {
            let reduced = divide_half_up(sum, divisor);
            half_even(127 * reduced.abs(), largest) * reduced.signum()
        })
        .collect()
}

fn half_even(numerator: i128, denominator: i128) -> i128 {
    let floor = numerator / denominator;
    match (2 * (numerator % denominator)).cmp(&denominator) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal => floor + floor % 2,
        std::cmp::Ordering::Greater => floor + 1,
    }
}

/// Integers times scales, and second rows added.
fn rows(image: &Image<'_>) -> Vec<Vec<i128>> {
    let scaled = |values, scales| -> Vec<Vec<i128>> {
        let scaled = |(row, scale): (Vec<i128>, i128)| row.iter().map(|v| v * scale).collect();
        let rows = matrix(image, values).into_iter();
        rows.zip(u16_numbers(image, scales)).map(scaled).collect()
    };
    let mut rows = scaled(TensorName::Rows, TensorName::RowScales);
    if image.tensor(TensorName::FineRows, 0).is_ok() {
        let places = u16_numbers(image, TensorName::FinePlaces);
        let fine = scaled(TensorName::FineRows, TensorName::FineScales);
        for (place, fine) in places.into_iter().zip(fine) {
            let row = rows[place as usize].iter_mut();
            row.zip(fine).for_each(|(value, fine)| *value += fine);
        }
    }
    rows
}

fn u16_numbers(image: &Image<'_>, name: TensorName) -> Vec<i128> {
    let tensor = image.tensor(name, 0).expect("the image has this tensor");
    assert_eq!(tensor.entry.format, TensorFormat::U16);
    tensor
        .bytes
        .chunks(2)
        .map(|pair| i128::from(pair[0]) + 256 * i128::from(pair[1]))
        .collect()
}

fn matrix(image: &Image<'_>, name: TensorName) -> Vec<Vec<i128>> {
    let tensor = image.tensor(name, 0).expect("the image has this tensor");
    let columns = tensor.entry.columns as usize;
    let row_bytes = match tensor.entry.format {
        TensorFormat::I2 => columns.div_ceil(4),
        TensorFormat::I4 => columns.div_ceil(2),
        TensorFormat::I8 => columns,
        other => panic!("the oracle reads integers, not {other:?}"),
    };
    let number = |row: &[u8], column: usize| match tensor.entry.format {
        TensorFormat::I2 => {
            let quarter = [1, 4, 16, 64][column / row_bytes];
            2 * i128::from(row[column % row_bytes] / quarter % 4) - 3
        }
        TensorFormat::I4 if column < row_bytes => i128::from(row[column] % 16) - 8,
        TensorFormat::I4 => i128::from(row[column - row_bytes] / 16) - 8,
        _ => i128::from(row[column] as i8),
    };
    tensor
        .bytes
        .chunks(row_bytes)
        .map(|row| (0..columns).map(|column| number(row, column)).collect())
        .collect()
}
