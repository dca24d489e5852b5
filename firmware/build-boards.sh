#!/usr/bin/env bash
# build-boards.sh [--features LIST] [BOARD ...]: builds the firmware of each board (default: all) and prints the path of each ELF. The first
# build of a board takes 2 to 4 minutes on two cores. The output folder is firmware/target, or CARGO_TARGET_DIR. The exit
# status is 3 if the compiler is missing.
set -euo pipefail
output=$(realpath -m "${CARGO_TARGET_DIR:-$(dirname "${BASH_SOURCE[0]}")/target}")
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./toolchain.sh

mapfile -t known < <(cd boards && for configuration in */.cargo; do dirname "$configuration"; done)
features=()
if [ "${1:-}" = --features ]; then
    features=(--features "${2:?build-boards.sh: --features needs a list}")
    shift 2
fi
boards=("$@")
[ $# -gt 0 ] || boards=("${known[@]}")
# A caller hands down settings meant for its own build; here the profile of each board holds.
unset CARGO_ENCODED_RUSTFLAGS RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET CARGO_INCREMENTAL "${!CARGO_PROFILE_@}"
export CARGO_TARGET_DIR=$output FW_STD=core,alloc

for board in "${boards[@]}"; do
    [ -f "boards/$board/Cargo.toml" ] || { echo "unknown board $board; known: ${known[*]}" >&2; exit 2; }
    target=$(sed -n 's/^target = "\(.*\)"/\1/p' "boards/$board/.cargo/config.toml")
    # Each board in a process of its own: the compiler may be another one for the next.
    (
        toolchain_select "$target" "$output" || exit 3
        cd "boards/$board"
        "${CARGO[@]}" build --release --locked --quiet "${features[@]}" "${BUILD_STD[@]}" --target "$target" >&2
    ) || exit
    printf '%s\n' "$output/$target/release/memt-$board"
done
