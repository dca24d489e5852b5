#!/usr/bin/env bash
# sizes.sh [--json | --record] [MACHINE ...]
# Builds the program `answers` (encodes, queries, imports a snapshot) for each machine (default: those with a 32-bit
# core) and prints its bytes of flash (code, constants and vectors, without the model) and of static RAM. Fails, after all
# are measured, where one exceeds a limit, which for flash counts on Cortex-M, or the bank is not in .bss. --record
# writes sizes.json.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"

PROGRAM_BYTES_MAX=$((96 * 1024))
RAM_BYTES_MAX=$((124 * 1024))
format="" chosen=()
for argument in "$@"; do
    case $argument in
    --json | --record) format=$argument ;;
    -*) sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) chosen+=("$argument") ;;
    esac
done
[ "${#chosen[@]}" -gt 0 ] || chosen=(m0 m3 m4f m33 riscv)
command -v readelf >/dev/null || { echo "sizes.sh: readelf is missing: install binutils" >&2; exit 2; }

# allocated_bytes ELF: the sum of the sections with content that are loaded.
allocated_bytes() {
    local total=0 size
    while read -r size; do
        total=$((total + 16#$size))
    done < <(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\]//' | awk '$2 == "PROGBITS" && $7 ~ /A/ { print $5 }')
    echo "$total"
}

# bss_field ELF COLUMN: a column of the line of .bss: 0 is its number, 5 its size.
bss_field() {
    readelf -SW "$1" | tr -d '[]' | awk -v column="$2" '$2 == ".bss" { print $(column + 1) }'
}

rows=() exceeded=()
for machine in "${chosen[@]}"; do
    machine_select "$machine" || exit 2
    elf=$("$here/build.sh" "$machine" answers)
    flash=$(allocated_bytes "$elf")
    ram=$((16#$(bss_field "$elf" 5)))
    bss=$(bss_field "$elf" 0)
    bank=$(readelf -sW "$elf" | awk -v bss="$bss" '$8 ~ /answers.*BANK/ && $7 == bss { print $3 }')
    [ -n "$bank" ] || { echo "sizes.sh: the bank of $machine is not in .bss, so it costs flash" >&2; exit 1; }
    [[ "$flash" -le "$PROGRAM_BYTES_MAX" || "$RUST_TARGET" != thumb* ]] || exceeded+=("$machine needs $flash bytes of flash, at most $PROGRAM_BYTES_MAX are allowed")
    [ "$ram" -le "$RAM_BYTES_MAX" ] || exceeded+=("$machine needs $ram bytes of RAM, at most $RAM_BYTES_MAX are allowed")
    rows+=("{\"machine\":\"$LABEL\",\"flash_bytes\":$flash,\"ram_bytes\":$ram,\"bank_bytes\":$((bank))}")
done

case $format in
--json) print_json_array "${rows[@]}" ;;
--record) print_json_array "${rows[@]}" >"$here/sizes.json" && echo "wrote $here/sizes.json" ;;
*) printf '%s\n' "${rows[@]}" ;;
esac
for excess in "${exceeded[@]}"; do
    echo "sizes.sh: $excess" >&2
done
[ "${#exceeded[@]}" -eq 0 ]
