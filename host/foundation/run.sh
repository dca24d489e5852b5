#!/usr/bin/env bash
# Builds and times every candidate, and writes results.json.
#
#   ./run.sh [ROUNDS]          (3 rounds by default; each runs every candidate once)
#
# PYTHON names a Python that has torch and numpy; without it PyTorch is left out. STEPS is the
# number of timed steps of a run (12). The Rust candidates are built for this machine's processor;
# "own, portable" is the same code without that. Run it on an idle machine: the figure of a
# candidate is its fastest step over all rounds.
set -euo pipefail
cd "$(dirname "$0")"

rounds=${1:-3}
steps=${STEPS:-12}
threads=2
target=${CARGO_TARGET_DIR:-target}
export RAYON_NUM_THREADS=$threads OMP_NUM_THREADS=$threads

build() { # DIRECTORY FLAGS PACKAGE
    RUSTFLAGS="$2" CARGO_TARGET_DIR="$target/$1" cargo build --quiet --release -p "$3"
}
native="-C target-cpu=native"
build portable "" memt-foundation
build own "$native" memt-foundation
build candle "$native" candidate-candle
build burn "$native" candidate-burn

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
for round in $(seq "$rounds"); do
    echo "round $round of $rounds, load $(cut -d' ' -f1 /proc/loadavg)" >&2
    "$target/own/release/own" "$steps" >>"$lines"
    "$target/portable/release/own" "$steps" | sed 's/"candidate":"own"/"candidate":"own, portable"/' >>"$lines"
    if [[ -n ${PYTHON:-} ]]; then
        "$PYTHON" candidates/pytorch.py "$steps" >>"$lines"
    fi
    "$target/candle/release/candidate-candle" "$steps" >>"$lines"
    "$target/burn/release/candidate-burn" "$steps" >>"$lines"
done
"${PYTHON:-python3}" candidates/collect.py "$threads" <"$lines" >results.json
