//! The tables of figures in the READMEs are those of the committed records.
//!
//! A table stands between `<!-- figures: NAME -->` and `<!-- end of figures -->`; `MEMT_BLESS=1`
//! writes it anew from the records.

mod figures {
    pub(crate) mod markdown;
    pub(crate) mod record;
    pub(crate) mod tables;
}

use figures::{markdown, tables};

#[test]
fn readme_tables_come_from_records() {
    markdown::assert_table("README.md", "quality", &tables::quality());
    markdown::assert_table("README.md", "retrieval", &tables::retrieval());
    markdown::assert_table("README.md", "chip", &tables::chip());
    markdown::assert_table("README.md", "sizes", &tables::sizes());
    markdown::assert_table("README.md", "host", &tables::host());
}

#[test]
fn the_training_table_comes_from_its_record() {
    markdown::assert_table("host/README.md", "training step", &tables::training_step());
}

#[test]
fn the_table_of_peers_comes_from_its_record() {
    markdown::assert_table("host/README.md", "peers", &tables::peers());
}
