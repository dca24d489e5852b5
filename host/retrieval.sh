#!/usr/bin/env bash
# What each part of the score is worth, how often questions without an answer get one, what the write loop
# is worth, and what a bank still knows and keeps: measured with the shipped images on the sets that may be
# tuned on and on made-up ones, and recorded beside the images; the write loop on all sets of questions.
# `MEMT_BLESS=1 cargo test -p memt-tests --test figures` then writes the tables.
# usage: host/retrieval.sh [IMAGE...]      MEMT_DATA says where the data is
set -euo pipefail
cd "$(dirname "$0")/.."
images=("$@")
[ ${#images[@]} -gt 0 ] || images=(host/models/default.memt host/models/bag.memt host/models/small.memt)
default=host/models/default.memt
tuned=memory_handmade,realtalk,beam_128k_user
others=prefeval_topic,nq_oracle,xquad_sent,trecqa

# record NAME ARGUMENT...: writes what `memt eval` measures to host/models/NAME.json.
record() {
    local name=$1 begun=$SECONDS
    shift
    cargo run --quiet --release -p memt-host -- eval --json "$@" > "host/models/$name.json.new"
    mv "host/models/$name.json.new" "host/models/$name.json"
    echo "host/models/$name.json: $((SECONDS - begun)) s"
}

record retrieval --sets $tuned --ablate --neighbours "${images[@]}"
record threshold --sets $tuned --unanswerable --svg host/models/threshold.svg "${images[@]}"
record writing --sets $tuned,$others --writing $default
record feedback --sets $tuned --feedback $default
record capacity --capacity --svg host/models/capacity.svg $default
record pressure --pressure --svg host/models/pressure.svg $default
