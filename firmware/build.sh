#!/usr/bin/env bash
# build.sh MACHINE [BIN]: builds one program (or all) of firmware/qemu for a machine and prints the path of each ELF.
# The output folder is firmware/target, or CARGO_TARGET_DIR. The exit status is 3 if the compiler is missing.
set -euo pipefail
output=$(realpath -m "${CARGO_TARGET_DIR:-$(dirname "${BASH_SOURCE[0]}")/target}")
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./machines.sh
. ./toolchain.sh

[ $# -ge 1 ] && [ $# -le 2 ] || { echo "usage: build.sh MACHINE [BIN]; machines: ${MACHINES[*]}" >&2; exit 2; }
machine_select "$1" || exit 2
if [ $# -eq 2 ]; then
    programs=("$2")
else
    mapfile -t programs < <(cd qemu/src/bin && for file in *.rs; do echo "${file%.rs}"; done)
fi

toolchain_select "$RUST_TARGET" "$output" || exit 3
# A caller hands down settings meant for its own build; here the profile of Cargo.toml holds, which figures are made with.
unset CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET CARGO_INCREMENTAL "${!CARGO_PROFILE_@}"
export CARGO_TARGET_DIR=$output RUSTFLAGS=$RUST_FLAGS
export MEMT_MACHINE=$LABEL MEMT_MEMORY=$MEMORY MEMT_MAILBOX=$MAILBOX_HEADER

# Only embed-hash meets models with convolutions; what the others weigh is without.
selected=() with_conv=() elves=() quiet=(--quiet)
for program in "${programs[@]}"; do
    elf=$output/$RUST_TARGET/release/$program
    case $program in
    embed-hash) with_conv+=(--bin "$program") ;;
    *) selected+=(--bin "$program") ;;
    esac
    elves+=("$elf")
    [ -e "$elf" ] || quiet=()
done
if [ "${#quiet[@]}" -eq 0 ]; then
    first=""
    [ -d "$output/$RUST_TARGET/release" ] || first="; the first build for this machine takes about a minute"
    echo "building ${programs[*]} for $MACHINE ($RUST_TARGET, $TOOLCHAIN compiler$first)" >&2
fi
# build FEATURES SELECTION...
build() {
    [ $# -gt 1 ] || return 0
    "${CARGO[@]}" build --release --locked "${quiet[@]}" "${BUILD_STD[@]}" --target "$RUST_TARGET" \
        --package memt-qemu --features "$@" >&2
}
build machine "${selected[@]}"
build machine,conv "${with_conv[@]}"
printf '%s\n' "${elves[@]}"
