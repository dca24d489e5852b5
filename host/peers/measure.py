"""How long something takes, and the texts that all are measured with."""

import json
import pathlib
import random
import time

DIMENSIONS = 128
QUESTIONS = 41
TOP = 10
HOST = pathlib.Path(__file__).parent.parent


def median_ms(ask, questions):
    """Milliseconds that a question takes, one after the other; the first is not counted."""
    ask(questions[0])
    seconds = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - start)
    return 1e3 * sorted(seconds)[len(seconds) // 2]


def per_second(work, count, runs=5):
    """The best of several runs, so that other work on the machine counts least."""
    least = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return count / least


def demo_texts(count):
    """The texts that `memt bench` encodes, over and over."""
    lines = (HOST / "demo" / "memories.jsonl").read_text().splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return [texts[number % len(texts)] for number in range(count)]


def words(generator):
    """Nine words; the n-th most frequent is about n times as rare as the first."""
    return " ".join(f"word{int(50000 ** generator.random())}" for _ in range(9))


def made_up_texts(count, seed):
    generator = random.Random(seed)
    return [words(generator) for _ in range(count)]
