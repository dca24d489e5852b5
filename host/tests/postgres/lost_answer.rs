//! A commit whose answer is lost with its connection.

use crate::cluster::Cluster;
use crate::{add, open, seen};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of a server's socket in its folder.
const SOCKET: &str = ".s.PGSQL.5432";

/// Passes on what clients and a server say, until it is told to lose an answer.
struct Line {
    folder: tempfile::TempDir,
    loses_next: Arc<AtomicBool>,
}

impl Line {
    /// A line to the server of a folder; `meanwhile` happens after the commit and before its answer is
    /// missed.
    fn to(server: &Path, meanwhile: impl Fn() + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let loses_next = Arc::new(AtomicBool::new(false));
        let (server, meanwhile) = (server.join(SOCKET), Arc::new(meanwhile));
        let loses = Arc::clone(&loses_next);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let server = UnixStream::connect(&server).unwrap();
                let (loses, meanwhile) = (Arc::clone(&loses), Arc::clone(&meanwhile));
                std::thread::spawn(move || carry(&client.unwrap(), &server, &loses, &*meanwhile));
            }
        });
        Self { folder, loses_next }
    }
}

fn carry(
    client: &UnixStream,
    server: &UnixStream,
    loses: &AtomicBool,
    meanwhile: &(dyn Fn() + Sync),
) {
    let is_lost = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            pass(server, client, |_| {
                let is_lost = is_lost.load(Ordering::SeqCst);
                if is_lost {
                    meanwhile();
                }
                !is_lost
            });
        });
        pass(client, server, |said| {
            let commits = said.windows(6).any(|word| word == b"COMMIT");
            if commits && loses.swap(false, Ordering::SeqCst) {
                is_lost.store(true, Ordering::SeqCst);
            }
            true
        });
    });
}

/// Passes on what is said until a side hangs up or `goes_on` says no.
fn pass(mut from: &UnixStream, mut to: &UnixStream, goes_on: impl Fn(&[u8]) -> bool) {
    let mut said = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut said) {
        if !goes_on(&said[..count]) || to.write_all(&said[..count]).is_err() {
            break;
        }
    }
    // Whoever is gone already has no line to cut.
    drop(from.shutdown(Shutdown::Read));
    drop(to.shutdown(Shutdown::Write));
}

/// Also where another process changes the same owner before anybody can look.
pub(crate) fn a_batch_is_made_once(cluster: &Cluster) {
    let url = cluster.database();
    add(&open(&url), "anna", None, "first").unwrap();
    let other = open(&url);
    let line = Line::to(cluster.folder.path(), move || {
        add(&other, "anna", None, "meanwhile").unwrap();
    });
    let folder = |folder: &Path| folder.display().to_string();
    let through = url.replace(&folder(cluster.folder.path()), &folder(line.folder.path()));
    let through = open(&through);
    through.read("anna", |_| ()).unwrap();
    line.loses_next.store(true, Ordering::SeqCst);
    add(&through, "anna", None, "second").unwrap();
    assert!(!line.loses_next.load(Ordering::SeqCst), "nothing was lost");
    let texts = |store: &memt_host::store::Store| -> Vec<String> {
        seen(store).into_values().map(|(text, _)| text).collect()
    };
    for process in [&through, &open(&url)] {
        let mut texts = process.read("anna", texts).unwrap();
        texts.sort_unstable();
        assert_eq!(texts, ["first", "meanwhile", "second"]);
    }
}
