//! The teacher against PyTorch, and against the vectors that the data folder gives.
//!
//! `MEMT_TEACHER` names the folder of all-MiniLM-L6-v2, `MEMT_DATA` the data folder; a test without what it needs
//! says so and passes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_teacher::{Teacher, numpy};
use ndarray::{Array1, ArrayView1};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const TEACHER: &str = "MEMT_TEACHER";
const DATA: &str = "MEMT_DATA";

fn folder(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable);
    if folder.is_none() {
        eprintln!("skipped: {variable} names no folder");
    }
    folder.map(PathBuf::from)
}

fn cosine(left: ArrayView1<'_, f32>, right: ArrayView1<'_, f32>) -> f64 {
    let (left, right) = (left.mapv(f64::from), right.mapv(f64::from));
    left.dot(&right) / (left.dot(&left) * right.dot(&right)).sqrt()
}

#[derive(serde::Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

#[test]
fn vectors_are_those_of_pytorch() {
    let Some(model) = folder(TEACHER) else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/teacher.json");
    let references: Vec<Reference> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(references.len() > 20);
    let texts: Vec<&str> = references.iter().map(|row| row.text.as_str()).collect();
    let teacher = Teacher::open(&model).unwrap();
    let vectors = teacher.encode(&texts).unwrap();
    let mut worst = 1.0f64;
    for (row, reference) in vectors.rows().into_iter().zip(&references) {
        let length = row.dot(&row);
        assert!(
            (length - 1.0).abs() < 1e-5,
            "{:?}: {length}",
            reference.text
        );
        let found = cosine(row, Array1::from(reference.vector.clone()).view());
        assert!(found >= 0.999_999, "{:?}: {found}", reference.text);
        worst = worst.min(found);
    }
    eprintln!("least cosine to PyTorch: {worst:.9}");

    for (text, row) in texts.iter().zip(vectors.rows()) {
        let alone = teacher.encode(&[text]).unwrap();
        assert!(
            cosine(alone.row(0), row) > 0.999_999_9,
            "{text:?} depends on its neighbours"
        );
    }
}

/// Texts of the data folder that are compared.
const SAMPLE: usize = 400;

#[test]
fn vectors_are_near_the_given_ones() {
    let (Some(model), Some(data)) = (folder(TEACHER), folder(DATA)) else {
        return;
    };
    let given = data.join("teacher");
    let texts = first_lines(&given.join("texts.txt.zst"), SAMPLE);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let basis = numpy::read_matrix(&given.join("basis.npy")).unwrap();
    let scale = numpy::read_vector(&given.join("scale.npy")).unwrap();
    let stored = first_bytes(&given.join("vectors.npy"), SAMPLE * scale.len());
    let projected = Teacher::open(&model)
        .unwrap()
        .encode(&texts)
        .unwrap()
        .dot(&basis);
    let rows = stored.chunks(scale.len()).map(|bytes| {
        let bytes: Array1<f32> = bytes.iter().map(|&byte| f32::from(byte as i8)).collect();
        bytes * &scale
    });
    let cosines: Vec<f64> = projected
        .rows()
        .into_iter()
        .zip(rows)
        .map(|(row, given)| cosine(row, given.view()))
        .collect();
    assert_eq!(cosines.len(), SAMPLE);
    let mean = cosines.iter().sum::<f64>() / SAMPLE as f64;
    eprintln!("mean cosine to the given vectors: {mean:.5}");
    assert!(mean >= 0.98, "{mean}");
}

fn first_lines(path: &Path, count: usize) -> Vec<String> {
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    let decoder = ruzstd::decoding::StreamingDecoder::new(file).unwrap();
    let lines = BufReader::new(decoder).lines().take(count);
    lines.map(Result::unwrap).collect()
}

/// The first values of a NumPy array of bytes, after its header of 128.
fn first_bytes(path: &Path, count: usize) -> Vec<u8> {
    let mut file = std::fs::File::open(path).unwrap();
    file.seek(SeekFrom::Start(128)).unwrap();
    let mut bytes = vec![0; count];
    file.read_exact(&mut bytes).unwrap();
    bytes
}
