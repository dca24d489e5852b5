//! Whole runs on a tiny data folder.

use crate::fixture::{self, Fixture};
use crate::measure::{SCRATCH_BYTES, encode_floats, encode_integers, encode_reference};
use crate::model::{Model, Pass, Passages};
use crate::recipe::{BodyRecipe, Part, Recipe, StartRecipe};
use crate::ship::AlignedBytes;
use crate::vocabulary::{TextStore, Token};
use crate::{Event, Observer, Outcome, RowFormat, Silent, Start, TrainError, pack, train};
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::tensor::TensorName;
use memt_core::encoder::{Encoder, Image, ReferenceEncoder, Scratch};
use std::ops::ControlFlow;

/// Stops the run at its n-th report of progress.
struct Impatient {
    left: u32,
}

impl Observer for Impatient {
    fn observe(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if matches!(event, Event::Step(_)) {
            if self.left == 0 {
                return ControlFlow::Break(());
            }
            self.left -= 1;
        }
        ControlFlow::Continue(())
    }
}

fn image(outcome: &Outcome) -> Vec<u8> {
    std::fs::read(&outcome.image).unwrap()
}

#[test]
fn a_resumed_run_gives_the_same_image_and_log() {
    assert_resumable(
        "resume",
        Recipe::parse(fixture::RECIPE).unwrap(),
        &[1, 2, 4],
    );
}

#[test]
fn a_resumed_transformer_gives_the_same_image_and_log() {
    let recipe = Recipe::parse(fixture::TRANSFORMER).unwrap();
    assert_resumable("resume-transformer", recipe, &[1, 3, 5, 6]);
}

fn assert_resumable(name: &str, recipe: Recipe, stops: &[u32]) {
    let fixture = Fixture::new(name);
    let whole = train(&recipe, &fixture.paths("whole", Start::Fresh), &mut Silent).unwrap();
    for &reports in stops {
        let out = format!("cut{reports}");
        let stopped = train(
            &recipe,
            &fixture.paths(&out, Start::Fresh),
            &mut Impatient { left: reports },
        );
        assert!(matches!(stopped, Err(TrainError::Interrupted)));
        let resumed = train(&recipe, &fixture.paths(&out, Start::Resume), &mut Silent).unwrap();
        assert_eq!(image(&whole), image(&resumed));
        let lines = |outcome: &Outcome| {
            std::fs::read_to_string(&outcome.log)
                .unwrap()
                .lines()
                .count()
        };
        assert_eq!(lines(&whole), lines(&resumed));
    }
    let mut other = recipe;
    other.seed += 1;
    let refused = train(&other, &fixture.paths("whole", Start::Resume), &mut Silent);
    assert!(matches!(refused, Err(TrainError::OtherRecipe(_))));
}

#[test]
fn stages_can_be_appended_to_a_finished_run() {
    let fixture = Fixture::new("appended");
    let whole = fixture.recipe();
    let mut first = whole.clone();
    first.stages.truncate(1);
    let at_once = train(&whole, &fixture.paths("whole", Start::Fresh), &mut Silent).unwrap();
    train(&first, &fixture.paths("parts", Start::Fresh), &mut Silent).unwrap();
    let appended = train(&whole, &fixture.paths("parts", Start::Resume), &mut Silent).unwrap();
    assert_eq!(image(&at_once), image(&appended));
}

#[test]
fn further_texts_are_learned_from() {
    let fixture = Fixture::new("further");
    let mut recipe = fixture.recipe();
    recipe.stages.truncate(1);
    let alone = train(&recipe, &fixture.paths("alone", Start::Fresh), &mut Silent).unwrap();
    let paths = fixture.paths("further", Start::Fresh);
    recipe.texts.push(paths.teacher());
    let further = train(&recipe, &paths, &mut Silent).unwrap();
    assert_ne!(image(&alone), image(&further));
    let card = std::fs::read_to_string(&further.card).unwrap();
    let folder = paths.teacher().display().to_string();
    assert!(card.contains(&format!("learned from the texts of `{folder}` too")));

    recipe.texts.push("nowhere".into());
    let refused = train(&recipe, &paths, &mut Silent).unwrap_err();
    assert!(
        refused.to_string().contains("nowhere/texts.txt.zst"),
        "{refused}"
    );
}

