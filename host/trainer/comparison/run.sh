#!/usr/bin/env bash
# Times a training step here and in PyTorch, and writes results.json.
#
#   PYTHON=python-with-torch ./run.sh [ROUNDS]        (3 rounds by default)
#
# Two threads each, in turns; the figure of a candidate is its fastest step over all rounds. Run it
# on an idle machine.
set -euo pipefail
cd "$(dirname "$0")"

rounds=${1:-3}
export RAYON_NUM_THREADS=2 OMP_NUM_THREADS=2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-../../../target}/native" \
    cargo build --quiet --release --package memt-trainer --example step
step="${CARGO_TARGET_DIR:-../../../target}/native/release/examples/step"
for round in $(seq "$rounds"); do
    echo "round $round of $rounds, load $(cut -d' ' -f1 /proc/loadavg)" >&2
    "$step" "$work/problem" >>"$work/lines"
    "${PYTHON:-python3}" pytorch.py "$work/problem" >>"$work/lines"
done
"${PYTHON:-python3}" collect.py <"$work/lines" >results.json
