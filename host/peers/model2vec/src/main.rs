//! `memt-peer-model2vec FOLDER`: texts a second that model2vec-rs encodes on all cores with the model in a
//! folder, for the lines of standard input.

use model2vec_rs::model::StaticModel;
use std::error::Error;
use std::io;
use std::time::Instant;

const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: memt-peer-model2vec FOLDER")?;
    let model = StaticModel::from_pretrained(folder, None, None, None)?;
    let texts: Vec<String> = io::stdin().lines().collect::<Result<_, _>>()?;
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        std::hint::black_box(model.encode_flat(&texts));
        least = least.min(start.elapsed().as_secs_f64());
    }
    println!("{}", texts.len() as f64 / least);
    Ok(())
}
