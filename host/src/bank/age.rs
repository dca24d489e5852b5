//! Memories of several owners in one order, old to new.

use super::partition::Partition;
use memt_core::slot::SlotView;

/// The memories of all `partitions`, each of which is in order already.
pub(super) fn merge(partitions: Vec<&Partition>) -> impl Iterator<Item = SlotView<'_>> {
    let mut memories: Vec<SlotView<'_>> = Vec::new();
    let sorted = partitions.len() < 2;
    for partition in partitions {
        memories.extend(partition.by_age());
    }
    if !sorted {
        memories.sort_by_key(SlotView::age_order);
    }
    memories.into_iter()
}
