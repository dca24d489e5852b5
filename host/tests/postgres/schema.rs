//! Tables that another build has made.

use crate::cluster::{Cluster, command};
use crate::{add, open, seen};
use memt_host::store::{Server, StoreError};

fn run(cluster: &Cluster, database: &str, statement: &str) {
    let done = command(&cluster.programs.join("psql"))
        .args(["--username=postgres", "-q", "--host"])
        .arg(cluster.folder.path())
        .args(["--dbname", database, "-c", statement])
        .status();
    assert!(done.unwrap().success(), "{statement}");
}

/// A build that does not know the tables must not touch them; with its own version they are as they were.
pub(crate) fn tables_of_a_newer_version_are_refused(cluster: &Cluster) {
    let database = cluster.new_database();
    let url = cluster.url(&database);
    let key = add(&open(&url), "anna", None, "tea").unwrap();
    run(cluster, &database, "UPDATE memt_schema SET version = 99");
    for _ in 0..2 {
        let refused = Server::connect(&url);
        assert!(
            matches!(refused, Err(StoreError::Format { format: 99, .. })),
            "{refused:?}"
        );
    }
    run(cluster, &database, "UPDATE memt_schema SET version = 1");
    assert!(open(&url).read("anna", seen).unwrap().contains_key(&key));
}
