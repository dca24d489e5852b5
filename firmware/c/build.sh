#!/usr/bin/env bash
# build.sh TARGET [--slots N] [--text-bytes N] [--terms N] [--scratch-bytes N]: builds the static library for a Rust target
# (thumbv7em-none-eabihf, riscv32imc-unknown-none-elf, ...; `host` for this computer) and prints its path. memt.h needs
# the same numbers, as macros, where they are not the usual ones. The exit status is 3 if the compiler is missing.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
usage() { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ $# -ge 1 ] || usage
target=$1
shift
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --slots) export MEMT_SLOTS=$2 ;;
    --text-bytes) export MEMT_TEXT_BYTES=$2 ;;
    --terms) export MEMT_TERMS=$2 ;;
    --scratch-bytes) export MEMT_SCRATCH_BYTES=$2 ;;
    *) usage ;;
    esac
    shift 2
done

output=$(realpath -m "${CARGO_TARGET_DIR:-$here/../target}")
. "$here/../toolchain.sh"
# A caller that is itself run by cargo hands down settings meant for its own build.
unset CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET
export CARGO_TARGET_DIR=$output
selected=() library=$output/release/libmemt.a
if [ "$target" = host ]; then
    CARGO=(cargo) BUILD_STD=()
else
    toolchain_select "$target" "$output" || exit 3
    selected=(--target "$target") library=$output/$target/release/libmemt.a
fi
cd "$here"
"${CARGO[@]}" rustc --release --locked --quiet "${BUILD_STD[@]}" "${selected[@]}" --package memt-c --lib \
    --crate-type staticlib >&2
printf '%s\n' "$library"
