//! Model images that were cut, flipped or forged.

use memt_core::encoder::config::{
    Activation, Body, Config, FrontEnd, MAX_LAYERS, MAX_NORM_BITS, Pooling, TransformerConfig,
    WordsConfig,
};
use memt_core::encoder::image::{HEADER_BYTES, MAGIC, TensorSource, write};
use memt_core::encoder::tensor::{TensorEntry, TensorFormat, TensorName};
use memt_core::encoder::{Encoder, EncoderError, Image, ImageError};
use memt_tests::aligned::AlignedBytes;
use memt_tests::attack;
use memt_tests::checksum::crc32;
use memt_tests::corpus::WORDS;
use memt_tests::fine;
use memt_tests::image_parts::{OwnedTensor, assemble};
use memt_tests::models;
use memt_tests::random::Random;
use memt_tests::tiny_model::TinyModel;
use memt_tests::vocabulary;

/// The golden image with parts of it written over and the checksum made right again.
fn forged(changes: &[(usize, &[u8])]) -> AlignedBytes {
    let mut image = models::golden();
    for (at, bytes) in changes {
        image.as_mut()[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    let bytes = image.as_ref();
    let crc = crc32([&bytes[..20], &bytes[24..]]);
    image.as_mut()[20..24].copy_from_slice(&crc.to_le_bytes());
    image
}

fn open(image: &AlignedBytes) -> Result<(), EncoderError> {
    Encoder::new(Image::open(image.as_ref())?).map(|_| ())
}

fn refusal(changes: &[(usize, &[u8])]) -> ImageError {
    let image = forged(changes);
    attack::image(image.as_ref());
    match open(&image) {
        Err(EncoderError::Image(error)) => error,
        other => panic!("{changes:?} gave {other:?}"),
    }
}

#[test]
fn cut_anywhere() {
    let image = models::golden();
    let bytes = image.as_ref();
    for length in 0..bytes.len() {
        let cut = AlignedBytes::of(&bytes[..length]);
        assert!(open(&cut).is_err(), "{length} of {} bytes", bytes.len());
        attack::image(&bytes[..length]);
    }
    let longer = AlignedBytes::of(&[bytes, &[0xff; 40]].concat());
    assert_eq!(
        open(&longer),
        Ok(()),
        "flash behind the image is none of its business"
    );
}

#[test]
fn every_bit_flipped() {
    let image = models::golden();
    let mut usable = 0;
    for bit in 0..8 * image.as_ref().len() {
        let mut flipped = image.clone();
        flipped.as_mut()[bit / 8] ^= 1 << (bit % 8);
        assert!(Image::open(flipped.as_ref()).is_err(), "bit {bit}");
        usable += usize::from(attack::image(flipped.as_ref()));
    }
    assert!(
        usable > 0,
        "most bits are numbers, which a trusting board cannot check"
    );
}

#[test]
fn random_bits_of_trained_images_flipped() {
    for name in models::TRAINED {
        flip_random_bits(models::trained(name));
    }
}

fn flip_random_bits(mut image: AlignedBytes) {
    let mut random = Random::new(11);
    let bits = 8 * image.as_ref().len();
    for round in 0..60 {
        // The first bytes decide most, so half of the flips go there.
        let bit = random.below(if round % 2 == 0 { 8 * 256 } else { bits });
        image.as_mut()[bit / 8] ^= 1 << (bit % 8);
        assert!(Image::open(image.as_ref()).is_err(), "bit {bit}");
        attack::image(image.as_ref());
        image.as_mut()[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(open(&image), Ok(()));
}

#[test]
fn random_bytes_behind_a_right_start() {
    let golden = models::golden();
    let mut random = Random::new(12);
    for _ in 0..3_000 {
        let mut image = golden.clone();
        for _ in 0..1 + random.below(6) {
            let at = HEADER_BYTES - 24 + random.below(160);
            image.as_mut()[at] = [0, 1, 0x7f, 0x80, 0xff, random.bits() as u8][random.below(6)];
        }
        attack::image(image.as_ref());
    }
}

#[test]
fn misaligned() {
    let golden = models::golden();
    for shift in 1..16 {
        let shifted = AlignedBytes::of(&[&vec![0; shift], golden.as_ref()].concat());
        let error = Image::open(&shifted.as_ref()[shift..]).err();
        assert_eq!(error, Some(ImageError::Misaligned), "{shift} bytes off");
    }
}

#[test]
fn forged_headers() {
    let most = &u32::MAX.to_le_bytes();
    assert_eq!(refusal(&[(0, b"PK")]), ImageError::Magic);
    assert_eq!(refusal(&[(8, &[2, 0])]), ImageError::Version(2));
    assert!(
        matches!(refusal(&[(16, most)]), ImageError::Truncated { needed, .. } if needed == u32::MAX as usize)
    );
    assert!(matches!(
        refusal(&[(12, most)]),
        ImageError::Truncated { .. }
    ));
    assert_eq!(refusal(&[(10, &[0xff, 0xff])]), ImageError::Config);
    assert_eq!(refusal(&[(12, &[0, 0, 0, 0])]), ImageError::Config);
    assert!(matches!(
        refusal(&[(10, &[0, 0])]),
        ImageError::TensorShape(_)
    ));
    assert_eq!(
        refusal(&[(HEADER_BYTES, &[9])]),
        ImageError::Config,
        "an unknown front end"
    );
    assert_eq!(open(&forged(&[])), Ok(()), "the forger's checksum is right");
}

#[test]
fn zeros_and_noise() {
    let mut random = Random::new(13);
    for length in 0..400 {
        assert!(!attack::image(&vec![0; length]));
        assert!(!attack::image(&vec![0xff; length]));
        let noise: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        assert!(!attack::image(&noise));
        assert!(!attack::image(&[&MAGIC[..], &[1, 0], &noise[..]].concat()));
    }
}

fn config(words: u32, ngrams: u32, row_width: u16, window: u16, bucket_bits: u8) -> Config {
    Config {
        front: FrontEnd::Words(WordsConfig {
            words,
            ngrams,
            row_width,
            bucket_bits,
            window,
        }),
        body: Body::Bag,
    }
}

#[test]
fn impossible_sizes_are_not_written() {
    let mut out = vec![0; 4096];
    for config in [
        config(1, 0, 8, 8, 2),
        config(1, 1, 0, 8, 2),
        config(1, 1, 257, 8, 2),
        config(1, 1, 8, 0, 2),
        config(1, 1, 8, 1025, 2),
        config(u32::MAX, 1, 8, 8, 2),
    ] {
        let error = write(&config, &[], &mut out).unwrap_err();
        assert!(matches!(error, ImageError::Limits(_)), "{config:?} {error}");
    }
    for room in 0..200 {
        let error = write(
            &config(1, 1, 8, 8, 2),
            &[source(u32::MAX, u32::MAX, &[])],
            &mut out[..room],
        );
        assert!(error.is_err());
    }
    let small = write(
        &config(1, 1, 8, 8, 2),
        &[source(4096, 1, &[0; 4096])],
        &mut out,
    );
    assert!(matches!(small, Err(ImageError::TooLarge { needed }) if needed > 4096));
}

/// A transformer over rows of 32 numbers and a window of 8, but for one size.
fn transformer(change: impl FnOnce(&mut TransformerConfig)) -> Config {
    let mut body = TransformerConfig {
        width: 64,
        layers: 2,
        heads: 4,
        hidden: 96,
        activation: Activation::Relu,
        positions: false,
        pooling: Pooling::MeanMax,
        bag: true,
        norm_bits: MAX_NORM_BITS,
    };
    change(&mut body);
    Config {
        body: Body::Transformer(body),
        ..config(1, 1, 32, 8, 2)
    }
}

#[test]
fn impossible_transformers_are_not_written() {
    let mut out = vec![0; 4096];
    write(&transformer(|_| ()), &[], &mut out).unwrap();
    for config in [
        transformer(|body| body.width = 48),
        transformer(|body| body.heads = 0),
        transformer(|body| body.heads = 3),
        transformer(|body| body.hidden = 33),
        transformer(|body| body.layers = 0),
        transformer(|body| body.layers = MAX_LAYERS + 1),
        transformer(|body| body.norm_bits = MAX_NORM_BITS + 1),
    ] {
        let error = write(&config, &[], &mut out).unwrap_err();
        assert!(matches!(error, ImageError::Limits(_)), "{config:?} {error}");
    }
}

fn source(rows: u32, columns: u32, bytes: &[u8]) -> TensorSource<'_> {
    let name = TensorName::Rows;
    let format = TensorFormat::I8;
    TensorSource {
        entry: TensorEntry {
            name,
            layer: 0,
            format,
            rows,
            columns,
            offset: 0,
        },
        bytes,
    }
}

#[test]
fn a_written_image_does_not_depend_on_its_buffer() {
    let model = TinyModel::GOLDEN.image(&WORDS);
    let image = Image::open(model.as_ref()).unwrap();
    let mut tensors: Vec<_> = image
        .entries()
        .map(|entry| image.tensor(entry.unwrap().name, 0).unwrap())
        .map(|tensor| TensorSource {
            entry: tensor.entry,
            bytes: tensor.bytes,
        })
        .collect();
    // The last tensor then ends between multiples of 16.
    tensors.reverse();
    tensors.rotate_left(4);
    assert_eq!(tensors[tensors.len() - 1].entry.name, TensorName::Rows);
    let mut roomy = vec![0; 1 << 16];
    let needed = write(image.config(), &tensors, &mut roomy).unwrap();
    assert!(!needed.is_multiple_of(16));
    for room in [needed, needed + 1, needed + 15, needed + 16, needed + 999] {
        let mut out = vec![0xaa; room];
        let length = write(image.config(), &tensors, &mut out).unwrap();
        assert!(
            out[..length] == roomy[..needed],
            "in a buffer of {room} bytes"
        );
    }
    for room in 0..needed {
        assert!(
            write(image.config(), &tensors, &mut vec![0; room]).is_err(),
            "{room}"
        );
    }
}

#[test]
fn extreme_numbers_in_a_transformer_do_not_overflow() {
    let image = models::trained("default");
    let opened = Image::open(image.as_ref()).unwrap();
    let entries: Vec<_> = opened.entries().map(|entry| entry.unwrap()).collect();
    let mut random = Random::new(15);
    for _ in 0..30 {
        let mut extreme = image.clone();
        for entry in &entries {
            let vocabulary = matches!(
                entry.name,
                TensorName::VocabularyStarts | TensorName::VocabularyRemainders
            );
            if !vocabulary && random.below(3) > 0 {
                let fill = [0x00, 0x80, 0x7f, 0xff][random.below(4)];
                let start = entry.offset as usize;
                extreme.as_mut()[start..start + entry.bytes() as usize].fill(fill);
            }
        }
        attack::image(extreme.as_ref());
    }
}

#[test]
fn extreme_numbers_do_not_overflow() {
    let mut random = Random::new(14);
    for _ in 0..40 {
        let model = TinyModel {
            row_width: 256,
            window: 1024,
            ngrams: 3,
            rows: [TensorFormat::I2, TensorFormat::I4, TensorFormat::I8][random.below(3)],
            projection: [TensorFormat::I2, TensorFormat::I4, TensorFormat::I8][random.below(3)],
            ..TinyModel::GOLDEN
        };
        let image = model.image(&WORDS[..9]);
        let opened = Image::open(image.as_ref()).unwrap();
        let names = [
            TensorName::Rows,
            TensorName::RowScales,
            TensorName::FineRows,
            TensorName::FineScales,
            TensorName::Projection,
            TensorName::ProjectionScales,
        ];
        let tensors = names.iter().filter_map(|&name| opened.tensor(name, 0).ok());
        let places: Vec<TensorEntry> = tensors.map(|tensor| tensor.entry).collect();
        let mut extreme = image.clone();
        for entry in places {
            let fill = [0x00, 0x80, 0x7f, 0xff][random.below(4)];
            let start = entry.offset as usize;
            extreme.as_mut()[start..start + entry.bytes() as usize].fill(fill);
        }
        let image = Image::open_trusted(extreme.as_ref()).unwrap();
        let encoder = Encoder::new(image).unwrap();
        let mut scratch = memt_core::encoder::Scratch::<4096>::new();
        for text in ["z ".repeat(3000), "the ".repeat(2000), "qx".repeat(2000)] {
            encoder.encode(&text, &mut scratch).unwrap();
        }
    }
}

#[test]
fn second_rows_that_belong_nowhere() {
    let model = TinyModel {
        rows: TensorFormat::I2,
        ..TinyModel::GOLDEN
    };
    let image = model.image(&WORDS);
    let opened = Image::open(image.as_ref()).unwrap();
    let rows = opened.tensor(TensorName::Rows, 0).unwrap().entry.rows;
    let places = opened.tensor(TensorName::FinePlaces, 0).unwrap();
    assert!(places.entry.rows > 2);
    let start = places.entry.offset as usize;
    let (first, second) = (places.u16_at(0), places.u16_at(1));
    for (index, place, least) in [
        (0, rows, 0),
        (0, u32::from(u16::MAX), 0),
        (1, first.into(), u32::from(first) + 1),
        (2, second.into(), u32::from(second) + 1),
    ] {
        let mut forged = image.clone();
        let place16 = place as u16;
        forged.as_mut()[start + 2 * index..][..2].copy_from_slice(&place16.to_le_bytes());
        let refused = Encoder::new(Image::open_trusted(forged.as_ref()).unwrap());
        let expected = ImageError::FinePlace {
            index,
            place,
            first: least,
            rows,
        };
        assert_eq!(refused.err(), Some(EncoderError::Image(expected)));
    }
}

/// An image of the parts of another, but for those that `change` takes away or makes anew.
fn second_rows_after(change: impl Fn(&mut OwnedTensor) -> bool) -> Result<(), EncoderError> {
    let config = Config {
        front: FrontEnd::Words(WordsConfig {
            words: 0,
            ngrams: 9,
            row_width: 12,
            bucket_bits: 0,
            window: 16,
        }),
        body: Body::Bag,
    };
    let mut tensors = vocabulary::tensors(&[], 0);
    let numbers = |count: usize| vec![1i8; count];
    tensors.push(OwnedTensor::rows(
        (TensorName::Rows, 0),
        TensorFormat::I2,
        12,
        &numbers(9 * 12),
    ));
    tensors.push(OwnedTensor::u16(TensorName::RowScales, &[7; 9]));
    let name = (TensorName::Projection, 0);
    tensors.push(OwnedTensor::rows(
        name,
        TensorFormat::I8,
        12,
        &numbers(128 * 12),
    ));
    tensors.push(OwnedTensor::u16(TensorName::ProjectionScales, &[7; 128]));
    tensors.extend(fine::tensors(1, 9, 12));
    tensors.retain_mut(change);
    open(&assemble(&config, &tensors))
}

#[test]
fn second_rows_of_other_shapes() {
    assert_eq!(second_rows_after(|_| true), Ok(()));
    for missing in [TensorName::FineScales, TensorName::FinePlaces] {
        let refused = second_rows_after(|tensor| tensor.name() != missing);
        assert!(
            matches!(refused, Err(EncoderError::Image(_))),
            "{missing:?}"
        );
    }
    for name in [
        TensorName::FineScales,
        TensorName::FinePlaces,
        TensorName::FineRows,
    ] {
        let refused = second_rows_after(|tensor| {
            if tensor.name() == name {
                *tensor = match name {
                    TensorName::FineRows => {
                        OwnedTensor::rows((name, 0), TensorFormat::I4, 12, &[1; 12])
                    }
                    _ => OwnedTensor::u16(name, &[1]),
                };
            }
            true
        });
        let expected = |name| Err(EncoderError::Image(ImageError::TensorShape(name)));
        assert_eq!(refused, expected(name), "{name:?}");
    }
}
