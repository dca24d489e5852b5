"""Writes encoders.json: what character encoders of published kinds answer, with weights by weights.py.

    python tests/reference/encoders.py

needs torch and numpy. Computed in double precision; `single_precision_error` is how far PyTorch's single precision
lies from that, at most, on the texts here. Vectors have unit length.
"""

import json
from pathlib import Path

import torch

from characters import IDS, ids
from conv import Conv
from transformer import Transformer
from weights import Tensors

TEXTS = [
    "a",
    "ok",
    "the boiler valve was replaced on Tuesday",
    "When did we fix the heating?",
    "UPPER and lower, 0123456789: ~!@#$%^&*()_+`-={}|[]\\:\";'<>?,./",
    "caf\u00e9 \u6771\u4eac \U0001f642 has unknown characters",
    "My sister's birthday is on the 4th of March; she likes tulips and dislikes surprises.",
    ("sensor 7 reports 23.5 degrees at 14:02, " * 7)[:256].strip(),
]

# Name, kind and settings.
MODELS = [
    ("post_norm_relu", Transformer, {"activation": "relu", "pre_norm": False, "bias": True}),
    ("post_norm_gelu", Transformer, {"activation": "gelu", "pre_norm": False, "bias": False}),
    ("pre_norm_gelu", Transformer, {"activation": "gelu", "pre_norm": True, "bias": True}),
    ("conv_max", Conv, {"channels": 256, "residual": False}),
    ("conv_residual_mean_max", Conv, {"channels": 224, "residual": True}),
]


def encode(model, text):
    with torch.no_grad():
        return torch.nn.functional.normalize(model(torch.tensor(ids(text))), dim=0)


def described(tensors, name, kind, settings):
    model = kind(tensors, IDS, **settings).eval()
    exact = [encode(model.double(), text) for text in TEXTS]
    rounded = [encode(model.float(), text).double() for text in TEXTS]
    errors = [(a - b).abs().max().item() for a, b in zip(exact, rounded)]
    nearest = max(
        (exact[i] @ exact[j]).item() for i in range(len(TEXTS)) for j in range(i)
    )
    print(f"{name}: single precision {max(errors):.1e}, nearest two texts {nearest:.3f}")
    return {
        "name": name,
        "settings": settings,
        "single_precision_error": max(errors),
        "tensors": tensors.list,
        "answers": [
            {"text": text, "vector": [round(x, 8) for x in vector.tolist()]}
            for text, vector in zip(TEXTS, exact)
        ],
    }


def lines(value, depth=2):
    """JSON with a line for each entry of lists and objects down to a depth."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, list):
        return "[\n" + ",\n".join(lines(entry, depth - 1) for entry in value) + "\n]"
    entries = (f"{json.dumps(key)}: {lines(entry, depth - 1)}" for key, entry in value.items())
    return "{\n" + ",\n".join(entries) + "\n}"


def main():
    torch.set_default_dtype(torch.float64)
    torch.backends.mha.set_fastpath_enabled(False)
    models = []
    first = 0
    for name, kind, settings in MODELS:
        tensors = Tensors(first)
        models.append(described(tensors, name, kind, settings))
        first = tensors.next
    Path(__file__).with_suffix(".json").write_text(lines(models, depth=3) + "\n")


if __name__ == "__main__":
    main()
