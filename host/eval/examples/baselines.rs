//! Prints the lexical baselines on the tuning sets, or on the sets named after the folder:
//! `cargo run --release -p memt-eval --example baselines -- FOLDER [SET...]`

use std::path::PathBuf;
use std::time::Instant;

use memt_eval::report::TableOptions;
use memt_eval::{Bm25, Bootstrap, System, TfIdf, datasets, evaluate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name the folder of the sets")?);
    let named: Vec<datasets::SetInfo> = arguments
        .map(|name| datasets::find(&name).ok_or(format!("no set is called {name:?}")))
        .collect::<Result<_, _>>()?;
    let chosen = if named.is_empty() {
        datasets::dev().collect()
    } else {
        named
    };
    let sets = datasets::load(&folder, chosen)?;
    let (bm25, tf_idf) = (Bm25::plain(), TfIdf::plain());
    let systems = [System::new("bm25", &bm25), System::new("tf-idf", &tf_idf)];
    let started = Instant::now();
    let mut report = evaluate(&systems, &sets, &|progress| eprintln!("{progress}"))?;
    eprintln!("evaluated in {:.2} s", started.elapsed().as_secs_f64());
    let bootstrap = Bootstrap::default();
    bootstrap.intervals(&mut report);
    bootstrap.compare(&mut report, "tf-idf", &["bm25"])?;
    eprintln!("with intervals {:.2} s", started.elapsed().as_secs_f64());
    print!("{}", report.table(&TableOptions::default()));
    Ok(())
}
