//! What memories must say, by the simplest account: a map of texts, which knows nothing of the bank but what it chose to
//! let go.

use super::content::{Content, Told};
use super::device::ORIGIN;
use super::work::{Work, foreign};
use memt_core::slot::{Key, Owner};
use std::collections::BTreeMap;

/// Owner and text of every memory, and the counter of the next key.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    memories: BTreeMap<Key, Told>,
    next: u32,
}

impl Texts {
    /// Follows what was done to a bank of `slots` memories; panics where the bank holds something else afterwards.
    pub(crate) fn follow(&mut self, work: &Work, before: &Content, after: &Content, slots: usize) {
        let found = after.texts();
        let key_at = |index: usize| before.keys().get(index % before.keys().len().max(1));
        match work {
            Work::Add { text, owner, .. } => {
                let key = Key {
                    origin: ORIGIN,
                    counter: self.next,
                };
                self.next += 1;
                if self.memories.len() == slots {
                    self.let_go(1, &found);
                }
                self.memories.insert(key, (Owner(*owner), text.clone()));
            }
            Work::Forget { index, .. } => {
                if let Some(key) = key_at(*index) {
                    self.memories.remove(key);
                }
            }
            Work::ForgetOwner { owner, .. } => {
                self.memories.retain(|_, (other, _)| other.0 != *owner);
            }
            Work::Compact { .. } => self.let_go(self.memories.len().min(3), &found),
            Work::Import { count, first, now } => {
                for counter in *first..first + count {
                    let key = imported(counter);
                    if self.memories.contains_key(&key) {
                        continue;
                    }
                    match found.contains_key(&key) {
                        true => {
                            let text = foreign(counter, *now).0;
                            self.memories.insert(key, (Owner(1), text));
                        }
                        false => assert!(found.len() == slots || before.knows_deleted(key)),
                    }
                }
            }
            Work::ImportDeletion { counter, .. } => {
                let key = imported(*counter);
                if !found.contains_key(&key) {
                    self.memories.remove(&key);
                }
            }
            Work::Replay { .. }
            | Work::ReplayAll { .. }
            | Work::Read { .. }
            | Work::Judge { .. }
            | Work::ImportJudgement { .. } => {}
        }
        assert_eq!(self.memories, found, "{work:?}");
    }

    /// So many memories went; the bank chose which.
    fn let_go(&mut self, count: usize, found: &BTreeMap<Key, Told>) {
        let all = self.memories.len();
        self.memories.retain(|key, _| found.contains_key(key));
        assert_eq!(all - self.memories.len(), count);
    }
}

fn imported(counter: u32) -> Key {
    Key {
        origin: 99,
        counter,
    }
}
