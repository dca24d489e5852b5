"""Other engines on this machine, beside what `memt bench` measured just before.

    peers.py WORK MINILM STATIC MODEL2VEC_RS

WORK holds scale.json, default.json and bag.json of `memt bench`; its second bank is as large as the other stores
shall be. MINILM is a folder with all-MiniLM-L6-v2, STATIC one with a static model in model2vec's format,
MODEL2VEC_RS the program built from the folder model2vec.
"""

import datetime
import json
import os
import pathlib
import platform
import sys

from dense import dense
from encoding import encoding
from lexical import lexical
from measure import HOST
from picture import picture
from store import store


def machine():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def encoded(work, name):
    """What `memt bench` encodes a second on all cores."""
    rows = json.loads((work / f"{name}.json").read_text())["rows"]
    most = max(row["per_second"] for row in rows if row["operation"] == "encode")
    return {"engine": f"memt, {name}", "texts_per_second": most}


def main():
    work, minilm, static, model2vec_rs = pathlib.Path(sys.argv[1]), *sys.argv[2:5]
    scale = json.loads((work / "scale.json").read_text())
    (large, small), (_, file) = scale["banks"], scale["files"]
    record = {
        "machine": machine(),
        "cores": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
        "load_before": round(os.getloadavg()[2], 1),
        "memories": large["memories"],
        "read_bytes_per_second": 1e3 * large["dense_bytes"] / large["plain_reading_ms"],
        "dense": [{"engine": "memt, exact", "top_10_ms": large["dense_ms"]}] + dense(large["memories"]),
        "lexical": [{"engine": "memt, words", "top_10_ms": large["lexical_ms"]}] + lexical(large["memories"]),
        "fused": [{"engine": "memt, meaning and words", "top_10_ms": large["fused_ms"]}],
        "store": [
            {
                "engine": "memt",
                "memories": file["memories"],
                "add_batched_per_second": file["add_batched_per_second"],
                "top_10_ms": small["dense_ms"],
                "file_bytes": file["file_bytes"],
            }
        ]
        + store(file["memories"]),
        "encoding": [encoded(work, "default"), encoded(work, "bag")] + encoding(minilm, static, model2vec_rs),
    }
    (HOST / "peers.json").write_text(json.dumps(record, indent=2) + "\n")
    (HOST / "peers.svg").write_text(picture(record))
    print(json.dumps(record, indent=2))


main()
