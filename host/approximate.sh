#!/usr/bin/env bash
# host/approximate.sh [MEMORIES...]: what approximate answers find, and how fast, in banks of so many sentences of the
# training data (MEMT_DATA, or ../shared/data), encoded with the default model; leaves host/approximate.json. 100,000 and
# 1,000,000 where none is said, which take a quarter of an hour on two quiet cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || set -- 100000 1000000
data=${MEMT_DATA:-../shared/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --quiet --release --package memt-host --features approximate
for memories in "$@"; do
    # Every second sentence; the last 200 are the questions.
    zstd -dcq "$data/sentences.txt.zst" | awk -v most=$((memories + 200)) 'NR % 2 == 0 && ++n <= most' >"$work/lines.txt"
    target/release/memt bench --approximate "$work/lines.txt" --json >"$work/$memories.json"
done
(cd "$work" && for memories in "$@"; do cat "$memories.json"; done) |
    python3 -c 'import datetime, json, os, platform, sys
text, runs = sys.stdin.read().strip(), []
while text:
    run, end = json.JSONDecoder().raw_decode(text)
    runs.append(run)
    text = text[end:].lstrip()
load = round(os.getloadavg()[2], 1)
names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
machine = names[0] if names else platform.machine()
print(json.dumps({"machine": machine, "date": datetime.date.today().isoformat(), "load_average": load, "runs": runs}, indent=2))' >"$work/record.json"
mv "$work/record.json" host/approximate.json
cat host/approximate.json
