//! The whole way on sets that are small enough to work out by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Mutex;

use memt_eval::datasets::{self, Dataset};
use memt_eval::report::TableOptions;
use memt_eval::{
    Bm25, Bootstrap, Dense, Fused, GroupRanker, Metric, RankError, Ranker, Report, System, TfIdf,
    evaluate, fused,
};
use ndarray::Array2;

const RETRIEVAL: &str = r#"{"type":"doc","group":"g","id":"0","text":"the boiler valve was replaced"}
{"type":"doc","group":"g","id":"1","text":"milk and bread"}
{"type":"doc","group":"g","id":"2","text":"call the plumber about the boiler"}
{"type":"query","group":"g","id":"a","text":"bread","rel":{"1":1}}
{"type":"query","group":"g","id":"b","text":"boiler plumber","rel":{"0":1}}
{"type":"doc","group":"lonely","id":"0","text":"no query asks here"}"#;
const GRADED: &str = r#"{"a":"milk","b":"milk","score":5,"set":"s"}
{"a":"milk bread","b":"milk","score":3,"set":"s"}
{"a":"milk","b":"boiler","score":0,"set":"s"}
{"a":"milk bread the and","b":"the","score":1,"set":"s"}"#;
const LABELLED: &str = r#"{"a":"milk","b":"milk","label":1,"set":"s"}
{"a":"milk","b":"bread","label":0,"set":"s"}"#;
const INTENTS: &str = r#"{"text":"buy milk","label":"shop","split":"train"}
{"text":"fix boiler","label":"repair","split":"train"}
{"text":"fix valve","label":"repair","split":"train"}
{"text":"fix the boiler","label":"repair","split":"test"}
{"text":"milk","label":"shop","split":"test"}"#;

const WORDS: [&str; 12] = [
    "the", "boiler", "valve", "milk", "bread", "and", "plumber", "call", "fix", "buy", "was",
    "about",
];

/// Counts of the twelve words.
fn bag(texts: &[&str]) -> Array2<f32> {
    Array2::from_shape_fn((texts.len(), WORDS.len()), |(row, column)| {
        let words = texts[row].split(' ');
        words.filter(|word| *word == WORDS[column]).count() as f32
    })
}

fn sets() -> Vec<Dataset> {
    let set = |name, text| {
        let info = datasets::find(name).unwrap();
        Dataset::parse(Path::new("small.jsonl"), text, info).unwrap()
    };
    vec![
        set("memory_handmade", RETRIEVAL),
        set("stsb_dev", GRADED),
        set("covid_qsim", LABELLED),
        set("banking77", INTENTS),
    ]
}

fn report() -> Report {
    let dense = Dense::new(&bag);
    let (bm25, tf_idf) = (Bm25::plain(), TfIdf::plain());
    let both = Fused::new(&dense, &bm25, fused::min_max_mean);
    let systems = [
        System::new("dense", &dense),
        System::new("bm25", &bm25),
        System::new("tf-idf", &tf_idf),
        System::new("fused", &both),
    ];
    evaluate(&systems, &sets(), &|_| ()).unwrap()
}

#[test]
fn values_are_those_worked_out_by_hand() {
    let report = report();
    for system in ["dense", "bm25", "fused"] {
        // "boiler plumber" finds the plumber first, the valve second.
        let value = |metric| report.value(system, "memory_handmade", metric);
        assert_eq!(value(Metric::RecallAt1), Some(50.0), "{system}");
        assert_eq!(value(Metric::RecallAt5), Some(100.0), "{system}");
        assert_eq!(value(Metric::ReciprocalRank), Some(75.0), "{system}");
        assert_eq!(value(Metric::MeanAveragePrecision), Some(75.0), "{system}");
        let accuracy = report.value(system, "banking77", Metric::NeighbourAccuracy);
        assert_eq!(accuracy, Some(100.0), "{system}");
    }
    let spearman = report.value("dense", "stsb_dev", Metric::Spearman).unwrap();
    assert!((spearman - 100.0).abs() < 1e-9, "{spearman}");
    for system in ["dense", "bm25", "tf-idf"] {
        let value = |metric| report.value(system, "covid_qsim", metric);
        assert_eq!(value(Metric::AveragePrecision), Some(100.0));
        assert_eq!(value(Metric::BestAccuracy), Some(100.0));
    }
    assert_eq!(report.value("fused", "stsb_dev", Metric::Spearman), None);
    assert_eq!(report.systems[3].sets.len(), 2);
}

#[test]
fn a_constant_encoder_is_found_out() {
    let constant = |texts: &[&str]| Array2::<f32>::ones((texts.len(), 4));
    let dense = Dense::new(&constant);
    let report = evaluate(&[System::new("constant", &dense)], &sets(), &|_| ()).unwrap();
    let value = |set, metric| report.value("constant", set, metric);
    assert_eq!(value("stsb_dev", Metric::Spearman), None);
    assert_eq!(value("covid_qsim", Metric::BestAccuracy), Some(50.0));
    assert_eq!(value("banking77", Metric::NeighbourAccuracy), Some(50.0));
    assert!(report.table(&TableOptions::default()).contains("undefined"));
}

