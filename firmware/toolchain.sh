# Sourced. Chooses the compiler for a Rust target:
#   1. the developer's rustup toolchain, if that target is installed in it;
#   2. else Debian's rustc-web, which compiles `core` itself from rust-web-src (`-Zbuild-std`).
# FW_FORCE_DEBIAN=1 skips 1. FW_STD names the crates that 2 builds (default: core).

DEBIAN_SOURCES=/usr/lib/rustlib/src/rust/library/core

# toolchain_has_rustup_target TARGET: true if path 1 can build it.
toolchain_has_rustup_target() {
    local sysroot
    [ -z "${FW_FORCE_DEBIAN:-}" ] || return 1
    [ -n "$(command -v rustup)" ] || return 1
    sysroot=$(rustc --print sysroot 2>/dev/null) || return 1
    [ -d "$sysroot/lib/rustlib/$1/lib" ]
}

# toolchain_linker: prints the path of an LLD that Debian's rustc can use.
toolchain_linker() {
    local sysroot found
    if sysroot=$(rustc --print sysroot 2>/dev/null); then
        for found in "$sysroot"/lib/rustlib/*/bin/rust-lld; do
            [ -x "$found" ] && echo "$found" && return 0
        done
    fi
    command -v ld.lld
}

# toolchain_select TARGET OUTPUT: sets CARGO and BUILD_STD (arrays) and TOOLCHAIN (rustup or debian);
# OUTPUT is a folder for the linker's link. Fails with a message if nothing can build TARGET.
toolchain_select() {
    local target=$1 tools=$2/tools linker
    BUILD_STD=()
    if toolchain_has_rustup_target "$target"; then
        CARGO=(cargo)
        TOOLCHAIN=rustup
        return 0
    fi
    if [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/cargo ] || [ ! -e "$DEBIAN_SOURCES" ] || ! linker=$(toolchain_linker); then
        echo "no compiler for $target: run firmware/setup.sh (or: rustup target add $target)" >&2
        return 1
    fi
    mkdir -p "$tools"
    [ "$(readlink "$tools/rust-lld" 2>/dev/null)" = "$linker" ] || ln -sfn "$linker" "$tools/rust-lld"
    export PATH="$tools:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    CARGO=(/usr/bin/cargo)
    TOOLCHAIN=debian
    # rustup's `compiler_builtins`, which copies and fills memory, is compiled for speed too.
    BUILD_STD=("-Zbuild-std=${FW_STD:-core}" --config profile.release.package.compiler_builtins.opt-level=3)
}
