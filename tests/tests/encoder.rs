//! The integer encoder against the float reference and against an oracle written from its definition.

use memt_core::encoder::config::{Body, FrontEnd};
use memt_core::encoder::tensor::TensorFormat::{F32, I2, I4, I8};
use memt_core::encoder::{Encoder, EncoderError, Image, Scratch};
use memt_core::text::Words;
use memt_tests::aligned::AlignedBytes;
use memt_tests::corpus::{self, WORDS};
use memt_tests::integer_model::IntegerModel;
use memt_tests::models;
use memt_tests::oracle::{self, Oracle};
use memt_tests::random::Random;
use memt_tests::tiny_model::TinyModel;
use rayon::prelude::*;

/// Rounding to bytes moves each of 128 components by at most half a step where the largest is 127
/// steps: at worst the error's length is sqrt(128) / 2 = 5.7 against a length of 127, an angle of
/// 0.045 and a cosine of 0.9990. Rounding inside the encoder is at least eight times finer.
const LEAST_COSINE: f64 = 0.999;

/// The activations of a transformer have 8 bits, about 0.3 % of noise at each of twelve matrices.
/// Measured over the texts of the demo: 0.9941 (`default`).
const LEAST_TRANSFORMER_COSINE: f64 = 0.99;

/// The same over the texts of the corpus, words in random order, which calibration never saw: 0.9832 (`default`).
const LEAST_TRANSFORMER_COSINE_OF_ODD_TEXTS: f64 = 0.98;

/// Random weights of the other bodies, which no calibration has fitted to what they read, over windows of one to 33
/// tokens: what rounding and saturation between their matrices make of it at worst.
const LEAST_CONV_COSINE: f64 = 0.92;
const LEAST_POST_NORM_COSINE: f64 = 0.94;

fn cosine(floats: &[f32; 128], bytes: &[i8; 128]) -> f64 {
    let pairs = || {
        floats
            .iter()
            .map(|&x| f64::from(x))
            .zip(bytes.iter().map(|&y| f64::from(y)))
    };
    let dot: f64 = pairs().map(|(x, y)| x * y).sum();
    let squares = pairs().fold((0.0, 0.0), |(x2, y2), (x, y)| (x2 + x * x, y2 + y * y));
    dot / (squares.0 * squares.1).sqrt()
}

/// The least cosine over the texts that have words.
fn least_cosine(model: &AlignedBytes, texts: &[String]) -> f64 {
    let fixed = models::encode_large(model, texts);
    let floats = models::encode_floats(model, texts);
    let mut least = f64::INFINITY;
    for ((text, fixed), floats) in texts.iter().zip(&fixed).zip(&floats) {
        if Words::of(text).next().is_none() {
            assert_eq!((fixed.0, *floats), ([0; 128], [0.0; 128]), "{text:?}");
            continue;
        }
        assert!(fixed.0.iter().any(|&c| c.unsigned_abs() == 127), "{text:?}");
        least = least.min(cosine(floats, &fixed.0));
    }
    least
}

/// The texts of the demo: what people write.
fn natural_texts() -> Vec<String> {
    let lines = include_str!("../../host/demo/memories.jsonl").lines();
    let text = |line| -> String {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        line["text"].as_str().expect("a text").to_owned()
    };
    lines.map(text).collect()
}

#[test]
fn trained_models_agree_with_their_floats() {
    let (odd, natural) = (corpus::texts(), natural_texts());
    for name in models::TRAINED {
        let model = models::trained(name);
        let [of_odd, of_natural] = match name {
            "bag" => [LEAST_COSINE; 2],
            _ => [
                LEAST_TRANSFORMER_COSINE_OF_ODD_TEXTS,
                LEAST_TRANSFORMER_COSINE,
            ],
        };
        for (texts, bound) in [(&odd, of_odd), (&natural, of_natural)] {
            let least = least_cosine(&model, texts);
            println!("{name}: least cosine of fixed and float {least:.6}");
            assert!(least >= bound, "{name}: {least}");
        }
    }
}

#[test]
fn tiny_models_agree_with_their_floats() {
    let texts = corpus::texts();
    for (rows, projection) in [(I4, I4), (I4, I8), (I8, I4), (I8, I8), (I2, I8), (I8, I2)] {
        let model = TinyModel {
            rows,
            projection,
            row_width: 48,
            ..TinyModel::GOLDEN
        };
        let least = least_cosine(&model.image(&WORDS), &texts);
        println!("{rows:?} {projection:?}: least cosine of fixed and float {least:.6}");
        assert!(least >= LEAST_COSINE, "{model:?}: {least}");
    }
}

