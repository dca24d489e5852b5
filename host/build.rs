//! Says whether the default model image is there to be built in.

use std::path::Path;

const DEFAULT_MODEL: &str = "models/default.memt";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_default_model)");
    println!("cargo::rerun-if-changed={DEFAULT_MODEL}");
    if Path::new(DEFAULT_MODEL).is_file() {
        println!("cargo::rustc-cfg=has_default_model");
    }
}
