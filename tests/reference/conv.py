"""Character convolutions in PyTorch: three layers over three neighbours, ReLU, pooled over positions."""

import torch
from torch import nn

from transformer import OUTPUTS, linear

WIDTH = 128
LAYERS = 3
NEIGHBOURS = 3


def convolution(tensors, number, outputs, inputs):
    """The matrix is `[outputs, 3, inputs]`, the character before first."""
    weight = tensors.make("convolution.weights", number, (outputs, NEIGHBOURS, inputs), 1 / 8)
    module = nn.Conv1d(inputs, outputs, NEIGHBOURS, padding=1)
    bias = tensors.make("convolution.biases", number, (outputs,), 1 / 16)
    weight = torch.as_tensor(weight).transpose(1, 2).contiguous()
    module.load_state_dict({"weight": weight, "bias": torch.as_tensor(bias)})
    return module


class Conv(nn.Module):
    """With `residual` a layer adds to what it read where widths agree, and pooling is by mean and max."""

    def __init__(self, tensors, characters, channels, residual):
        super().__init__()
        self.residual = residual
        rows = tensors.make("rows", 0, (characters, WIDTH), 1)
        self.rows = nn.Embedding.from_pretrained(torch.as_tensor(rows))
        widths = [WIDTH] + [channels] * LAYERS
        self.layers = nn.ModuleList(
            convolution(tensors, number, widths[number + 1], widths[number])
            for number in range(LAYERS)
        )
        pooled = 2 * channels if residual else channels
        self.pooled = linear(tensors, "pooled", 0, OUTPUTS, pooled, 1 / 8)

    def forward(self, ids):
        stream = self.rows(ids).T.unsqueeze(0)
        for layer in self.layers:
            result = torch.relu(layer(stream))
            keeps = self.residual and result.shape == stream.shape
            stream = result + stream if keeps else result
        largest = stream.squeeze(0).max(1).values
        if not self.residual:
            return self.pooled(largest)
        return self.pooled(torch.cat([stream.squeeze(0).mean(1), largest]))
