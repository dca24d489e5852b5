"""Texts by their words: tantivy."""

import time

import tantivy

from measure import QUESTIONS, TOP, made_up_texts, median_ms


def lexical(memories):
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=False).build()
    index = tantivy.Index(schema)
    writer = index.writer(200_000_000)
    texts = made_up_texts(memories, 4)
    start = time.perf_counter()
    for text in texts:
        writer.add_document(tantivy.Document(text=text))
    writer.commit()
    writer.wait_merging_threads()
    built = time.perf_counter() - start
    index.reload()
    searcher = index.searcher()
    ask = lambda text: searcher.search(index.parse_query(text, ["text"]), TOP)
    return [
        {
            "engine": "tantivy",
            "top_10_ms": median_ms(ask, made_up_texts(QUESTIONS, 5)),
            "build_seconds": built,
        }
    ]