#[test]
fn progress_is_told_before_each_set() {
    let told = Mutex::new(Vec::new());
    let bm25 = Bm25::plain();
    evaluate(&[System::new("bm25", &bm25)], &sets(), &|progress| {
        told.lock().unwrap().push(progress.to_string());
    })
    .unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told[0], "0/4 bm25 on memory_handmade");
    assert_eq!(told[3], "3/4 bm25 on banking77");
}

/// Answers with too few scores.
struct Short;

impl Ranker for Short {
    fn index(&self, _: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        Ok(Box::new(Short))
    }
}

impl GroupRanker for Short {
    fn scores(&self, _: &str) -> Result<Vec<f32>, RankError> {
        Ok(vec![1.0])
    }
}

#[test]
fn a_broken_ranker_is_an_error_with_system_and_set() {
    let error = evaluate(&[System::new("short", &Short)], &sets(), &|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "short on memory_handmade: the ranker returned 1 scores where 3 were due"
    );
}

#[test]
fn intervals_hold_the_value_and_repeat() {
    let bootstrap = Bootstrap::default();
    let (mut first, mut second) = (report(), report());
    bootstrap.intervals(&mut first);
    bootstrap.intervals(&mut second);
    assert_eq!(first, second);
    let set = &first.systems[0].sets[0];
    let interval = set
        .metric(Metric::ReciprocalRank)
        .unwrap()
        .interval
        .unwrap();
    // Two queries with 1 and 1/2: a quarter of all resamples holds only the one, a quarter only the other.
    assert_eq!((interval.low, interval.high), (50.0, 100.0));
}

#[test]
fn differences_are_paired() {
    let mut report = report();
    let bootstrap = Bootstrap::default();
    bootstrap.compare(&mut report, "bm25", &["dense"]).unwrap();
    let entry = report
        .differences
        .iter()
        .find(|entry| entry.metric == Metric::ReciprocalRank)
        .unwrap();
    // Both answer alike on each query, so the difference has no spread although each value has.
    let interval = entry.interval.unwrap();
    assert_eq!(entry.value, Some(0.0));
    assert_eq!((interval.low, interval.high), (0.0, 0.0));
    let error = bootstrap
        .compare(&mut report, "bm25", &["dense", "sparse"])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no system \"sparse\" was evaluated; choose among dense, bm25, tf-idf, fused"
    );
}

#[test]
fn tables_fit_and_align() {
    let mut report = report();
    let table = report.table(&TableOptions::default());
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[0],
        "set               metric     dense    bm25  tf-idf   fused"
    );
    assert_eq!(
        lines[1],
        "memory_handmade*  R@1        50.00   50.00   50.00   50.00"
    );
    let bootstrap = Bootstrap::default();
    bootstrap.intervals(&mut report);
    // Names that are longer than a column and differ at their end.
    let base = "a base whose name goes on for long: dense";
    report.systems[1].name = base.to_owned();
    report.systems[2].name = base.replace("dense", "fused");
    bootstrap
        .compare(&mut report, base, &["dense", "fused"])
        .unwrap();
    let other = report.systems[2].name.clone();
    bootstrap.compare(&mut report, &other, &["dense"]).unwrap();
    for width in [60, 100] {
        let options = TableOptions {
            width,
            all_metrics: true,
        };
        let table = report.table(&options);
        assert!(table.lines().all(|line| line.len() <= width), "{table}");
        assert!(table.contains("nDCG@10"), "{table}");
        let (_, differences) = table.split_once(&format!("minus {base}\n")).unwrap();
        let (first, second) = differences.split_once(&format!("minus {other}\n")).unwrap();
        for (part, columns) in [(first, &["dense", "fused"][..]), (second, &["dense"])] {
            let rows = part.lines().filter(|line| line.starts_with("set "));
            let names = rows.flat_map(|row| row.split_whitespace().skip(2));
            assert_eq!(names.collect::<Vec<_>>(), columns, "{table}");
        }
    }
}

#[test]
fn json_holds_keys_values_and_intervals() {
    let mut report = report();
    Bootstrap::default().intervals(&mut report);
    let json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    let set = &json["systems"][1]["sets"][0];
    assert_eq!(set["name"], "memory_handmade");
    assert_eq!(set["kind"], "retrieval");
    assert_eq!(set["count"], 2);
    assert_eq!(set["dev"], true);
    assert_eq!(set["values"][3]["metric"], "mrr");
    assert_eq!(set["values"][3]["value"], 75.0);
    assert_eq!(set["values"][3]["interval"]["high"], 100.0);
    assert!(set["observations"].is_null());
}
