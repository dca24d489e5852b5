#!/usr/bin/env bash
# run.sh MACHINE BIN [--model FILE] [--snapshot FILE] [--script FILE] [--serial CHARDEV] [--timeout SECONDS] [-- QEMU ARGUMENTS]
# Builds a program of firmware/qemu and runs it under QEMU, with the files in the machine's mailbox (see README.md).
# The exit status is the program's; 124 after the timeout (default 120 s), 3 if QEMU or the compiler is missing.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"
usage() {
    sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2
    echo "machines: ${MACHINES[*]}" >&2
    exit 2
}
[ $# -ge 2 ] || usage
machine_select "$1" || exit 2
program=$2
shift 2

MAILBOX_MAGIC=0x544d454d
BLOB_BYTES_MAX=1048576
model="" snapshot="" script="" serial=none seconds=120
while [ $# -gt 0 ]; do
    [ "$1" = -- ] && shift && break
    [ $# -ge 2 ] || usage
    case $1 in
    --model) model=$2 ;;
    --snapshot) snapshot=$2 ;;
    --script) script=$2 ;;
    --serial) serial=$2 ;;
    --timeout) seconds=$2 ;;
    *) usage ;;
    esac
    shift 2
done

loaders=()
load_word() { loaders+=(-device "loader,addr=$1,data=$2,data-len=4"); }
# load_blob HEADER_WORD ADDRESS FILE
load_blob() {
    local bytes=0
    if [ -n "$3" ]; then
        [ -r "$3" ] || { echo "run.sh: cannot read $3" >&2; exit 2; }
        bytes=$(stat -Lc %s "$3")
        [ "$bytes" -le "$BLOB_BYTES_MAX" ] || { echo "run.sh: $3 has $bytes bytes; the mailbox holds $BLOB_BYTES_MAX" >&2; exit 2; }
        # QEMU refuses an empty file, and reads a comma in a value as the next option unless it is doubled.
        [ "$bytes" -eq 0 ] || loaders+=(-device "loader,file=${3//,/,,},addr=$2,force-raw=on")
    fi
    load_word "$1" "$bytes"
}
load_blob "$MAILBOX_HEADER" "$MAILBOX_MODEL" "$model"
load_blob $((MAILBOX_HEADER + 4)) "$MAILBOX_SNAPSHOT" "$snapshot"
load_blob $((MAILBOX_HEADER + 8)) "$MAILBOX_SCRIPT" "$script"
load_word $((MAILBOX_HEADER + 12)) "$MAILBOX_MAGIC"

command -v "$QEMU" >/dev/null || { echo "$QEMU is missing: run firmware/setup.sh" >&2; exit 3; }
elf=$("$here/build.sh" "$MACHINE" "$program") || { [ $? -eq 3 ] && exit 3; exit 2; }
read -ra machine_arguments <<<"$QEMU_ARGS"
exec timeout "$seconds" "$QEMU" -machine "$QEMU_MACHINE" "${machine_arguments[@]}" \
    -nographic -monitor none -serial "$serial" -semihosting-config enable=on,target=native -icount shift=0 \
    -kernel "$elf" "${loaders[@]}" "$@" </dev/null
