//! `memt eval`.

mod feedback;
mod keeping;
mod peers;
mod writing;

use super::picture::write_picture;
use crate::command_line::{Failure, Outcome};
use crate::evaluation::{Candidate, Curve, FALSE_ANSWERS, Settings, compare, svg, unanswerable};
use crate::model::{Arithmetic, Model};
use crate::terminal::{self, print_json};
use memt_core::query::DEFAULT_MIN_SCORE;
use memt_eval::Dataset;
use memt_eval::datasets::{self, SetInfo};
use memt_eval::report::TableOptions;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Measure models on the evaluation sets
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Model images; without any, the one built into this program
    #[arg(value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Folder of the data; the sets are in its folder eval
    #[arg(
        long,
        value_name = "DIR",
        env = "MEMT_DATA",
        default_value = "../shared/data"
    )]
    data: PathBuf,
    /// Arithmetics to compare
    #[arg(long, value_enum, value_delimiter = ',', default_value = "fixed")]
    arith: Vec<Arithmetic>,
    /// Only these sets
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        conflicts_with = "dev"
    )]
    sets: Vec<String>,
    /// Only the sets that may be tuned on
    #[arg(long)]
    dev: bool,
    /// Add BM25, TF-IDF and the mean of min-max scores
    #[arg(long)]
    baselines: bool,
    /// Add the sentence transformer in this folder (all-MiniLM-L6-v2; needs the cargo feature `peers`)
    #[arg(long, value_name = "DIR")]
    minilm: Option<PathBuf>,
    /// Add the static model in this folder (as model2vec writes it; needs the cargo feature `peers`)
    #[arg(long, value_name = "DIR")]
    model2vec: Option<PathBuf>,
    /// Add 95 % bootstrap intervals and differences to the first model
    #[arg(long)]
    intervals: bool,
    /// Add the score without each of its parts
    #[arg(long)]
    ablate: bool,
    /// Add banks that prefer neighbours in time
    #[arg(long)]
    neighbours: bool,
    /// Measure instead how often questions without an answer get one, by threshold
    #[arg(long, conflicts_with_all = ["baselines", "minilm", "model2vec", "intervals", "ablate", "neighbours", "all_metrics"])]
    unanswerable: bool,
    /// Draw the curves of --unanswerable, --capacity or --pressure
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Compare ways to write memories instead: directly, by the loop and by parts of it, on families of
    /// near-duplicates and on the retrieval sets among those chosen by --sets or --dev
    #[arg(long, conflicts_with_all = ["baselines", "minilm", "model2vec", "intervals", "all_metrics"])]
    writing: bool,
    /// Measure instead what is still known of old memories after one to ten times as many later ones
    #[arg(long, conflicts_with_all = ["baselines", "minilm", "model2vec", "intervals", "ablate", "neighbours", "all_metrics", "unanswerable", "writing", "sets", "dev"])]
    capacity: bool,
    /// Measure instead what a bank of few slots keeps of made-up lives, beside other ways to choose what
    /// goes
    #[arg(long, conflicts_with_all = ["baselines", "minilm", "model2vec", "intervals", "ablate", "neighbours", "all_metrics", "unanswerable", "writing", "capacity", "sets", "dev"])]
    pressure: bool,
    /// Measure instead what judging the answers to some questions does for others: on made-up facts, and on the
    /// retrieval sets among those chosen by --sets or --dev
    #[arg(long, conflicts_with_all = ["baselines", "minilm", "model2vec", "intervals", "ablate", "neighbours", "all_metrics", "unanswerable", "writing", "capacity", "pressure"])]
    feedback: bool,
    /// Show every metric, not only the headline of each set
    #[arg(long)]
    all_metrics: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let candidates = candidates(&arguments)?;
    if arguments.svg.is_some()
        && !(arguments.unanswerable || arguments.capacity || arguments.pressure)
    {
        return Err(Failure::bad_input(
            "--svg draws the curves of --unanswerable, --capacity or --pressure: choose one",
        ));
    }
    let svg = arguments.svg.as_deref();
    if arguments.capacity {
        return print(&keeping::capacity_report(&candidates, arguments.json, svg)?);
    }
    if arguments.pressure {
        return print(&keeping::pressure_report(&candidates, arguments.json, svg)?);
    }
    let folder = arguments.data.join("eval");
    if arguments.sets.is_empty() && !arguments.dev {
        if arguments.writing {
            return print(&writing::report(&candidates, &[], arguments.json)?);
        }
        if arguments.feedback {
            return print(&feedback::report(&candidates, &[], arguments.json)?);
        }
    }
    let sets = datasets::load(&folder, chosen_sets(&arguments)?).map_err(Failure::bad_input)?;
    if arguments.unanswerable {
        return run_unanswerable(&arguments, &candidates, &sets);
    }
    if arguments.writing {
        return print(&writing::report(&candidates, &sets, arguments.json)?);
    }
    if arguments.feedback {
        return print(&feedback::report(&candidates, &sets, arguments.json)?);
    }
    let peers = peers::open(arguments.minilm.as_deref(), arguments.model2vec.as_deref())?;
    let steps = (sets.len() * candidates.len()) as u64;
    let bar = terminal::progress(steps, "measuring");
    let settings = Settings {
        baselines: arguments.baselines,
        intervals: arguments.intervals,
        ablate: arguments.ablate,
        neighbours: arguments.neighbours,
    };
    let report = compare(&candidates, &peers, &sets, settings, &|progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
    })
    .map_err(Failure::failed)?;
    bar.finish_and_clear();
    let text = if arguments.json {
        report.to_json().map_err(Failure::failed)? + "\n"
    } else {
        report.table(&TableOptions {
            all_metrics: arguments.all_metrics,
            ..TableOptions::default()
        })
    };
    print(&text)
}