#[test]
fn a_run_can_start_from_the_parameters_of_others() {
    let fixture = Fixture::new("start");
    let first = Recipe::parse(fixture::TRANSFORMER).unwrap();
    let paths = fixture.paths("first", Start::Fresh);
    train(&first, &paths, &mut Silent).unwrap();
    let checkpoint = paths.output(&first.name, "checkpoint");
    let mut second = first.clone();
    second.start = Some(StartRecipe {
        checkpoints: vec![checkpoint.clone()],
    });
    let prepared = super::material::Prepared::read(&first, &paths).unwrap();
    let taken = super::parameters_of(&checkpoint, &second, &prepared).unwrap();
    let trained = super::checkpoint::Checkpoint::new(&first, &paths);
    assert_eq!(taken, trained.load().unwrap().unwrap().parameters);
    second.stages.drain(..2);
    let second_paths = fixture.paths("second", Start::Fresh);
    let outcome = train(&second, &second_paths, &mut Silent).unwrap();
    let card = std::fs::read(&outcome.card_json).unwrap();
    let card: serde_json::Value = serde_json::from_slice(&card).unwrap();
    let made = |run: usize, what: &str| &card["runs"][run]["made"][what];
    let of_first: u64 = first.stages.iter().map(|stage| stage.steps).sum();
    assert_eq!(made(0, "steps"), of_first);
    assert!(made(0, "seconds").as_f64().unwrap() > 0.0, "{card}");
    assert_eq!(made(1, "starts")[0], *first.name);
    assert_eq!(
        card["steps"].as_u64().unwrap(),
        of_first + second.stages[0].steps
    );
    let other = second_paths.output(&second.name, "checkpoint");
    let other_rows = super::parameters_of(&other, &second, &prepared)
        .unwrap()
        .rows;
    let mean = super::mean_of(&[checkpoint.clone(), other], &second, &prepared).unwrap();
    for ((mean, one), other) in mean.rows.iter().zip(&taken.rows).zip(&other_rows) {
        assert_eq!(*mean, 0.5 * (one + other));
    }
    let mut fewer = second.clone();
    fewer.model.words = 30;
    let known = super::material::Prepared::read(&fewer, &paths).unwrap();
    let kept = super::parameters_of(&checkpoint, &fewer, &known).unwrap();
    assert_eq!(kept.rows.len(), (30 + 32) * kept.row_width);
    for (row, line) in known.known.lines.iter().enumerate() {
        let before = prepared.known.lines.iter().position(|other| other == line);
        assert_eq!(kept.row(row), taken.row(before.unwrap()));
    }
    assert_eq!(kept.row(30), taken.row(40));
    second.model.ngrams += 1;
    let refused = super::parameters_of(&checkpoint, &second, &prepared).unwrap_err();
    assert!(
        refused.to_string().contains("asks for 73 of 32"),
        "{refused}"
    );
}

#[test]
fn the_number_of_threads_changes_nothing_and_the_seed_does() {
    let fixture = Fixture::new("threads");
    let run = |threads: usize, seed: u64| {
        let mut recipe = fixture.recipe();
        recipe.seed = seed;
        let paths = fixture.paths(&format!("t{threads}s{seed}"), Start::Fresh);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| image(&train(&recipe, &paths, &mut Silent).unwrap()))
    };
    let one = run(1, 3);
    assert_eq!(one, run(3, 3));
    assert_ne!(one, run(1, 4));
}

#[test]
fn training_lowers_the_loss_and_the_image_is_the_model_that_was_trained() {
    let fixture = Fixture::new("integers");
    let recipe = fixture.recipe();
    let paths = fixture.paths("out", Start::Fresh);
    let outcome = train(&recipe, &paths, &mut Silent).unwrap();
    let log = std::fs::read_to_string(&outcome.log).unwrap();
    let losses: Vec<f64> = log
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"]
                .as_f64()
                .unwrap()
        })
        .collect();
    assert!(losses[1] < 0.9 * losses[0], "{losses:?}");

    let prepared = super::material::Prepared::read(&recipe, &paths).unwrap();
    let state = super::checkpoint::Checkpoint::new(&recipe, &paths)
        .load()
        .unwrap()
        .unwrap();
    let shown = crate::descent::Shown::of(&state);
    let bytes = AlignedBytes::new(&image(&outcome));
    let encoder = Encoder::new(Image::open(bytes.bytes()).unwrap()).unwrap();
    let texts: Vec<&str> = fixture.texts().iter().map(String::as_str).collect();
    let integers = encode_integers(&encoder, &texts);
    let simulated = encode_floats(
        shown.model(),
        Part::All,
        &prepared.known,
        &recipe.model,
        &texts,
    );
    let mut differing = 0;
    for (integers, simulated) in integers.rows().into_iter().zip(simulated.rows()) {
        let simulated = Embedding::of_floats(&std::array::from_fn(|index| simulated[index]));
        for (&integer, simulated) in integers.iter().zip(simulated.0) {
            let difference = (integer - f32::from(simulated)).abs();
            assert!(difference <= 1.0, "{integer} against {simulated}");
            differing += usize::from(difference > 0.0);
        }
    }
    // Only numbers next to a rounding border may fall to the other side.
    assert!(
        differing < integers.len() / 100,
        "{differing} of {}",
        integers.len()
    );
}

