#!/usr/bin/env bash
# peers.sh [--record]: counts instructions a product of one int8 dense layer, requantisation included, of memt and of
# other crates, on the same machine by the same counter. --record writes peers.json. Downloads and builds the crates.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
. "$here/machines.sh"
. "$here/toolchain.sh"
case ${1:-} in
"" | --record) ;;
*) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

machine_select m4f
output=$(realpath -m "${CARGO_TARGET_DIR:-$here/target}")
toolchain_select "$RUST_TARGET" "$output"
unset CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO_BUILD_TARGET
export CARGO_TARGET_DIR=$output RUSTFLAGS=$RUST_FLAGS
export MEMT_MACHINE=$LABEL MEMT_MEMORY=$MEMORY MEMT_MAILBOX=$MAILBOX_HEADER
cd "$here/peers"
"${CARGO[@]}" build --release --locked --quiet "${BUILD_STD[@]}" --target "$RUST_TARGET"
mapfile -t rows < <("$QEMU" -machine "$QEMU_MACHINE" -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -icount shift=0 \
    -kernel "$output/$RUST_TARGET/release/memt-peers" </dev/null)

if [ "${1:-}" = --record ]; then
    print_json_array "${rows[@]}" >"$here/peers.json"
    echo "wrote $here/peers.json"
else
    printf '%s\n' "${rows[@]}"
fi
