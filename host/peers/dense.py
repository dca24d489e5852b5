"""Nearest of many vectors: numpy, faiss and usearch."""

import time

import faiss
import numpy
from usearch.index import Index, MetricKind, search

from measure import DIMENSIONS, QUESTIONS, TOP, median_ms


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


def unit(vectors):
    floats = vectors.astype(numpy.float32)
    floats /= numpy.linalg.norm(floats, axis=-1, keepdims=True)
    return floats


def exact(stored, floats, asked):
    yield "usearch, exact", median_ms(lambda one: search(stored, one, TOP, MetricKind.Cos, exact=True), asked)
    yield "numpy, f32", median_ms(lambda one: numpy.argpartition(floats @ unit(one), -TOP)[-TOP:], asked)
    quantised = faiss.IndexScalarQuantizer(DIMENSIONS, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    quantised.train(floats[:100000])
    quantised.add(floats)
    yield "faiss, 8-bit scan", median_ms(lambda one: quantised.search(unit(one)[None], TOP), asked)


def graph(stored, floats, asked):
    index = Index(ndim=DIMENSIONS, metric="cos", dtype="i8")
    start = time.perf_counter()
    index.add(numpy.arange(len(stored)), stored)
    built = time.perf_counter() - start
    hits = 0
    for one in asked:
        scores = floats @ unit(one)
        least = numpy.partition(scores, -TOP)[-TOP]
        found = index.search(one, TOP).keys
        hits += int((scores[found.astype(numpy.int64)] >= least - 1e-4).sum())
    return {
        "engine": "usearch, HNSW",
        "top_10_ms": median_ms(lambda one: index.search(one, TOP), asked),
        "recall": hits / (TOP * len(asked)),
        "build_seconds": built,
        "index_bytes": index.memory_usage,
    }


def dense(memories):
    stored, asked = vectors(memories, 2), vectors(QUESTIONS, 3)
    floats = unit(stored)
    rows = [{"engine": engine, "top_10_ms": ms} for engine, ms in exact(stored, floats, asked)]
    return rows + [graph(stored, floats, asked)]
