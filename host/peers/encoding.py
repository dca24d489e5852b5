"""Texts a second: model2vec (Python and Rust) and all-MiniLM-L6-v2 in onnxruntime."""

import subprocess

from model2vec import StaticModel

from measure import demo_texts, per_second
from minilm import MiniLm

FEW, MANY = 512, 50_000


def encoding(minilm, static, model2vec_rs):
    few, many = demo_texts(FEW), demo_texts(MANY)
    teacher = MiniLm(minilm)
    near, far = teacher.encode(["The boiler is broken.", "The heating does not work.", "She plays the violin."])[1:] @ (
        teacher.encode(["The boiler is broken."])[0]
    )
    assert near > 0.3 > far, f"this is not MiniLM: {near}, {far}"
    model = StaticModel.from_pretrained(static)
    told = subprocess.run([model2vec_rs, static], input="\n".join(many), text=True, check=True, capture_output=True)
    return [
        {
            "engine": "all-MiniLM-L6-v2, onnxruntime, f32",
            "texts_per_second": per_second(lambda: teacher.encode(few), FEW, runs=3),
        },
        {
            "engine": "model2vec, Python, 256 dimensions",
            "texts_per_second": per_second(lambda: model.encode(many), MANY),
        },
        {"engine": "model2vec-rs, 256 dimensions", "texts_per_second": float(told.stdout)},
    ]
