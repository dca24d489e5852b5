//! memt on a host.
fn main() {}
