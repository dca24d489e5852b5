"""Character transformers in PyTorch: post-norm over the rows as they are, and pre-norm over normed rows."""

import torch
from torch import nn

WIDTH = 128
POSITIONS = 256
LAYERS = 2
HEADS = 4
HIDDEN = 256
OUTPUTS = 128
EPSILON = 1e-5
PRE_NORM_ROWS = 64


def filled(module, weight, bias):
    """The module with these numbers; a bias of None must agree with the module."""
    state = {"weight": torch.as_tensor(weight)}
    if bias is not None:
        state["bias"] = torch.as_tensor(bias)
    module.load_state_dict(state)
    return module


def linear(tensors, name, layer, outputs, inputs, scale, bias=True):
    module = nn.Linear(inputs, outputs, bias=bias)
    weight = tensors.make(f"{name}.weights", layer, (outputs, inputs), scale)
    offset = tensors.make(f"{name}.biases", layer, (outputs,), 1 / 16) if bias else None
    return filled(module, weight, offset)


def norm(tensors, name, layer, width):
    module = nn.LayerNorm(width, eps=EPSILON)
    gain = tensors.make(f"{name}.gains", layer, (width,), 1 / 4, base=1)
    return filled(module, gain, tensors.make(f"{name}.offsets", layer, (width,), 1 / 8))


def encoder_layer(tensors, number, activation, pre_norm):
    layer = nn.TransformerEncoderLayer(
        WIDTH,
        HEADS,
        HIDDEN,
        dropout=0.0,
        activation=activation,
        layer_norm_eps=EPSILON,
        batch_first=True,
        norm_first=pre_norm,
    )
    parts = [
        linear(tensors, name, number, WIDTH, WIDTH, scale)
        for name, scale in (("query", 1 / 4), ("key", 1 / 4), ("value", 1 / 8))
    ]
    attention = layer.self_attn
    attention.in_proj_weight = nn.Parameter(torch.cat([part.weight for part in parts]))
    attention.in_proj_bias = nn.Parameter(torch.cat([part.bias for part in parts]))
    context = linear(tensors, "context", number, WIDTH, WIDTH, 1 / 8)
    attention.out_proj.load_state_dict(context.state_dict())
    layer.linear1 = linear(tensors, "expand", number, HIDDEN, WIDTH, 1 / 8)
    layer.linear2 = linear(tensors, "contract", number, WIDTH, HIDDEN, 1 / 8)
    layer.norm1 = norm(tensors, "attention_norm", number, WIDTH)
    layer.norm2 = norm(tensors, "feed_forward_norm", number, WIDTH)
    return layer


class Transformer(nn.Module):
    """Rows and positions, layers, mean and max over tokens, one matrix.

    Pre-norm: rows of another width are normed (without gain and offset) and multiplied before positions are added;
    a last norm, with gain and offset, comes before pooling; and the normed sum of the rows (again without) has a
    matrix of its own to the result.
    """

    def __init__(self, tensors, characters, activation, pre_norm, bias):
        super().__init__()
        width = PRE_NORM_ROWS if pre_norm else WIDTH
        rows = tensors.make("rows", 0, (characters, width), 1)
        self.rows = nn.Embedding.from_pretrained(torch.as_tensor(rows))
        self.pre_norm = pre_norm
        if pre_norm:
            self.input_norm = nn.LayerNorm(width, eps=EPSILON, elementwise_affine=False)
            self.input = linear(tensors, "input", 0, WIDTH, width, 1 / 4)
        positions = tensors.make("positions", 0, (POSITIONS, WIDTH), 1 / 2)
        self.positions = nn.Embedding.from_pretrained(torch.as_tensor(positions))
        layers = (encoder_layer(tensors, number, activation, pre_norm) for number in range(LAYERS))
        self.layers = nn.Sequential(*layers)
        if pre_norm:
            self.last_norm = norm(tensors, "last_norm", 0, WIDTH)
        self.pooled = linear(tensors, "pooled", 0, OUTPUTS, 2 * WIDTH, 1 / 8, bias)
        if pre_norm:
            self.bag = linear(tensors, "bag", 0, OUTPUTS, width, 1 / 8, bias=False)

    def forward(self, ids):
        rows = self.rows(ids)
        stream = self.input(self.input_norm(rows)) if self.pre_norm else rows
        stream = stream + self.positions(torch.arange(len(ids)))
        stream = self.layers(stream.unsqueeze(0)).squeeze(0)
        if self.pre_norm:
            stream = self.last_norm(stream)
        result = self.pooled(torch.cat([stream.mean(0), stream.max(0).values]))
        return result + self.bag(self.input_norm(rows.sum(0))) if self.pre_norm else result
