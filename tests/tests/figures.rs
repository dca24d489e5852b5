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
