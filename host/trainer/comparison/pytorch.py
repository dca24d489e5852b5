"""The steps of memt_trainer::comparison in PyTorch, from the numbers that it writes.

Usage: python pytorch.py FOLDER [STEPS]; prints a line of JSON a way to update the rows.
"""

import json
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as functional

TEXTS, WORDS, SHARDS, ROW_WIDTH, WIDTH, HIDDEN, HEADS, LAYERS = 512, 14, 2, 64, 128, 256, 4, 2
WINDOW, DIMENSIONS, WARM_UP, TEMPERATURE, RATE = 32, 128, 4, 0.05, 1e-3


def floats(folder, name, *shape):
    return torch.from_numpy(np.fromfile(folder / name, "<f4").reshape(shape))


def body_tensors(folder):
    layer = [(3 * WIDTH, WIDTH), (3 * WIDTH,), (WIDTH, WIDTH), (WIDTH,),
             (HIDDEN, WIDTH), (HIDDEN,), (WIDTH, HIDDEN), (WIDTH,)]
    shapes = [(WIDTH, ROW_WIDTH), (WIDTH,), (WINDOW, WIDTH)] + LAYERS * layer
    shapes += [(DIMENSIONS, 2 * WIDTH), (DIMENSIONS,)]
    numbers, start = floats(folder, "body.f32", -1), 0
    for shape in shapes:
        count = int(np.prod(shape))
        yield torch.nn.Parameter(numbers[start:start + count].reshape(shape).clone())
        start += count
    assert start == len(numbers)


def norm(x):
    return functional.layer_norm(x, x.shape[-1:], eps=0.0)


def forward(rows, projection, body):
    tensors = iter(body)
    affine = lambda x: functional.linear(x, next(tensors), next(tensors))
    x = affine(norm(rows)) + next(tensors)[:WORDS]
    for _ in range(LAYERS):
        joint = affine(norm(x)).view(TEXTS, WORDS, 3, HEADS, WIDTH // HEADS)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        x = x + affine(mixed.transpose(1, 2).reshape(TEXTS, WORDS, WIDTH))
        x = x + affine(functional.relu(affine(norm(x))))
    x = norm(x)
    pooled = torch.cat([x.mean(dim=1), x.amax(dim=1)], dim=1)
    return norm(rows.sum(dim=1)) @ projection.t() + affine(pooled)


def loss_of(embeddings, targets, selves):
    units = functional.normalize(embeddings, dim=1)
    loss = 1 - (units * targets).sum() / TEXTS
    for ours, theirs in zip(units.chunk(SHARDS), targets.chunk(SHARDS)):
        student = functional.log_softmax(ours @ ours.t() / TEMPERATURE + selves, dim=1)
        teacher = functional.log_softmax(theirs @ theirs.t() / TEMPERATURE + selves, dim=1)
        divergence = functional.kl_div(student, teacher, log_target=True, reduction="sum")
        loss = loss + divergence / TEXTS
    return loss


def measure(folder, steps, sparse):
    rows = floats(folder, "rows.f32", -1, ROW_WIDTH)
    table = torch.nn.Embedding(*rows.shape, sparse=sparse)
    table.weight.data = rows.clone()
    projection = torch.nn.Parameter(floats(folder, "projection.f32", DIMENSIONS, ROW_WIDTH).clone())
    body = torch.nn.ParameterList(body_tensors(folder))
    dense = [projection, *body]
    if sparse:
        optimizers = [torch.optim.Adam(dense, lr=RATE, fused=True),
                      torch.optim.SparseAdam(table.parameters(), lr=RATE)]
    else:
        optimizers = [torch.optim.Adam(dense + list(table.parameters()), lr=RATE, fused=True)]
    tokens = torch.from_numpy(np.fromfile(folder / "tokens.u32", "<u4").astype(np.int64))
    tokens = tokens.view(-1, TEXTS, WORDS)
    targets = floats(folder, "targets.f32", -1, TEXTS, DIMENSIONS)
    selves = torch.diag(torch.full((TEXTS // SHARDS,), -1e30))
    milliseconds, losses = [], []
    for number in range(WARM_UP + steps):
        batch = number % len(tokens)
        start = time.perf_counter()
        loss = loss_of(forward(table(tokens[batch]), projection, body), targets[batch], selves)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - start) * 1e3)
        losses.append(loss.item())
    print(json.dumps({
        "candidate": "pytorch, lazy rows" if sparse else "pytorch, dense rows",
        "version": torch.__version__,
        "milliseconds": min(milliseconds),
        "median": sorted(milliseconds)[len(milliseconds) // 2],
        "losses": losses[:5],
    }), flush=True)


def main():
    torch.set_num_threads(2)
    folder = pathlib.Path(sys.argv[1])
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    for sparse in (True, False):
        measure(folder, steps, sparse)


if __name__ == "__main__":
    main()
