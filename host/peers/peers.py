"""Other engines on this machine, beside what `memt bench` measured just before.

    peers.py MEMORIES WORK STATIC

WORK holds scale.json and memt.json of `memt bench`; STATIC is a static model in model2vec's format. Vectors have
128 dimensions and 8 bits; texts have nine words whose n-th most frequent is n times as rare as the first.
"""

import datetime
import json
import os
import pathlib
import platform
import random
import sys
import time

import faiss
import numpy
import tantivy
from usearch.index import Index, MetricKind, search

DIMENSIONS = 128
QUESTIONS = 41
TOP = 10
ROOT = pathlib.Path(__file__).parent


def median_ms(ask, questions):
    """Milliseconds that a question takes, one after the other; the first is not counted."""
    ask(questions[0])
    seconds = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - start)
    return 1e3 * sorted(seconds)[len(seconds) // 2]


def vectors(count, seed):
    """`[count, 128]`, int8, around a thousand centres, as those of texts lie around topics."""
    generator = numpy.random.default_rng(seed)
    centres = numpy.random.default_rng(1).normal(size=(1000, DIMENSIONS)).astype(numpy.float32)
    out = numpy.empty((count, DIMENSIONS), dtype=numpy.int8)
    for first in range(0, count, 65536):
        last = min(count, first + 65536)
        some = centres[generator.integers(0, 1000, last - first)]
        some = some + 0.7 * generator.normal(size=some.shape).astype(numpy.float32)
        some *= 127 / numpy.abs(some).max(axis=1, keepdims=True)
        out[first:last] = numpy.rint(some)
    return out


def dense(memories):
    stored, asked = vectors(memories, 2), vectors(QUESTIONS, 3)
    rows = []

    def row(engine, ask, **more):
        rows.append({"engine": engine, "top_10_ms": median_ms(ask, asked), **more})

    row("usearch, exact", lambda one: search(stored, one, TOP, MetricKind.Cos, exact=True))

    floats = stored.astype(numpy.float32)
    floats /= numpy.linalg.norm(floats, axis=1, keepdims=True)
    row("numpy, f32", lambda one: numpy.argpartition(floats @ one.astype(numpy.float32), -TOP)[-TOP:])

    quantised = faiss.IndexScalarQuantizer(DIMENSIONS, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    quantised.train(floats[:100000])
    quantised.add(floats)
    row("faiss, 8-bit scan", lambda one: quantised.search(one.astype(numpy.float32)[None], TOP))
    del quantised

    start = time.perf_counter()
    graph = Index(ndim=DIMENSIONS, metric="cos", dtype="i8")
    graph.add(numpy.arange(memories), stored)
    built = time.perf_counter() - start
    hits = 0
    for one in asked:
        length = numpy.linalg.norm(one.astype(numpy.float32))
        scores = floats @ (one.astype(numpy.float32) / length)
        least = numpy.partition(scores, -TOP)[-TOP]
        found = graph.search(one, TOP).keys
        hits += int((scores[found.astype(numpy.int64)] >= least - 1e-4).sum())
    row(
        "usearch, HNSW",
        lambda one: graph.search(one, TOP),
        recall=hits / (TOP * QUESTIONS),
        build_seconds=built,
        index_bytes=graph.memory_usage,
    )
    return rows


def words(generator):
    return " ".join(f"word{int(20000 ** generator.random())}" for _ in range(9))


def lexical(memories):
    generator = random.Random(4)
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=False).build()
    index = tantivy.Index(schema)
    writer = index.writer(200_000_000)
    start = time.perf_counter()
    for _ in range(memories):
        writer.add_document(tantivy.Document(text=words(generator)))
    writer.commit()
    writer.wait_merging_threads()
    built = time.perf_counter() - start
    index.reload()
    searcher = index.searcher()
    questions = [words(generator) for _ in range(QUESTIONS)]
    ask = lambda text: searcher.search(index.parse_query(text, ["text"]), TOP)
    return [{"engine": "tantivy", "top_10_ms": median_ms(ask, questions), "build_seconds": built}]


def encoding(static):
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(static)
    lines = (ROOT.parent / "demo" / "memories.jsonl").read_text().splitlines()
    texts = [json.loads(line)["text"] for line in lines if "text" in json.loads(line)]
    texts = (texts * (20000 // len(texts) + 1))[:20000]
    model.encode(texts[:100])
    start = time.perf_counter()
    model.encode(texts)
    return [{"engine": "model2vec, 256 dimensions", "texts_per_second": len(texts) / (time.perf_counter() - start)}]


def picture(record):
    """Milliseconds of each engine as bars, on a scale of powers of ten."""
    rows = [(row["engine"], row["top_10_ms"]) for row in record["dense"] + record["lexical"]]
    height, left, least = 26, 190, 0.01
    widest = max(ms for _, ms in rows)
    scale = 420 / numpy.log10(widest / least)
    parts = []
    for at, (engine, ms) in enumerate(rows):
        y, width = 40 + height * at, scale * numpy.log10(max(ms, least) / least)
        colour = "#c2410c" if engine.startswith("memt") else "#64748b"
        parts.append(
            f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{engine}</text>'
            f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{height - 8}" fill="{colour}"/>'
            f'<text x="{left + width + 6:.1f}" y="{y + 14}">{ms:.3g} ms</text>'
        )
    title = f"Best 10 of {record['memories']:,} memories, {record['cores']} cores (logarithmic)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="700" height="{50 + height * len(rows)}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="8" y="22" font-weight="bold">{title}</text>{"".join(parts)}</svg>\n'
    )


def machine():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def main():
    memories, work, static = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    scale = json.loads((work / "scale.json").read_text())
    bank = scale["banks"][0]
    encoded = json.loads((work / "memt.json").read_text())
    record = {
        "machine": machine(),
        "cores": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
        "memories": memories,
        "read_bytes_per_second": scale["read_bytes_per_second"],
        "dense": [{"engine": "memt, exact", "top_10_ms": bank["dense_ms"]}] + dense(memories),
        "lexical": [{"engine": "memt, words", "top_10_ms": bank["lexical_ms"]}] + lexical(memories),
        "fused": [{"engine": "memt, fused", "top_10_ms": bank["fused_ms"]}],
        "encoding": [{"engine": "memt", "measured": encoded}] + encoding(static),
    }
    folder = ROOT / "records"
    folder.mkdir(exist_ok=True)
    name = f"{record['date']}-{record['cores']}-cores-{memories}"
    (folder / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    (folder / f"{name}.svg").write_text(picture(record))
    print(json.dumps(record, indent=2))


main()