#[test]
fn the_transformer_that_ships_is_the_one_that_was_trained() {
    let fixture = Fixture::new("transformer");
    for (weight_bits, norm_bits, row_bits, fine) in [(4, 4, 4, 0), (8, 5, 4, 0), (4, 5, 2, 20)] {
        let mut recipe = Recipe::parse(fixture::TRANSFORMER).unwrap();
        recipe.model.row_bits = row_bits;
        recipe.model.fine = fine;
        if let BodyRecipe::Transformer(body) = &mut recipe.model.body {
            body.weight_bits = weight_bits;
            body.norm_bits = norm_bits;
        }
        let paths = fixture.paths(&format!("bits{weight_bits}-{row_bits}"), Start::Fresh);
        let outcome = train(&recipe, &paths, &mut Silent).unwrap();
        let prepared = super::material::Prepared::read(&recipe, &paths).unwrap();
        let checkpoint = super::checkpoint::Checkpoint::new(&recipe, &paths);
        let shown = crate::descent::Shown::of(&checkpoint.load().unwrap().unwrap());
        let bytes = AlignedBytes::new(&image(&outcome));
        let opened = Image::open(bytes.bytes()).unwrap();
        let found = opened.tensor(TensorName::FineRows, 0);
        assert_eq!(found.map_or(0, |tensor| tensor.entry.rows), fine);
        let encoder = Encoder::new(opened).unwrap();
        // Several words are a window; the last text has more of them than one.
        let long = fixture.texts()[..30].join(" ");
        let mut texts: Vec<&str> = fixture.texts().iter().map(String::as_str).collect();
        texts.extend(["", "unheard", &long]);
        let table = prepared.known.table().unwrap();
        let store = TextStore::of(&texts, table, recipe.model.ngrams);
        let mut scratch = Scratch::<SCRATCH_BYTES>::new();
        for (index, text) in texts.iter().enumerate() {
            let expected = simulated(shown.model(), &recipe, store.text(index));
            assert_eq!(
                encoder.encode(text, &mut scratch).unwrap(),
                expected,
                "{text}"
            );
        }
    }
}

/// The float image, read by core's reference, is the model before rounding.
#[test]
fn the_float_image_is_the_trained_model() {
    let fixture = Fixture::new("float-image");
    let recipe = Recipe::parse(fixture::TRANSFORMER).unwrap();
    let paths = fixture.paths("out", Start::Fresh);
    let outcome = train(&recipe, &paths, &mut Silent).unwrap();
    let prepared = super::material::Prepared::read(&recipe, &paths).unwrap();
    let checkpoint = super::checkpoint::Checkpoint::new(&recipe, &paths);
    let state = checkpoint.load().unwrap().unwrap();
    let bytes = AlignedBytes::new(&std::fs::read(&outcome.float_image).unwrap());
    let reference = ReferenceEncoder::new(Image::open(bytes.bytes()).unwrap()).unwrap();
    let texts: Vec<&str> = fixture.texts().iter().map(String::as_str).collect();
    let read = encode_reference(&reference, &texts);
    let model = Model::from(&state.parameters);
    let trained = encode_floats(model, Part::All, &prepared.known, &recipe.model, &texts);
    for (read, trained) in read.iter().zip(&trained) {
        // Epsilon of the reference's norms, and sums in another order.
        assert!((read - trained).abs() < 1e-4, "{read} against {trained}");
    }
}

/// The embedding of a text by the pass that training makes.
fn simulated(model: Model<'_>, recipe: &Recipe, tokens: &[Token]) -> Embedding {
    let mut passages = Passages::default();
    passages.push_windows(tokens, recipe.model.longest());
    let mut pass = Pass::default();
    pass.forward(model, &passages, Part::All);
    let mut pooled = [0i32; DIMENSIONS];
    for (window, &words) in passages.lengths.iter().enumerate() {
        let sums = pass.embeddings.row(window);
        let embedding = Embedding::of_sums(&std::array::from_fn(|index| sums[index] as i32));
        for (pooled, component) in pooled.iter_mut().zip(embedding.0) {
            *pooled += words as i32 * i32::from(component);
        }
    }
    Embedding::of_sums(&pooled)
}

#[test]
fn packing_changes_the_format_and_hardly_the_directions() {
    let fixture = Fixture::new("pack");
    let outcome = train(
        &fixture.recipe(),
        &fixture.paths("out", Start::Fresh),
        &mut Silent,
    )
    .unwrap();
    let trained = AlignedBytes::new(&std::fs::read(&outcome.float_image).unwrap());
    let trained = Image::open(trained.bytes()).unwrap();
    assert!(Encoder::new(trained).is_err());
    let reference = ReferenceEncoder::new(trained).unwrap();
    let texts = [
        "the boiler valve was replaced",
        "a cat sleeps",
        "unheard wordlets",
    ];
    let expected = encode_reference(&reference, &texts);
    for (format, least) in [
        (RowFormat::Bits8, 0.999),
        (RowFormat::Bits4, 0.97),
        (RowFormat::Bits2, 0.8),
    ] {
        let packed = AlignedBytes::new(&pack(&trained, format).unwrap());
        let image = Image::open(packed.bytes()).unwrap();
        let integers = encode_integers(&Encoder::new(image).unwrap(), &texts);
        for (a, b) in expected.outer_iter().zip(integers.outer_iter()) {
            let cosine = a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt();
            assert!(cosine >= least, "{format:?}: {cosine}");
        }
        let floats = AlignedBytes::new(&pack(&image, RowFormat::Floats).unwrap());
        let again = pack(&Image::open(floats.bytes()).unwrap(), format).unwrap();
        assert_eq!(again.len(), image.bytes().len());
    }
}
