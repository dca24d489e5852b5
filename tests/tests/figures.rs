//! The tables of figures in the READMEs are those of the committed records.
//!
//! A table stands between `<!-- figures: NAME -->` and `<!-- end of figures -->`; `MEMT_BLESS=1`
//! writes it anew from the records.

mod figures {
    pub(crate) mod answers;
    pub(crate) mod asked;
    pub(crate) mod large;
    pub(crate) mod markdown;
    pub(crate) mod memory;
    pub(crate) mod record;
    pub(crate) mod tables;
}

use figures::record::{find, number, read, rows};
use figures::{answers, asked, large, markdown, memory, tables};

#[test]
fn readme_tables_come_from_records() {
    markdown::assert_table("README.md", "quality", &tables::quality());
    markdown::assert_table("README.md", "retrieval", &tables::retrieval());
    markdown::assert_table("README.md", "chip", &tables::chip());
    markdown::assert_table("README.md", "sizes", &tables::sizes());
    markdown::assert_table("README.md", "host", &tables::host());
}

#[test]
fn tables_of_the_host_come_from_their_records() {
    let file = "host/README.md";
    markdown::assert_table(file, "training step", &tables::training_step());
    markdown::assert_table(file, "peers", &tables::peers());
    markdown::assert_table(file, "capacity", &memory::capacity());
    markdown::assert_table(file, "pressure", &memory::pressure());
    markdown::assert_table(file, "feedback", &memory::feedback());
}

#[test]
fn what_was_asked_stands_beside_what_the_records_say() {
    markdown::assert_table("host/models/README.md", "asked", &asked::asked());
}

#[test]
fn tables_of_answers_and_ways_to_write_come_from_their_records() {
    let file = "host/models/RETRIEVAL.md";
    markdown::assert_table(file, "parts", &answers::parts());
    markdown::assert_table(file, "thresholds", &answers::thresholds());
    markdown::assert_table(file, "writing", &memory::writing());
}

#[test]
fn the_tables_of_large_banks_and_servers_come_from_their_records() {
    markdown::assert_table("host/README.md", "scale", &large::scale());
    markdown::assert_table("host/README.md", "serve", &large::serve());
    markdown::assert_table("host/README.md", "postgres", &large::postgres());
}

#[test]
fn the_table_of_approximate_answers_comes_from_its_record() {
    markdown::assert_table("host/README.md", "approximate", &tables::approximate());
}

/// What the published encoders are compared with is the image that ships: its figures in their record are those of
/// the evaluation.
#[test]
fn peers_are_measured_beside_the_image_that_ships() {
    let records = ["peers", "evaluation"].map(|name| read(&format!("host/models/{name}.json")));
    for system in ["default dense", "default fused"] {
        let [beside_peers, evaluated] = records
            .each_ref()
            .map(|record| &find(rows(&record["systems"]), &[("name", system)])["sets"]);
        assert!(!rows(beside_peers).is_empty());
        for set in rows(beside_peers) {
            let name = set["name"].as_str().expect("a name");
            let now = find(rows(evaluated), &[("name", name)]);
            for value in rows(&set["values"]) {
                let metric = value["metric"].as_str().expect("a metric");
                let now = find(rows(&now["values"]), &[("metric", metric)]);
                let (recorded, now) = (number(&value["value"]), number(&now["value"]));
                assert!(
                    (recorded - now).abs() < 1e-6,
                    "host/models/peers.json: {system} on {name}, {metric}: {recorded}, evaluated {now}; record it anew"
                );
            }
        }
    }
}
