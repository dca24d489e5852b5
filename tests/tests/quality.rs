//! What the trained models must reach, and worthless encoders must not.

use memt_core::embedding::Embedding;
use memt_eval::datasets::{Dataset, find};
use memt_eval::{Dense, Metric, System, evaluate};
use memt_tests::aligned::AlignedBytes;
use memt_tests::quality::Questions;
use memt_tests::random::Random;
use memt_tests::{models, places};
use ndarray::Array2;

/// The least share of the demo's questions whose first answer must be right, for each trained model.
const RECALL_FLOOR: [(&str, f64); 3] = [("default", 0.56), ("bag", 0.56), ("small", 0.28)];

/// The least Spearman correlation on the development part of STS-B.
const SPEARMAN_FLOOR: [(&str, f64); 3] = [("default", 0.76), ("bag", 0.76), ("small", 0.70)];

fn demo() -> Questions {
    let questions = Questions::read(&places::root().join("host/demo/memories.jsonl"));
    assert!(
        questions.memories.len() >= 100,
        "{} memories",
        questions.memories.len()
    );
    assert!(
        questions.questions.len() >= 20,
        "{} questions",
        questions.questions.len()
    );
    questions
}

/// Recall at 1 of an encoder that gives each text an embedding.
fn recall(questions: &Questions, encode: impl Fn(&[String]) -> Vec<Embedding>) -> f64 {
    questions.recall_at_1(&encode(&questions.memories), &encode(&questions.questions))
}

#[test]
fn first_answers_are_right_often_enough() {
    let questions = demo();
    for (name, floor) in RECALL_FLOOR {
        let model = models::trained(name);
        let recall = recall(&questions, |texts| models::encode(&model, texts));
        println!("{name}: recall at 1 {recall:.3}");
        assert!(recall >= floor, "{name}: {recall} is below {floor}");
    }
}

#[test]
fn worthless_encoders_are_below_every_floor() {
    let questions = demo();
    let model = models::trained("default");
    let constant = models::encode(&model, &["the same for all"])[0];
    let mut random = Random::new(1);
    let mut shuffled = |texts: &[String]| {
        let mut embeddings = models::encode(&model, texts);
        for last in (1..embeddings.len()).rev() {
            embeddings.swap(last, random.below(last + 1));
        }
        embeddings
    };
    let memories = shuffled(&questions.memories);
    let asked = models::encode(&model, &questions.questions);
    let worthless = [
        (
            "constant",
            recall(&questions, |texts| vec![constant; texts.len()]),
        ),
        (
            "zero",
            recall(&questions, |texts| vec![Embedding::ZERO; texts.len()]),
        ),
        ("shuffled", questions.recall_at_1(&memories, &asked)),
        (
            "untrained",
            recall(&questions, |texts| models::encode(&models::golden(), texts)),
        ),
    ];
    let least = RECALL_FLOOR
        .iter()
        .map(|(_, floor)| *floor)
        .fold(1.0, f64::min);
    for (name, recall) in worthless {
        println!("{name}: recall at 1 {recall:.3}");
        assert!(
            recall < least / 2.0,
            "{name} reaches {recall}: the floor guards nothing"
        );
    }
}

fn spearman(model: &AlignedBytes, set: &Dataset) -> f64 {
    let encode = |texts: &[&str]| {
        let embeddings = models::encode(model, texts);
        Array2::from_shape_fn((texts.len(), 128), |(row, column)| {
            f32::from(embeddings[row].0[column])
        })
    };
    let dense = Dense::new(&encode);
    let report = evaluate(
        &[System::new("dense", &dense)],
        std::slice::from_ref(set),
        &|_| (),
    );
    let report = report.expect("the set is evaluated");
    let value = report.value("dense", set.info.name, Metric::Spearman);
    value.expect("the correlation is defined") / 100.0
}

#[test]
fn similarity_follows_human_judgement() {
    let Some(data) = places::data() else {
        println!("left out: no MEMT_DATA and no ../shared/data");
        return;
    };
    let info = find("stsb_dev").expect("the catalogue has it");
    let set = Dataset::load(&data.join("eval"), info).expect("a sound file");
    for (name, floor) in SPEARMAN_FLOOR {
        let reached = spearman(&models::trained(name), &set);
        println!("{name}: Spearman on stsb_dev {reached:.4}");
        assert!(reached >= floor, "{name}: {reached} is below {floor}");
    }
    let untrained = spearman(&models::golden(), &set);
    println!("untrained: Spearman on stsb_dev {untrained:.4}");
    assert!(untrained < 0.6, "{untrained}: the floor guards nothing");
}
