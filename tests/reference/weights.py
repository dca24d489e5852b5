"""Weights that any language makes alike, so that only results need to be kept.

Number i of tensor n is made from 64 bits of SplitMix64 (https://prng.di.unimi.it/splitmix64.c) started at n * 2^32,
i steps on:

    z = (n << 32) + (i + 1) * 0x9E3779B97F4A7C15          modulo 2^64, as all that follows
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB
    z =  z ^ (z >> 31)
    value = base + ((z >> 48) - 32768) * 2^-15 * scale

`scale` is a power of two and `base` 0 or 1, so that single precision holds every value exactly. Tensors are filled
in row order.
"""

import numpy as np

INCREMENT = 0x9E3779B97F4A7C15
FACTORS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def bits(tensor, count):
    """The 64 bits of numbers 0 to count - 1 of a tensor."""
    steps = np.arange(1, count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(tensor << 32) + steps * np.uint64(INCREMENT)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(FACTORS[0])
        z = (z ^ (z >> np.uint64(27))) * np.uint64(FACTORS[1])
    return z ^ (z >> np.uint64(31))


def values(tensor, shape, scale, base):
    """The tensor, in double precision, every value exact in single precision too."""
    count = int(np.prod(shape))
    integers = (bits(tensor, count) >> np.uint64(48)).astype(np.int64) - 32768
    result = base + integers.astype(np.float64) * (scale / 32768)
    assert (result.astype(np.float32) == result).all()
    return result.reshape(shape)


class Tensors:
    """Makes tensors one after the other and keeps a list of them."""

    def __init__(self, first):
        self.next = first
        self.list = []

    def make(self, name, layer, shape, scale, base=0):
        result = values(self.next, shape, scale, base)
        self.list.append(
            {
                "name": name,
                "layer": layer,
                "number": self.next,
                "shape": list(shape),
                "scale": scale,
                "base": base,
                "first": result.ravel()[:3].tolist(),
            }
        )
        self.next += 1
        return result
