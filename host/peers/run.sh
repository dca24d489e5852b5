#!/usr/bin/env bash
# host/peers/run.sh [MEMORIES]: asks memt and other engines the same kind of questions on this machine, one after the
# other, and leaves a record and a picture in host/peers/records. Run it while nothing else runs. The other engines
# come from Python packages in a virtual environment under target; nothing of memt is built with them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

memories=${1:-1000000}
environment=target/peers/python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --only-binary :all: \
    numpy==2.4.6 faiss-cpu==1.15.1 usearch==2.26.6 tantivy==0.27.0 model2vec==0.10.0
host/teacher/fetch.sh target/peers
cargo build --quiet --release --package memt-host
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target/release/memt bench --memories "$memories" --folder "$work" --json >"$work/scale.json"
target/release/memt bench --json >"$work/memt.json"
"$environment/bin/python" host/peers/peers.py "$memories" "$work" target/peers/static
