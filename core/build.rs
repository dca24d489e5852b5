//! Chooses the loops of `encoder::kernel`: `memt_dsp` for Cortex-M with the DSP extension,
//! `memt_vectors` for vectors of 128 bits.
//!
//! Stable compilers do not tell whether there is DSP. Every ARMv7E-M has it; for ARMv8-M, where it is
//! optional, the compiler flags must name a processor or the feature. `--cfg memt_dsp` in the flags
//! turns it on by hand.

use std::env;

/// ARMv8-M processors with DSP unless `-dsp` is among the features.
const DSP_PROCESSORS: [&str; 5] = [
    "cortex-m33",
    "cortex-m35p",
    "cortex-m55",
    "cortex-m85",
    "star-mc1",
];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(memt_dsp, memt_vectors)");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    let target = env::var("TARGET").unwrap_or_default();
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if has_dsp(&target, &flags) {
        println!("cargo::rustc-cfg=memt_dsp");
    }
    let architecture = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if has_vectors(&architecture, &features) {
        println!("cargo::rustc-cfg=memt_vectors");
    }
}

fn has_vectors(architecture: &str, features: &str) -> bool {
    let needed = match architecture {
        "x86_64" => "sse2",
        "aarch64" => "neon",
        _ => return false,
    };
    features.split(',').any(|feature| feature == needed)
}

/// `flags` are separated by the character 31.
fn has_dsp(target: &str, flags: &str) -> bool {
    let values = |option: &'static str| {
        let flags = flags.split('\x1f');
        flags.filter_map(move |flag| Some(flag.split_once(option)?.1))
    };
    let mut features = values("target-feature=").flat_map(|list| list.split(','));
    match features.rfind(|feature| ["+dsp", "-dsp"].contains(feature)) {
        Some(feature) => target.starts_with("thumbv") && feature == "+dsp",
        None if target.starts_with("thumbv8m.main") => {
            values("target-cpu=").any(|processor| DSP_PROCESSORS.contains(&processor))
        }
        None => target.starts_with("thumbv7em"),
    }
}