/// Convolutions and post-norm transformers of every size, over words and over characters.
#[test]
fn random_bodies_agree_with_their_floats() {
    let texts: Vec<String> = natural_texts().into_iter().step_by(8).collect();
    let kinds = (0..96u64).map(IntegerModel::random).filter_map(|model| {
        let (body, bound) = match model.config.body {
            Body::Conv(_) => ("conv", LEAST_CONV_COSINE),
            Body::PostNormTransformer(_) => ("post-norm", LEAST_POST_NORM_COSINE),
            _ => return None,
        };
        let front = match model.config.front {
            FrontEnd::Words(_) => "words",
            _ => "characters",
        };
        Some((model, [body, front], bound))
    });
    let models: Vec<_> = kinds.collect();
    let cosines: Vec<_> = models
        .par_iter()
        .map(|(model, kind, bound)| {
            let least = least_cosine(&model.image(&WORDS), &texts);
            assert!(least >= *bound, "{kind:?}, {model:?}: {least}");
            (*kind, least)
        })
        .collect();
    for kind in ["conv", "post-norm"]
        .map(|body| ["words", "characters"].map(|front| [body, front]))
        .concat()
    {
        let of_kind = cosines.iter().filter(|found| found.0 == kind);
        let mut of_kind: Vec<f64> = of_kind.map(|found| found.1).collect();
        of_kind.sort_by(f64::total_cmp);
        println!("{kind:?}: least cosines {of_kind:.4?}");
        assert!(of_kind.len() >= 8, "{kind:?}: {} models", of_kind.len());
    }
}

#[test]
fn float_image_is_the_reference_of_its_integers() {
    let texts = corpus::texts();
    let integers = TinyModel {
        rows: I8,
        projection: I8,
        ..TinyModel::GOLDEN
    };
    let floats = TinyModel {
        rows: F32,
        projection: F32,
        ..integers
    };
    let [integers, floats] = [integers, floats].map(|model| model.image(&WORDS));
    let image = Image::open(floats.as_ref()).unwrap();
    assert!(matches!(Encoder::new(image), Err(EncoderError::NotInteger)));
    let from_integers = models::encode_floats(&integers, &texts);
    let from_floats = models::encode_floats(&floats, &texts);
    assert!(
        from_integers == from_floats,
        "integer x scale must be exact in single precision"
    );
}

fn assert_oracle_agrees(model: &AlignedBytes, texts: &[String], name: &str) {
    let oracle = Oracle::of(models::integer_encoder(model).image());
    let embeddings = models::encode(model, texts);
    texts
        .par_iter()
        .zip(&embeddings)
        .for_each(|(text, embedding)| {
            assert_eq!(embedding.0, oracle.encode(text), "{name}: {text:?}");
        });
}

#[test]
fn trained_models_compute_what_the_oracle_does() {
    let texts = corpus::texts();
    for name in models::TRAINED {
        assert_oracle_agrees(&models::trained(name), &texts, name);
    }
}

#[test]
fn random_models_compute_what_the_oracle_does() {
    let texts = corpus::texts();
    let mut random = Random::new(4);
    for seed in 0..24 {
        let format = |random: &mut Random| [I2, I4, I8][random.below(3)];
        let model = TinyModel {
            seed,
            row_width: random.between(1, 70) as u16,
            ngrams: random.between(1, 300) as u32,
            window: [1, 2, 3, 7, 24, 128, 1024][random.below(7)],
            bucket_bits: random.between(0, 12) as u8,
            rows: format(&mut random),
            projection: format(&mut random),
        };
        let words = &WORDS[..random.below(WORDS.len())];
        assert_oracle_agrees(&model.image(words), &texts, &format!("{model:?}"));
    }
}

/// Bodies and front ends of every kind and size. `MEMT_MODELS` says how many; 16 without it.
#[test]
fn random_bodies_compute_what_the_oracle_does() {
    let models = match std::env::var("MEMT_MODELS") {
        Ok(count) => count.parse().expect("MEMT_MODELS is a number"),
        Err(_) => 16,
    };
    let texts = corpus::texts();
    let texts = texts.iter().step_by(199);
    // The oracle takes its time; so many characters are several windows of any of these models.
    let texts: Vec<String> = texts.map(|text| text.chars().take(48).collect()).collect();
    (0..models).into_par_iter().for_each(|seed| {
        let model = IntegerModel::random(seed);
        let image = model.image(&WORDS[..WORDS.len() / 2]);
        let oracle = Oracle::of(models::integer_encoder(&image).image());
        let embeddings = models::encode_large(&image, &texts);
        for (text, embedding) in texts.iter().zip(embeddings) {
            assert_eq!(embedding.0, oracle.encode(text), "{model:?}: {text:?}");
        }
    });
}

#[test]
fn words_are_those_of_the_oracle() {
    for text in corpus::texts() {
        let words = Words::of(&text).map(|word| word.characters().collect::<String>());
        assert_eq!(words.collect::<Vec<_>>(), oracle::words(&text), "{text:?}");
    }
}

#[test]
fn any_scratch_that_is_enough_gives_the_same_bytes() {
    let model = models::golden();
    let encoder = models::integer_encoder(&model);
    assert_eq!(encoder.image().config().scratch_bytes(), 88);
    let (mut least, mut more) = (Scratch::<88>::new(), Scratch::<4096>::new());
    for text in corpus::texts().iter().step_by(7) {
        let expected = encoder.encode(text, &mut more).unwrap();
        assert_eq!(encoder.encode(text, &mut least), Ok(expected), "{text:?}");
    }
    let mut too_small = Scratch::<87>::new();
    let error = encoder.encode("", &mut too_small).unwrap_err();
    assert_eq!((error.given, error.needed), (87, 88));
}
