#!/usr/bin/env bash
# build-all.sh [--ci | --machines]: builds every program for every QEMU machine and the firmware of every board, and says where they
# are. --ci: of the boards only pico and nrf52840-dk, and the latter with messages too. --machines: no board.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/machines.sh"
case ${1:-} in
"" | --ci | --machines) ;;
*) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
for machine in "${MACHINES[@]}"; do
    elves=$("$here/build.sh" "$machine")
    echo "$machine: $(wc -l <<<"$elves") programs in $(dirname "${elves%%$'\n'*}")"
done
case ${1:-} in
--machines) ;;
--ci)
    "$here/build-boards.sh" pico nrf52840-dk
    "$here/build-boards.sh" --features messages nrf52840-dk
    ;;
*) "$here/build-boards.sh" ;;
esac
