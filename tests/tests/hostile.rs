//! Damaged and forged images and snapshots: an error, or an answer, but never a panic.

mod hostile {
    mod images;
    mod snapshots;
}
