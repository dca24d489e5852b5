"""The measured steps in PyTorch: the same numbers as memt_foundation::problem, the same step.

Usage: python pytorch.py [STEPS]
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as functional

TEXTS, TOKENS, TABLE_ROWS, ROW_FEATURES = 512, 24, 20480, 64
FEATURES, HIDDEN, HEADS, LAYERS = 128, 256, 4, 2
BATCHES, WARM_UP, TEMPERATURE = 4, 3, 0.05


def uniform(seed, count):
    counter = np.uint64(seed << 32) + np.arange(1, count + 1, dtype=np.uint64)
    bits = counter * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((bits ^ (bits >> np.uint64(31))) >> np.uint64(40)).astype(np.float32) / np.float32(2**24)


def signed(seed, *shape):
    values = np.float32(2) * uniform(seed, int(np.prod(shape))) - np.float32(1)
    return torch.from_numpy(values.reshape(shape))


def batch(number):
    seed = 1000 * (number + 1)
    u = uniform(seed, TEXTS * TOKENS)
    tokens = (np.float32(TABLE_ROWS) * (u * u * u)).astype(np.int64).reshape(TEXTS, TOKENS)
    weights = uniform(seed + 1, TEXTS * TOKENS).reshape(TEXTS, TOKENS)
    targets = functional.normalize(signed(seed + 2, TEXTS, FEATURES), dim=1)
    return torch.from_numpy(tokens), torch.from_numpy(weights), targets


class Body(torch.nn.Module):
    """Parameters in the order of `Tensors::tensors` of the Rust body; weights are [I, O]."""

    def __init__(self, shapes):
        super().__init__()
        parameters = []
        for seed, (start, shape) in enumerate(shapes, 100):
            parameters.append(torch.nn.Parameter(start + 0.1 * signed(seed, *shape)))
        self.values = torch.nn.ParameterList(parameters)


def linear(inputs, outputs):
    return [(0.0, (inputs, outputs)), (0.0, (outputs,))]


def norm():
    return [(1.0, (FEATURES,)), (0.0, (FEATURES,))]


def bag_forward(values, rows, weights):
    weight, bias = values
    return torch.bmm(weights.unsqueeze(1), rows).squeeze(1) @ weight + bias


def transformer_forward(values, rows, weights):
    values = iter(values)
    take = lambda: (next(values), next(values))

    def affine(x):
        weight, bias = take()
        return functional.linear(x, weight.t(), bias)

    def normalized(x):
        gain, offset = take()
        return functional.layer_norm(x, (FEATURES,), gain, offset)

    x = affine(rows)
    for _ in range(LAYERS):
        joint = affine(normalized(x)).view(TEXTS, TOKENS, 3, HEADS, FEATURES // HEADS)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + affine(mixed.transpose(1, 2).reshape(TEXTS, TOKENS, FEATURES))
        x = x + affine(functional.gelu(affine(normalized(x)), approximate="tanh"))
    return normalized(x).mean(dim=1)


def losses(pooled, targets, selves):
    units = functional.normalize(pooled, dim=1)
    cosine = 1 - (units * targets).sum() / TEXTS
    student = functional.log_softmax((units @ units.t() / TEMPERATURE) + selves, dim=1)
    teacher = functional.log_softmax((targets @ targets.t() / TEMPERATURE) + selves, dim=1)
    similarity = functional.kl_div(student, teacher, log_target=True, reduction="sum") / TEXTS
    return cosine, similarity


def measure(encoder, sparse, shapes, forward, steps):
    table = torch.nn.Embedding(TABLE_ROWS, ROW_FEATURES, sparse=sparse)
    table.weight.data = signed(1, TABLE_ROWS, ROW_FEATURES)
    body = Body(shapes)
    if sparse:
        optimizers = [
            torch.optim.Adam(body.parameters(), lr=1e-3, fused=True),
            torch.optim.SparseAdam(table.parameters(), lr=1e-3),
        ]
    else:
        everything = list(body.parameters()) + list(table.parameters())
        optimizers = [torch.optim.Adam(everything, lr=1e-3, fused=True)]
    selves = torch.diag(torch.full((TEXTS,), -1e3))
    batches = [batch(number) for number in range(BATCHES)]
    milliseconds, history = [], []
    for number in range(WARM_UP + steps):
        tokens, weights, targets = batches[number % BATCHES]
        start = time.perf_counter()
        pooled = forward(body.values, table(tokens), weights)
        cosine, similarity = losses(pooled, targets, selves)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        (cosine + similarity).backward()
        for optimizer in optimizers:
            optimizer.step()
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - start) * 1e3)
        history.append([cosine.item(), similarity.item()])
    milliseconds.sort()
    print(json.dumps({
        "candidate": "pytorch, lazy rows" if sparse else "pytorch, dense rows",
        "encoder": encoder,
        "steps": steps,
        "milliseconds": {"median": milliseconds[steps // 2], "min": milliseconds[0], "max": milliseconds[-1]},
        "samples_per_second": TEXTS * 1e3 / milliseconds[0],
        "first_losses": history[0],
        "losses_after_12_steps": history[12] if len(history) > 12 else None,
        "version": torch.__version__,
    }), flush=True)


def main():
    torch.set_num_threads(2)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    layer = (norm() + linear(FEATURES, 3 * FEATURES) + linear(FEATURES, FEATURES)
             + norm() + linear(FEATURES, HIDDEN) + linear(HIDDEN, FEATURES))
    transformer = linear(ROW_FEATURES, FEATURES) + LAYERS * layer + norm()
    for sparse in (True, False):
        measure("transformer", sparse, transformer, transformer_forward, steps)
        measure("bag", sparse, linear(ROW_FEATURES, FEATURES), bag_forward, steps)


if __name__ == "__main__":
    main()
