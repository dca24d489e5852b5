"""Memories in an embedded store: qdrant-edge, the crate in its Python package."""

import pathlib
import tempfile
import time

from qdrant_edge import Distance, EdgeConfig, EdgeShard, EdgeVectorParams, Point, Query
from qdrant_edge import QueryRequest, SearchParams, UpdateOperation

from dense import unit, vectors
from measure import DIMENSIONS, QUESTIONS, TOP, made_up_texts, median_ms

BATCH = 4096


def points(first, last, floats, texts):
    return [Point(number, floats[number].tolist(), {"text": texts[number]}) for number in range(first, last)]


def store(memories):
    floats, texts = unit(vectors(memories, 6)), made_up_texts(memories, 7)
    asked = [one.tolist() for one in unit(vectors(QUESTIONS, 8))]
    with tempfile.TemporaryDirectory() as folder:
        config = EdgeConfig(vectors=EdgeVectorParams(size=DIMENSIONS, distance=Distance.Cosine))
        shard = EdgeShard.create(folder, config)
        adding = 0.0
        for first in range(0, memories, BATCH):
            batch = points(first, min(memories, first + BATCH), floats, texts)
            start = time.perf_counter()
            shard.update(UpdateOperation.upsert_points(batch))
            shard.flush()
            adding += time.perf_counter() - start

        def ask(exact):
            params = SearchParams(exact=exact)
            return lambda one: shard.query(QueryRequest(limit=TOP, query=Query.Nearest(one), params=params))

        exact_ms = median_ms(ask(True), asked)
        start = time.perf_counter()
        shard.optimize()
        built = time.perf_counter() - start
        row = {
            "engine": "qdrant-edge",
            "memories": memories,
            "add_batched_per_second": memories / adding,
            "top_10_ms": exact_ms,
            "index_seconds": built,
            "indexed_top_10_ms": median_ms(ask(False), asked),
            "file_bytes": sum(file.stat().st_blocks * 512 for file in pathlib.Path(folder).rglob("*")),
        }
        shard.close()
    return [row]
