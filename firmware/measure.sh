#!/usr/bin/env bash
# measure.sh [--json | --record] [--model FILE] [MACHINE ...]
# Runs the program `measure` on each QEMU machine (default: all) with the shipped model and prints one row per machine
# and operation: instructions (not cycles), bytes of scratch memory, bytes of stack. The numbers are the same on every
# run. --record writes them to measurements.json.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"

json="" record="" model=$here/../host/models/default.memt chosen=()
while [ $# -gt 0 ]; do
    case $1 in
    --json) json=yes ;;
    --record) record=$here/measurements.json ;;
    --model)
        [ $# -ge 2 ] || { echo "measure.sh: $1 needs a file" >&2; exit 2; }
        model=$2
        shift
        ;;
    -*) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) chosen+=("$1") ;;
    esac
    shift
done
[ "${#chosen[@]}" -gt 0 ] || chosen=("${MACHINES[@]}")

rows=()
for machine in "${chosen[@]}"; do
    output=$("$here/run.sh" "$machine" measure --model "$model") || {
        echo "measure.sh: the program failed on $machine" >&2
        exit 1
    }
    mapfile -t -O "${#rows[@]}" rows <<<"$output"
done

if [ -n "$record" ]; then
    print_json_array "${rows[@]}" >"$record"
    echo "wrote $record"
elif [ -n "$json" ]; then
    print_json_array "${rows[@]}"
else
    fields='{"machine":"\(.*\)","operation":"\(.*\)","instructions":\(.*\),"scratch_bytes":\(.*\),"stack_bytes":\(.*\)}'
    printf '%-20s %-20s %13s %13s %11s\n' machine operation instructions scratch_bytes stack_bytes
    for row in "${rows[@]}"; do
        # shellcheck disable=SC2046
        printf '%-20s %-20s %13s %13s %11s\n' $(sed "s|$fields|\1 \2 \3 \4 \5|" <<<"$row")
    done
fi
