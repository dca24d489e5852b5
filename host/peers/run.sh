#!/usr/bin/env bash
# host/peers/run.sh [MEMORIES [STORED [TEXTS]]]: asks memt and other engines the same kind of questions on this machine, one
# after the other, and leaves host/peers.json and host/peers.svg. Run it while nothing else runs. Python's
# packages lie in a virtual environment under target, model2vec-rs is a package of its own; the workspace has none of them.
# MEMT_TEACHER may name a folder with all-MiniLM-L6-v2; without it, host/teacher/fetch.sh gets one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

memories=${1:-1000000}
stored=${2:-100000}
texts=${3:-20000}
environment=target/peers/python
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --only-binary :all: \
    numpy==2.4.6 faiss-cpu==1.15.1 usearch==2.26.6 tantivy==0.27.0 model2vec==0.10.0 \
    onnx==1.23.2 onnxruntime==1.32.0 tokenizers==0.23.3 safetensors==0.8.0 qdrant-edge-py==0.9.0
host/teacher/fetch.sh target/peers
minilm=${MEMT_TEACHER:-target/peers/minilm}
cargo build --quiet --release --package memt-host
cargo build --quiet --release --manifest-path host/peers/model2vec/Cargo.toml --target-dir target/peers/model2vec
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
memt=target/release/memt
"$memt" bench --memories "$memories" --memories "$stored" --folder "$work" --json >"$work/scale.json"
"$memt" bench --texts "$texts" --json >"$work/default.json"
"$memt" bench --texts $((10 * texts)) --model host/models/bag.memt --json >"$work/bag.json"
# Some machines name a processor for OpenBLAS that makes it slow.
env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$environment/bin/python" host/peers/peers.py "$work" \
    "$minilm" target/peers/static target/peers/model2vec/release/memt-peer-model2vec
