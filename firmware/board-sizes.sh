#!/usr/bin/env bash
# board-sizes.sh [--record] [BOARD ...]: builds the firmware of boards (default: all) and prints a table of their bytes: text
# (code and constants), data and bss in RAM, the model image in the program, and what is free in the part of flash for the
# program and in RAM (stack included). --record writes boards/SIZES.md.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
record=""
if [ "${1:-}" = --record ]; then
    record=$here/boards/SIZES.md
    shift
fi
command -v readelf >/dev/null || { echo "board-sizes.sh: readelf is missing: install binutils" >&2; exit 3; }

# section_bytes ELF TYPE PATTERN: the sum of the allocated sections of a type whose names match.
section_bytes() {
    readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\]//' |
        awk -v type="$2" -v pattern="$3" '$2 == type && $7 ~ /A/ && $1 ~ pattern { print $5 }' |
        { total=0; while read -r size; do total=$((total + 16#$size)); done; echo "$total"; }
}

# region_bytes BOARD REGION: the length of a region of memory.x.
region_bytes() {
    local length
    length=$(sed -n "s/^ *$2 : .*LENGTH = \(.*\)$/\1/p" "$here/boards/$1/memory.x")
    length=${length//K/ * 1024}
    echo $((${length//M/ * 1048576}))
}

# free_bytes BOARD ELF FLASH_USED RAM_USED: prints flash and RAM that is left.
free_bytes() {
    if [ -f "$here/boards/$1/memory.x" ]; then
        echo "$(($(region_bytes "$1" FLASH) - $3)) $(($(region_bytes "$1" RAM) - $4))"
    else
        local partition
        partition=$(sed -n 's/^factory,.*, *\(0x[0-9a-f]*\),$/\1/p' "$here/boards/$1/partitions.csv")
        # The linker script gives the stack what is left of RAM.
        echo "$((partition - $3)) $(section_bytes "$2" NOBITS '^\.stack$')"
    fi
}

grouped() { sed ':again; s/\B[0-9]\{3\}\>/,&/; t again' <<<"$1"; }

elves=$("$here/build-boards.sh" "$@")
rows=()
for elf in $elves; do
    board=${elf##*/memt-}
    all=$(section_bytes "$elf" PROGBITS .)
    data=$(section_bytes "$elf" PROGBITS '^\.data')
    bss=$(section_bytes "$elf" NOBITS '^\.(bss|uninit|noinit)$')
    image=$(readelf -sW "$elf" | awk '$4 == "OBJECT" && $8 ~ /MODEL$/ { print $3 }')
    image=$((image))
    [ "$image" -gt 0 ] || { echo "board-sizes.sh: $board has no model in its program" >&2; exit 1; }
    read -r flash ram < <(free_bytes "$board" "$elf" "$all" "$((data + bss))")
    [ "$flash" -ge 0 ] && [ "$ram" -ge 4096 ] || { echo "board-sizes.sh: $board does not fit: $flash bytes of flash and $ram of RAM are left" >&2; exit 1; }
    row="| \`$board\`"
    for number in "$((all - data - image))" "$data" "$bss" "$image" "$flash" "$ram"; do
        row+=" | $(grouped "$number")"
    done
    rows+=("$row |")
done

table() {
    echo "| board | text | data | bss | image | free flash | free RAM |"
    echo "|---|---|---|---|---|---|---|"
    printf '%s\n' "${rows[@]}"
}
if [ -n "$record" ]; then
    {
        echo "# Sizes of the boards' firmware"
        echo
        echo "Bytes, as \`firmware/board-sizes.sh --record\` finds them in the programs that \`build-boards.sh\` builds. *Free flash* is of the"
        echo "part for the program; *free RAM* includes the stack."
        echo
        table
    } >"$record"
    echo "wrote $record"
else
    table
fi
