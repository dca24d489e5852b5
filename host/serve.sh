#!/usr/bin/env bash
# How fast `memt serve` is, how much memory it takes, and a long mixed load with `kill -9` in the middle, recorded in
# host/serve.json. The clients run on the same cores, so nothing else should.
# MEMT_LOAD_SECONDS says how long the load lasts (600).
set -euo pipefail
cd "$(dirname "$0")/.."
export MEMT_LOAD_SECONDS=${MEMT_LOAD_SECONDS:-600}
measured() { cargo test --quiet --release -p memt-tests --test server "$@" | grep '^{'; }
figures=$(measured figures::figures -- --ignored --nocapture)
load=$(measured load -- --nocapture)
machine=$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo | head -n 1)
printf '{"machine":"%s","date":"%s",\n"figures":%s,\n"load":%s}\n' \
    "${machine:-$(uname -m)}" "$(date +%F)" "$figures" "$load" > host/serve.json
cat host/serve.json
