//! Puts the machine's memory layout on the linker's path and names the machine to the program.
//! firmware/build.sh sets the three variables from firmware/machines.json.

use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    for name in ["MEMT_MACHINE", "MEMT_MEMORY", "MEMT_MAILBOX"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if env::var_os("CARGO_FEATURE_MACHINE").is_none() {
        return Ok(());
    }
    let memory = format!("memory/{}.x", required("MEMT_MEMORY")?);
    let output = PathBuf::from(required("OUT_DIR")?);
    fs::copy(&memory, output.join("memory.x")).map_err(|error| format!("{memory}: {error}"))?;
    println!("cargo::rerun-if-changed={memory}");
    // The names of a device's interrupt handlers, for `cortex-m-rt`: none.
    fs::write(output.join("device.x"), "")?;
    println!("cargo::rustc-link-search={}", output.display());
    println!(
        "cargo::rustc-env=MEMT_MACHINE={}",
        required("MEMT_MACHINE")?
    );

    let mailbox = required("MEMT_MAILBOX")?;
    let address = u32::from_str_radix(mailbox.trim_start_matches("0x"), 16)
        .map_err(|error| format!("MEMT_MAILBOX={mailbox}: {error}"))?;
    fs::write(output.join("mailbox_address.rs"), format!("{address:#x}"))?;

    let scripts: &[&str] = match required("CARGO_CFG_TARGET_ARCH")?.as_str() {
        "arm" => &["--nmagic", "-Tlink.x"],
        "riscv32" => &["-Tmemory.x", "-Tlink.x"],
        "aarch64" => &["-Tmemory.x"],
        other => return Err(format!("no start code for {other}").into()),
    };
    for script in scripts {
        println!("cargo::rustc-link-arg-bins={script}");
    }
    Ok(())
}

fn required(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}; build with firmware/build.sh"))
}
