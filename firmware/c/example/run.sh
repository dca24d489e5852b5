#!/usr/bin/env bash
# run.sh [host | m4f] [MODEL]: builds the example in C and runs it on this computer (default) or on a Cortex-M4F in QEMU,
# with a model image (default: the shipped small one) in its flash. The exit status is the program's; 3 if a tool is
# missing.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
machine=${1:-host}
model=$(realpath "${2:-$here/../../../host/models/small.memt}")
warnings=(-std=c11 -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -O2)
linking=(-Wl,-z,noexecstack)

needs() { command -v "$1" >/dev/null || { echo "$1 is missing: run firmware/setup.sh" >&2; exit 3; }; }

program=$(mktemp)
trap 'rm -f "$program"' EXIT
case $machine in
host)
    needs "${CC:-cc}"
    library=$("$here/../build.sh" host)
    "${CC:-cc}" "${warnings[@]}" "${linking[@]}" -I"$here/.." -DMODEL="\"$model\"" -o "$program" \
        "$here/main.c" "$here/port_stdio.c" "$here/model.S" "$library" -lpthread -ldl -lm
    "$program"
    ;;
m4f)
    needs arm-none-eabi-gcc
    needs qemu-system-arm
    library=$("$here/../build.sh" thumbv7em-none-eabihf)
    arm-none-eabi-gcc "${warnings[@]}" "${linking[@]}" -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -ffreestanding \
        -ffunction-sections -fdata-sections -nostdlib -Wl,--gc-sections -T "$here/mps2-an386.ld" \
        -I"$here/.." -DMODEL="\"$model\"" -o "$program" \
        "$here/main.c" "$here/port_semihosting.c" "$here/model.S" "$library" -lgcc
    [ -z "${MEMT_SIZE:-}" ] || arm-none-eabi-size "$program" >&2
    timeout "${MEMT_TIMEOUT:-60}" qemu-system-arm -machine mps2-an386 -nographic -monitor none -serial none \
        -semihosting-config enable=on,target=native -kernel "$program" </dev/null
    ;;
*)
    sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
