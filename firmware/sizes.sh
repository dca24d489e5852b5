#!/usr/bin/env bash
# sizes.sh [--json | --record] [MACHINE ...]
# Builds two programs for each machine (default: those with a 32-bit core): `answers`, which encodes, queries and imports
# a snapshot, and `app`, the firmware. Prints the bytes of each in flash (code, constants and vectors, without the model)
# and of its static RAM. Fails, after all are measured, where one exceeds a limit, which for flash counts on Cortex-M, or
# the bank is not in .bss. --record writes sizes.json.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"

# 96 KiB is the aim for both.
declare -A PROGRAM_BYTES_MAX=([answers]=$((96 * 1024)) [app]=$((133 * 1024)))
declare -A BANKS=([answers]=BANK [app]=STATE)
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

# measure MACHINE PROGRAM: adds a row.
measure() {
    local elf flash ram bss bank
    elf=$("$here/build.sh" "$1" "$2")
    flash=$(allocated_bytes "$elf")
    ram=$((16#$(bss_field "$elf" 5)))
    bss=$(bss_field "$elf" 0)
    bank=$(readelf -sW "$elf" | awk -v bss="$bss" -v name="$2.*${BANKS[$2]}" '$8 ~ name && $7 == bss { print $3 }')
    [ -n "$bank" ] || { echo "sizes.sh: the bank of $2 on $1 is not in .bss, so it costs flash" >&2; exit 1; }
    [[ "$flash" -le "${PROGRAM_BYTES_MAX[$2]}" || "$RUST_TARGET" != thumb* ]] || exceeded+=("$2 on $1 needs $flash bytes of flash, at most ${PROGRAM_BYTES_MAX[$2]} are allowed")
    [ "$ram" -le "$RAM_BYTES_MAX" ] || exceeded+=("$2 on $1 needs $ram bytes of RAM, at most $RAM_BYTES_MAX are allowed")
    rows+=("{\"machine\":\"$LABEL\",\"program\":\"$2\",\"flash_bytes\":$flash,\"ram_bytes\":$ram,\"bank_bytes\":$((bank))}")
}

rows=() exceeded=()
for machine in "${chosen[@]}"; do
    machine_select "$machine" || exit 2
    measure "$machine" answers
    measure "$machine" app
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