fn print(text: &str) -> Result<Outcome, Failure> {
    anstream::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}

fn run_unanswerable(
    arguments: &Arguments,
    candidates: &[Candidate],
    sets: &[Dataset],
) -> Result<Outcome, Failure> {
    let curves = unanswerable(candidates, sets).map_err(Failure::failed)?;
    if curves.is_empty() {
        return Err(Failure::bad_input("none of these sets asks questions"));
    }
    let threshold = f64::from(DEFAULT_MIN_SCORE);
    if let Some(path) = &arguments.svg {
        write_picture(path, &svg(&curves, threshold).map_err(Failure::failed)?)?;
    }
    if arguments.json {
        print_json(&json!({ "default_threshold": threshold, "curves": curves }))?;
        return Ok(Outcome::Done);
    }
    print_curves(&curves, threshold).map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}

fn print_curves(curves: &[Curve], threshold: f64) -> std::io::Result<()> {
    let mut output = anstream::stdout().lock();
    writeln!(
        output,
        "Percent of questions answered: of other groups, with the answer removed; percent of right first answers kept"
    )?;
    writeln!(
        output,
        "{:<12} {:<18} {:>9} {:>8} {:>8} {:>8}",
        "model", "set", "threshold", "others", "removed", "kept"
    )?;
    for curve in curves {
        let tenths = (2..10).map(|tenth| curve.at(f64::from(tenth) / 10.0));
        for point in tenths.chain([curve.at(threshold), curve.strict()]) {
            writeln!(
                output,
                "{:<12} {:<18} {:>9.2} {:>8.1} {:>8.1} {:>8.1}",
                curve.model,
                curve.set,
                point.threshold,
                100.0 * point.answered_others,
                100.0 * point.answered_removed,
                100.0 * point.kept
            )?;
        }
    }
    writeln!(
        output,
        "The last two lines of each set: the default threshold, and the least one that answers at most {:.0} % of the others' questions",
        100.0 * FALSE_ANSWERS
    )
}

fn candidates(arguments: &Arguments) -> Result<Vec<Candidate>, Failure> {
    let mut models = Vec::new();
    for path in &arguments.images {
        let stem = path.file_stem().unwrap_or(path.as_os_str());
        let model = Model::read(path).map_err(Failure::bad_input)?;
        models.push((stem.to_string_lossy().into_owned(), model));
    }
    if models.is_empty() {
        let model = Model::built_in().map_err(Failure::bad_input)?;
        models.push(("default".to_owned(), model));
    }
    let several = arguments.arith.len() > 1;
    let mut candidates = Vec::new();
    for (name, model) in models {
        for &arithmetic in &arguments.arith {
            let name = match arithmetic {
                Arithmetic::Fixed if several => format!("{name} fixed"),
                Arithmetic::F32 => format!("{name} f32"),
                Arithmetic::Fixed => name.clone(),
            };
            candidates.push(Candidate {
                name,
                model: model.clone(),
                arithmetic,
            });
        }
    }
    Ok(candidates)
}

fn chosen_sets(arguments: &Arguments) -> Result<Vec<SetInfo>, Failure> {
    if arguments.dev {
        return Ok(datasets::dev().collect());
    }
    if arguments.sets.is_empty() {
        return Ok(datasets::CATALOGUE.to_vec());
    }
    let find = |name: &String| {
        let names = datasets::CATALOGUE.map(|set| set.name).join(", ");
        datasets::find(name)
            .ok_or_else(|| Failure::bad_input(format!("no set is named {name}; there are {names}")))
    };
    arguments.sets.iter().map(find).collect()
}
