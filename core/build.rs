//! Says whether the processor has the DSP extension (cfg `memt_dsp`), which stable compilers do not
//! tell: by the target's name, or for ARMv8-M, where it is optional, by the processor or feature
//! that the compiler flags name. `--cfg memt_dsp` in the flags turns it on by hand.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(memt_dsp)");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    let target = env::var("TARGET").unwrap_or_default();
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if has_dsp(&target, &flags) {
        println!("cargo::rustc-cfg=memt_dsp");
    }
}

/// `flags` are separated by the character 31.
fn has_dsp(target: &str, flags: &str) -> bool {
    const PROCESSORS: [&str; 5] = [
        "cortex-m33",
        "cortex-m35p",
        "cortex-m55",
        "cortex-m85",
        "star-mc1",
    ];
    if flags.contains("-dsp") || !target.starts_with("thumb") {
        return false;
    }
    let processor = flags
        .split('\x1f')
        .filter_map(|flag| flag.split_once("target-cpu="))
        .map(|(_, processor)| processor)
        .next_back();
    target.starts_with("thumbv7em")
        || target.starts_with("thumbv8m.main")
            && (flags.contains("+dsp") || processor.is_some_and(|name| PROCESSORS.contains(&name)))
}
