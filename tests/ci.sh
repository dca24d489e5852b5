#!/usr/bin/env bash
# tests/ci.sh: every check of the repository, from a fresh clone, ending with `cargo test --workspace --release`.
# Stops at the first failure. Each stage prints how long it took; what this computer cannot run is said before the
# last stage. Reads MEMT_DATA (default: ../shared/data, if it is there); MEMT_WITHOUT_QEMU=1 leaves out the machines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

left_out=()
started=$SECONDS

# stage NAME COMMAND...: runs a command and prints the seconds it took.
stage() {
    local name=$1 begun=$SECONDS status=0
    shift
    echo "== $name"
    "$@" || status=$?
    echo "== $name: $((SECONDS - begun)) s"
    [ "$status" -eq 0 ] || { echo "ci.sh: stage '$name' failed with status $status" >&2; exit "$status"; }
}

format() {
    cargo fmt --all --check &&
        cargo fmt --all --check --manifest-path firmware/Cargo.toml &&
        format_boards &&
        cargo fmt --all --check --manifest-path tests/fuzz/Cargo.toml
}

format_boards() {
    local manifest
    for manifest in firmware/boards/*/Cargo.toml; do
        cargo fmt --check --manifest-path "$manifest" || return
    done
}

lint() {
    cargo clippy --quiet --workspace --all-targets "$@" -- -D warnings
}

document_core() {
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --package memt-core
}

package_core() {
    local dirty=()
    [ -n "${CI:-}" ] || dirty=(--allow-dirty)
    cargo package --quiet --package memt-core "${dirty[@]}"
}

test_firmware() {
    cargo test --quiet --manifest-path firmware/Cargo.toml
}

# The same features for both, so that the library is built once for them.
test_approximate() {
    cargo test --quiet --release --package memt-host --features postgres,approximate --test approximate
}

test_postgres() {
    cargo test --quiet --release --package memt-host --features postgres,approximate --test postgres
}

test_in_debug() {
    MEMT_WITHOUT_QEMU=1 cargo test --quiet --package memt-core --package memt-tests
}

fuzz() {
    local target corpus
    for target in image link snapshot words; do
        corpus=tests/fuzz/corpus/$target
        mkdir -p "$corpus"
        case $target in
        image) cp tests/golden/v0.memt "$corpus" ;;
        snapshot) cp tests/golden/v0.slots "$corpus" ;;
        esac
        cargo +nightly fuzz run --fuzz-dir tests/fuzz "$target" -- -max_total_time=10 -verbosity=0 || return
    done
}

stage "format" format
stage "lint" lint
stage "lint, with every feature" lint --features memt-host/train,memt-host/peers,memt-host/postgres,memt-host/approximate
stage "lint of core without features" cargo clippy --quiet --package memt-core --no-default-features --all-targets -- -D warnings
stage "documentation of core" document_core
stage "package of core" package_core
if [ "${MEMT_WITHOUT_QEMU:-}" = 1 ]; then
    left_out+=("machines in QEMU: MEMT_WITHOUT_QEMU=1")
else
    stage "firmware: tools" firmware/setup.sh
    stage "firmware: build for every machine and two boards" firmware/build-all.sh --ci
fi
stage "firmware: host tests" test_firmware
stage "core and border tests, debug" test_in_debug
stage "approximate answers" test_approximate
if tests/postgres.sh; then
    stage "many processes over PostgreSQL" test_postgres
else
    left_out+=("many processes over PostgreSQL: tests/postgres.sh failed")
fi
if cargo +nightly fuzz --version >/dev/null 2>&1; then
    stage "fuzz" fuzz
else
    left_out+=("fuzzing: no cargo-fuzz on a nightly compiler; the test fuzz_replay mutates the same targets' seeds")
fi
if [ -z "${MEMT_DATA:-}" ] && [ ! -d ../shared/data ]; then
    left_out+=("correlation on stsb_dev: no MEMT_DATA and no ../shared/data")
fi
if [ -z "${MEMT_TEACHER:-}" ]; then
    if host/teacher/fetch.sh target/peers; then
        export MEMT_TEACHER=$PWD/target/peers/minilm
    else
        left_out+=("the teacher against PyTorch and the given vectors: no MEMT_TEACHER, and host/teacher/fetch.sh failed")
    fi
fi
if [ -z "${MEMT_CLIENTS:-}" ] && ! tests/clients/setup.sh target/clients; then
    left_out+=("clients of mem0: tests/clients/setup.sh could not install them")
fi
for reason in "${left_out[@]}"; do
    echo "== left out: $reason"
done
echo "== every test, release; $((SECONDS - started)) s so far"
exec cargo test --workspace --release
