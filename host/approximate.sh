#!/usr/bin/env bash
# host/approximate.sh [MEMORIES]: what approximate answers find, and how fast, over so many sentences of the training
# data (MEMT_DATA, or ../shared/data), encoded with the default model; leaves host/approximate.json. Two minutes for
# 200,000 on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

memories=${1:-200000}
data=${MEMT_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Sentences of one source stand together: every fourth is of all. The last 200 are the questions.
zstd -dcq "$data/sentences.txt.zst" | awk -v most=$((memories + 200)) 'NR % 4 == 0 && ++n <= most' >"$work/lines.txt"
cargo build --quiet --release --package memt-host --features approximate
target/release/memt bench --approximate "$work/lines.txt" --json >"$work/record.json"
mv "$work/record.json" host/approximate.json
cat host/approximate.json
