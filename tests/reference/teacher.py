"""Writes teacher.json: unit vectors of a few texts by all-MiniLM-L6-v2 in single precision.

    python tests/reference/teacher.py MODEL_DIRECTORY

needs torch and transformers. A text is cut to 256 tokens, as the model's sentence_bert_config.json says; its
vector is the mean over its tokens, scaled to unit length.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

TEXTS = [
    "the boiler valve was replaced on Tuesday",
    "When did we fix the heating?",
    "",
    " ",
    "a",
    "?!",
    "Café Zürich, naïve façade: 12.50 €",
    "ÅNGSTRÖM",
    "東京都の天気は晴れです",
    "Привет, как дела?",
    "สวัสดีครับ",
    "भारत एक विशाल देश है",
    "🙂🙂 launch 🚀",
    "don't we'll they've I'm",
    "e-mail: someone@example.org, https://example.org/a?b=c#d",
    "sensor 7 reports 23.5 °C at 14:02",
    "[CLS] [SEP] [MASK] [PAD] are only words here",
    "tab\tand\nline break\u00a0and\u200bzero width",
    "antidisestablishmentarianism floccinaucinihilipilification",
    "x" * 150,
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "The quick brown fox jumps over the lazy dog.",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG",
    "My sister's birthday is on the 4th of March; she likes tulips.",
    "fn main() { println!(\"{}\", 1 + 1); }",
    "word " * 100,
    "one two three four five six seven eight nine ten " * 30,
]


def encode(tokenizer, model, text):
    tokens = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**tokens).last_hidden_state[0]
    return torch.nn.functional.normalize(states.mean(0), dim=0)


def main():
    directory = sys.argv[1]
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModel.from_pretrained(directory, dtype=torch.float32).eval()
    rows = [
        {"text": text, "vector": [round(x, 6) for x in encode(tokenizer, model, text).tolist()]}
        for text in TEXTS
    ]
    out = Path(__file__).with_suffix(".json")
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
