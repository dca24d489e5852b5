#!/usr/bin/env bash
# variants.sh DATA TEACHER OUT [FAMILIES]
# Writes texts that differ a little from the teacher's, eight a family (default: 32768 families), with the teacher's
# vectors of them, into the folder OUT, as `texts = ["OUT"]` of a recipe reads them. TEACHER is a folder of
# host/teacher/fetch.sh: `fetch.sh FOLDER` leaves it at FOLDER/minilm. Takes 12 minutes on two cores.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
data=$1 teacher=$2 out=$3 families=${4:-32768}
command -v zstd >/dev/null || { echo "variants.sh: zstd is missing: install it" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo run --quiet --release -p memt-trainer --example variants -- "$data" "$families" "$work/texts.txt"
cargo run --quiet --release -p memt-teacher --example vectors -- "$teacher" "$work/texts.txt" "$data/teacher/basis.npy" "$out"
zstd --quiet --force "$work/texts.txt" -o "$out/texts.txt.zst"
