#!/usr/bin/env bash
# What each part of the score is worth, how often questions without an answer get one, what the write loop
# is worth, and what a bank still knows and keeps: measured with the shipped images on the sets that may be
# tuned on and on made-up ones, and recorded beside the images.
# usage: host/retrieval.sh [IMAGE...]      MEMT_DATA says where the data is
set -euo pipefail
cd "$(dirname "$0")/.."
images=("$@")
[ ${#images[@]} -gt 0 ] || images=(host/models/default.memt host/models/bag.memt host/models/small.memt)
sets=memory_handmade,realtalk,beam_128k_user
memt() { cargo run --quiet --release -p memt-host -- "$@"; }
memt eval --sets $sets --ablate --neighbours --json "${images[@]}" > host/models/retrieval.json
memt eval --sets $sets --ablate --neighbours --all-metrics "${images[@]}"
memt eval --sets $sets --unanswerable --json --svg host/models/threshold.svg "${images[@]}" > host/models/threshold.json
memt eval --sets $sets --unanswerable "${images[@]}"
memt eval --sets $sets --writing --json host/models/default.memt > host/models/writing.json
memt eval --sets $sets --writing host/models/default.memt
memt eval --sets $sets --feedback --json host/models/default.memt > host/models/feedback.json
memt eval --sets $sets --feedback host/models/default.memt
memt eval --capacity --json --svg host/models/capacity.svg host/models/default.memt > host/models/capacity.json
memt eval --capacity host/models/default.memt
memt eval --pressure --json --svg host/models/pressure.svg host/models/default.memt > host/models/pressure.json
memt eval --pressure host/models/default.memt
