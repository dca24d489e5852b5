//! Many owners, few of them in memory.

use super::*;
use memt_core::query::QueryOptions;

const MODEL: Fingerprint = Fingerprint(7);

fn of_owner(owner: &str, text: &str) -> NewEntry {
    let mut entry = made_up(text);
    entry.owner_name = owner.to_owned();
    entry
}

fn add(stores: &Stores, owner: &str, text: &str) -> Vec<Key> {
    let entry = of_owner(owner, text);
    let added = stores.change(owner, |store| store.write(vec![entry.clone()]));
    added.unwrap()
}

fn texts_of(stores: &Stores, owner: &str) -> Vec<String> {
    stores.read(owner, texts).unwrap()
}

#[test]
fn owners_come_and_go_and_see_only_their_own() {
    let folder = Folder::new();
    let path = folder.file("bank.redb");
    let stores = Opening::or_new(&path).open_owners(MODEL, 100).unwrap();
    let name = |owner: usize| match owner % 2 {
        0 => format!("owner {owner}"),
        _ => owner.to_string(),
    };
    for round in 0..3 {
        for owner in 0..20 {
            let keys = add(&stores, &name(owner), &format!("memory {round} of {owner}"));
            if round == 1 {
                let change = |store: &mut Store| store.forget(&keys, Timestamp(2000));
                assert_eq!(stores.change(&name(owner), change).unwrap(), 1);
            }
            let (memories, owners) = stores.resident();
            assert!(memories + 16 * owners <= 100, "{memories} of {owners}");
        }
    }
    for owner in 0..20 {
        let expected = [0, 2].map(|round| format!("memory {round} of {owner}"));
        assert_eq!(texts_of(&stores, &name(owner)), expected);
        let found = stores.read(&name(owner), |store| {
            let embedding = memt_core::embedding::Embedding([1; 128]);
            let options = QueryOptions {
                owner: None,
                ..QueryOptions::of_owner(Owner(0))
            };
            let hits = store.bank().query("memory 2", &embedding, &options, 100);
            (
                hits.unwrap().len(),
                store.key_of(owner_of_name(&name(owner)), &expected[1]),
            )
        });
        let (hits, by_id) = found.unwrap();
        assert_eq!(hits, 2);
        assert!(by_id.is_some());
        let other = stores.read(&name(owner), |store| {
            store.key_of(owner_of_name(&name(owner)), "memory 0 of 100")
        });
        assert_eq!(other.unwrap(), None);
    }
    assert_eq!(texts_of(&stores, "nobody"), [] as [&str; 0]);
    assert_eq!(stores.owners().unwrap().len(), 20);
    drop(stores);
    assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
    let all = Opening::existing(&path).open(MODEL).unwrap();
    assert_eq!((all.bank().len(), all.bank().deletions().count()), (40, 20));
    assert_eq!(all.owner_name(owner_of_name("owner 4")), "owner 4");
    drop(all);
    let one = Opening::existing(&path)
        .only("owner 4")
        .open(MODEL)
        .unwrap();
    assert_eq!(texts(&one), ["memory 0 of 4", "memory 2 of 4"]);
}

#[test]
fn threads_share_a_store() {
    let folder = Folder::new();
    let path = folder.file("bank.redb");
    let stores = Opening::or_new(&path).open_owners(MODEL, 400).unwrap();
    let (threads, each) = (8, 40);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let stores = &stores;
            scope.spawn(move || {
                for number in 0..each {
                    // Half of the writes meet those of another thread at one owner.
                    let owner = format!(
                        "owner {}",
                        if number % 2 == 0 { thread } else { number % 3 }
                    );
                    let text = format!("{thread} wrote {number}");
                    add(stores, &owner, &text);
                    assert!(texts_of(stores, &owner).contains(&text));
                }
            });
        }
    });
    drop(stores);
    let all = Opening::existing(&path).open(MODEL).unwrap();
    assert_eq!(all.bank().len(), threads * each);
    let mut counters: Vec<u32> = all
        .bank()
        .keys_of(None)
        .iter()
        .map(|key| key.counter)
        .collect();
    counters.sort_unstable();
    assert!(counters.iter().copied().eq(0..(threads * each) as u32));
    drop(all);
    assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
}

#[test]
fn a_part_takes_only_what_is_its_owners() {
    let folder = Folder::new();
    let path = folder.file("bank.redb");
    let stores = Opening::or_new(&path).open_owners(MODEL, 100).unwrap();
    add(&stores, "anna", "tea");
    add(&stores, "bert", "coffee");
    let foreign = stores.change("anna", |store| store.write(vec![of_owner("bert", "milk")]));
    assert!(
        matches!(foreign, Err(StoreError::OtherOwner { .. })),
        "{foreign:?}"
    );
    let snapshot = stores
        .read("bert", |store| store.export(None))
        .unwrap()
        .unwrap();
    let foreign = stores.change("anna", |store| store.import(&snapshot));
    assert!(
        matches!(foreign, Err(StoreError::OtherOwner { .. })),
        "{foreign:?}"
    );
    let report = stores
        .change("bert", |store| store.import(&snapshot))
        .unwrap();
    assert_eq!((report.added, report.known), (0, 1));
    assert_eq!(texts_of(&stores, "anna"), ["tea"]);
}

#[test]
fn a_panic_in_a_change_leaves_what_is_durable() {
    let folder = Folder::new();
    let path = folder.file("bank.redb");
    let stores = Opening::or_new(&path).open_owners(MODEL, 100).unwrap();
    add(&stores, "anna", "tea");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        stores.change("anna", |store| -> Result<(), StoreError> {
            store.bank.forget_all(None, Timestamp(1));
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(texts_of(&stores, "anna"), ["tea"]);
}
