"""all-MiniLM-L6-v2 in onnxruntime, from a folder with its weights (safetensors) and its tokenizer.

The graph is written here, since the folder has none: BERT (Devlin et al., 2019) with the mean of the last layer.
"""

import json
import pathlib

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

BATCH = 32


class Graph:
    """Nodes and weights, added one by one."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], {}

    def constant(self, name, value):
        self.constants[name] = numpy_helper.from_array(numpy.ascontiguousarray(value), name)
        return name

    def weight(self, name, transposed=False):
        value = self.weights[name]
        return self.constant(name, value.T if transposed else value)

    def node(self, operation, *inputs, **attributes):
        output = f"{operation}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def linear(self, value, name):
        product = self.node("MatMul", value, self.weight(f"{name}.weight", transposed=True))
        return self.node("Add", product, self.weight(f"{name}.bias"))

    def norm(self, value, name, epsilon):
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node("LayerNormalization", value, scale, bias, axis=-1, epsilon=epsilon)


def layer(graph, value, mask, number, config):
    """`[B, L, D]` to `[B, L, D]`."""
    name, heads = f"encoder.layer.{number}", config["num_attention_heads"]
    width = config["hidden_size"] // heads
    split = graph.constant("split", numpy.array([0, 0, heads, width], dtype=numpy.int64))
    merge = graph.constant("merge", numpy.array([0, 0, heads * width], dtype=numpy.int64))
    scale = graph.constant("scale", numpy.float32(1 / numpy.sqrt(width)))

    def part(which, order):
        projected = graph.linear(value, f"{name}.attention.self.{which}")
        return graph.node("Transpose", graph.node("Reshape", projected, split), perm=order)

    queries, keys, values = part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1]), part("value", [0, 2, 1, 3])
    scores = graph.node("Mul", graph.node("MatMul", queries, keys), scale)
    shares = graph.node("Softmax", graph.node("Add", scores, mask), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", shares, values), perm=[0, 2, 1, 3])
    attended = graph.linear(graph.node("Reshape", mixed, merge), f"{name}.attention.output.dense")
    epsilon = config["layer_norm_eps"]
    value = graph.norm(graph.node("Add", value, attended), f"{name}.attention.output.LayerNorm", epsilon)
    inner = graph.node("Gelu", graph.linear(value, f"{name}.intermediate.dense"))
    outer = graph.linear(inner, f"{name}.output.dense")
    return graph.norm(graph.node("Add", value, outer), f"{name}.output.LayerNorm", epsilon)


def model_of(folder):
    """The model as bytes: `ids` and `mask`, `[B, L]`, to the mean of the tokens' vectors, `[B, D]`."""
    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    graph = Graph({name.removeprefix("bert."): value for name, value in weights.items()})
    zero, one, two = (graph.constant(str(axis), numpy.array([axis], dtype=numpy.int64)) for axis in (0, 1, 2))
    words = graph.node("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    length = graph.node("Shape", "ids", start=1)
    places = graph.node("Slice", graph.weight("embeddings.position_embeddings.weight"), zero, length, zero)
    kind = graph.constant("kind", graph.weights["embeddings.token_type_embeddings.weight"][0])
    value = graph.node("Add", graph.node("Add", words, places), kind)
    value = graph.norm(value, "embeddings.LayerNorm", config["layer_norm_eps"])
    floats = graph.node("Cast", "mask", to=TensorProto.FLOAT)
    axes = graph.constant("axes", numpy.array([1, 2], dtype=numpy.int64))
    masked = graph.node("Sub", floats, graph.constant("full", numpy.float32(1)))
    masked = graph.node("Mul", masked, graph.constant("far", numpy.float32(1e9)))
    masked = graph.node("Unsqueeze", masked, axes)
    for number in range(config["num_hidden_layers"]):
        value = layer(graph, value, masked, number, config)
    column = graph.node("Unsqueeze", floats, two)
    total = graph.node("ReduceSum", graph.node("Mul", value, column), one, keepdims=0)
    graph.nodes.append(helper.make_node("Div", [total, graph.node("ReduceSum", floats, one, keepdims=1)], ["mean"]))
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["B", "L"]) for name in ("ids", "mask")]
    output = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["B", config["hidden_size"]])
    made = helper.make_graph(graph.nodes, "minilm", inputs, [output], list(graph.constants.values()))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9).SerializeToString()


class MiniLm:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.enable_padding()
        self.session = onnxruntime.InferenceSession(model_of(folder), providers=["CPUExecutionProvider"])

    def encode(self, texts):
        """`[N, D]`, of length 1. Texts of like length share a batch, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        out = [None] * len(texts)
        for first in range(0, len(order), BATCH):
            numbers = order[first : first + BATCH]
            encoded = self.tokenizer.encode_batch([texts[number] for number in numbers])
            ids = numpy.array([one.ids for one in encoded], dtype=numpy.int64)
            mask = numpy.array([one.attention_mask for one in encoded], dtype=numpy.int64)
            (means,) = self.session.run(None, {"ids": ids, "mask": mask})
            means /= numpy.linalg.norm(means, axis=1, keepdims=True)
            for number, mean in zip(numbers, means):
                out[number] = mean
        return numpy.stack(out)
