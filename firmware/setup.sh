#!/usr/bin/env bash
# setup.sh: installs what building and running the firmware in QEMU needs and this computer lacks, a C compiler for
# the example of the C interface included.
# Quiet when nothing is missing. Uses Debian packages; run by a user other than root it asks sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./machines.sh
. ./toolchain.sh

missing_packages() {
    local machine need_debian=""
    [ -x "$(command -v qemu-system-arm)" ] && [ -x "$(command -v qemu-system-aarch64)" ] || echo qemu-system-arm
    [ -x "$(command -v qemu-system-riscv32)" ] || echo qemu-system-misc
    [ -x "$(command -v arm-none-eabi-gcc)" ] || echo gcc-arm-none-eabi
    for machine in "${MACHINES[@]}"; do
        machine_select "$machine"
        toolchain_has_rustup_target "$RUST_TARGET" || need_debian=yes
    done
    if [ -n "$need_debian" ]; then
        [ -x /usr/bin/rustc ] || echo rustc-web
        [ -x /usr/bin/cargo ] || echo cargo-web
        [ -e /usr/lib/rustlib/src/rust/library/core ] || echo rust-web-src
        toolchain_linker >/dev/null || echo lld
    fi
}

mapfile -t packages < <(missing_packages)
[ "${#packages[@]}" -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    {
        echo "setup.sh: this system has no apt-get, and these Debian packages are missing: ${packages[*]}"
        echo "Install QEMU 7.2 or newer (qemu-system-arm, qemu-system-aarch64, qemu-system-riscv32), arm-none-eabi-gcc and the Rust targets yourself:"
        for machine in "${MACHINES[@]}"; do
            machine_select "$machine"
            echo "    rustup target add $RUST_TARGET"
        done | sort -u
    } >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup.sh: run as root, or install sudo: apt-get install ${packages[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "setup.sh: installing ${packages[*]} (up to 260 MB to download, about a minute)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -q &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "setup.sh: apt-get failed; the lines above are its last words" >&2
    exit 1
fi
mapfile -t packages < <(missing_packages)
if [ "${#packages[@]}" -ne 0 ]; then
    echo "setup.sh: apt-get succeeded, but these are still missing: ${packages[*]}" >&2
    exit 1
fi
echo "setup.sh: done"
