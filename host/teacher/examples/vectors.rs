//! Writes a teacher's vectors of own texts as the trainer reads them:
//! `cargo run --release -p memt-teacher --example vectors -- MODEL TEXTS.txt BASIS.npy OUT`
//!
//! MODEL is the teacher's folder, TEXTS.txt holds one text a line, BASIS.npy `[D, 128]` projects (`basis.npy` of
//! the data folder). OUT receives `vectors.npy`, `scale.npy` and `basis.npy`; `zstd TEXTS.txt -o OUT/texts.txt.zst`
//! puts the texts beside them. Vectors of single words are made alike, from a file with a word a line.

use memt_teacher::projected::Stored;
use memt_teacher::{Teacher, TeacherError, numpy};
use ndarray::{Array2, Axis};
use std::path::Path;
use std::process::ExitCode;

/// Texts between two lines of progress.
const BLOCK: usize = 8_192;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, texts, basis, out] = &arguments[..] else {
        eprintln!("usage: vectors MODEL TEXTS.txt BASIS.npy OUT");
        return ExitCode::from(2);
    };
    match write(model.as_ref(), texts.as_ref(), basis.as_ref(), out.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(model: &Path, texts: &Path, basis_file: &Path, out: &Path) -> Result<(), TeacherError> {
    let teacher = Teacher::open(model)?;
    let basis = numpy::read_matrix(basis_file)?;
    if basis.nrows() != teacher.dimensions() {
        let problem = format!(
            "{} rows for vectors of {}",
            basis.nrows(),
            teacher.dimensions()
        );
        let path = basis_file.to_owned();
        return Err(TeacherError::Content { path, problem });
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| TeacherError::File { path, error }
    };
    std::fs::create_dir_all(out).map_err(failed(out))?;
    let text = std::fs::read_to_string(texts).map_err(failed(texts))?;
    let lines: Vec<&str> = text.lines().collect();

    let stored = Stored::of(project(&teacher, &lines, &basis)?.view());
    numpy::write_bytes(&out.join("vectors.npy"), &stored.bytes)?;
    numpy::write_vector(&out.join("scale.npy"), &stored.scale)?;
    numpy::write_matrix(&out.join("basis.npy"), &basis)
}

/// `[N, P]`
fn project(
    teacher: &Teacher,
    lines: &[&str],
    basis: &Array2<f32>,
) -> Result<Array2<f32>, TeacherError> {
    let mut projected = Array2::zeros((lines.len(), basis.ncols()));
    let blocks = projected.axis_chunks_iter_mut(Axis(0), BLOCK);
    for (number, (mut rows, texts)) in blocks.zip(lines.chunks(BLOCK)).enumerate() {
        rows.assign(&teacher.encode(texts)?.dot(basis));
        eprintln!("{} of {} texts", number * BLOCK + texts.len(), lines.len());
    }
    Ok(projected)
}
