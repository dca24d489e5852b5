//! The build script of every board: puts its memory.x on the linker's path and names the linker scripts. With the feature
//! `field-model` a board uses memory-field-model.x.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let memory = match env::var_os("CARGO_FEATURE_FIELD_MODEL") {
        Some(_) => "memory-field-model.x",
        None => "memory.x",
    };
    println!("cargo::rerun-if-changed={memory}");
    let mut boot_loader = false;
    if Path::new(memory).exists() {
        let output = PathBuf::from(env::var("OUT_DIR")?);
        fs::copy(memory, output.join("memory.x"))?;
        println!("cargo::rustc-link-search={}", output.display());
        boot_loader = fs::read_to_string(memory)?.contains("BOOT2");
    }
    let scripts: &[&str] = match env::var("CARGO_CFG_TARGET_ARCH")?.as_str() {
        "arm" => &["--nmagic", "-Tlink.x"],
        "riscv32" => &["-Tlinkall.x"],
        other => return Err(format!("no start code for {other}").into()),
    };
    for script in scripts {
        println!("cargo::rustc-link-arg-bins={script}");
    }
    if boot_loader {
        // Of embassy-rp, for the RP2040's second-stage boot loader; after link.x, which reads memory.x.
        println!("cargo::rustc-link-arg-bins=-Tlink-rp.x");
    }
    Ok(())
}
