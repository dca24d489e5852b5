# Sourced. Reads machines.json, the one table of machines, into shell variables.
# Needs no JSON tool: the table holds one machine a line, one "key": "value" pair per field.

MACHINES_TABLE=$(dirname "${BASH_SOURCE[0]}")/machines.json
mapfile -t MACHINES < <(sed -n 's/^ *{ *"name": *"\([^"]*\)".*/\1/p' "$MACHINES_TABLE")

# machine_field LINE KEY: prints the string value of KEY.
machine_field() {
    local value=${1#*\"$2\": \"}
    [ "$value" != "$1" ] || { echo "machines.json: no field $2" >&2; return 1; }
    printf '%s' "${value%%\"*}"
}

# machine_select NAME: sets MACHINE LABEL QEMU QEMU_MACHINE QEMU_ARGS RUST_TARGET RUST_FLAGS MEMORY
# MAILBOX_HEADER MAILBOX_MODEL MAILBOX_SNAPSHOT MAILBOX_SCRIPT. NAME is a machine's name (m4f) or label (mps2-an386).
machine_select() {
    local line
    line=$(grep -m1 -E "\"(name|label)\": \"$1\"" "$MACHINES_TABLE") || {
        echo "unknown machine $1; known: ${MACHINES[*]}" >&2
        return 1
    }
    MACHINE=$(machine_field "$line" name)
    LABEL=$(machine_field "$line" label)
    QEMU=$(machine_field "$line" qemu)
    QEMU_MACHINE=$(machine_field "$line" machine)
    QEMU_ARGS=$(machine_field "$line" arguments)
    RUST_TARGET=$(machine_field "$line" target)
    RUST_FLAGS=$(machine_field "$line" rustflags)
    MEMORY=$(machine_field "$line" memory)
    MAILBOX_HEADER=$(machine_field "$line" mailbox)
    MAILBOX_MODEL=$(printf '0x%x' $((MAILBOX_HEADER + 0x100000)))
    MAILBOX_SNAPSHOT=$(printf '0x%x' $((MAILBOX_HEADER + 0x200000)))
    MAILBOX_SCRIPT=$(printf '0x%x' $((MAILBOX_HEADER + 0x300000)))
}

# print_json_array ROW...: rows that are JSON objects, as an array with one a line.
print_json_array() {
    local separator="" row
    printf '['
    for row in "$@"; do
        printf '%s\n%s' "$separator" "$row"
        separator=,
    done
    printf '\n]\n'
}
