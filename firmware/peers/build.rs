//! Links with the start code of `memt-qemu`, whose build script supplies the memory layout.

fn main() {
    println!("cargo::rustc-link-arg-bins=--nmagic");
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
