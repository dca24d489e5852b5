//! memt on a host.
