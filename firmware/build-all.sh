#!/usr/bin/env bash
# build-all.sh: builds every program for every QEMU machine, and says where they are.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"
for machine in "${MACHINES[@]}"; do
    elves=$("$here/build.sh" "$machine")
    echo "$machine: $(wc -l <<<"$elves") programs in $(dirname "${elves%%$'\n'*}")"
done
