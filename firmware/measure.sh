#!/usr/bin/env bash
# measure.sh [--json | --record] [--model FILE] [--bag FILE] [MACHINE ...]
# Runs the program `measure` on each QEMU machine (default: all) with the shipped model, for encode/bag/14 with the
# shipped bag, and prints one row per machine and operation: instructions (not cycles; for matvec and matmul a thousand
# times those of a product), bytes of scratch memory, bytes of stack. The numbers are the same on every run. --record
# writes them to measurements.json.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"

json="" record="" chosen=()
model=$here/../host/models/default.memt
bag=$here/../host/models/bag.memt
while [ $# -gt 0 ]; do
    case $1 in
    --json) json=yes ;;
    --record) record=$here/measurements.json ;;
    --model | --bag)
        [ $# -ge 2 ] || { echo "measure.sh: $1 needs a file" >&2; exit 2; }
        case $1 in
        --model) model=$2 ;;
        --bag) bag=$2 ;;
        esac
        shift
        ;;
    -*) sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
    *) chosen+=("$1") ;;
    esac
    shift
done
[ "${#chosen[@]}" -gt 0 ] || chosen=("${MACHINES[@]}")

# measure MACHINE MODEL: prints all rows.
measure() {
    "$here/run.sh" "$1" measure --model "$2" || {
        echo "measure.sh: the program failed on $1" >&2
        return 1
    }
}

rows=()
for machine in "${chosen[@]}"; do
    of_default=$(measure "$machine" "$model")
    of_bag=$(measure "$machine" "$bag" | sed -n 's|encode/default/14|encode/bag/14|p')
    of_boot=$("$here/run.sh" "$machine" boot --model "$model")
    mapfile -t -O "${#rows[@]}" rows <<<"$of_default"$'\n'"$of_bag"$'\n'"$of_boot"
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
