"""Writes a sentence encoder (BERT, mean pooling, unit length) as an ONNX graph from its weights.

Run at set-up, in the bot's environment, with the packaged model's folder and the folder to write to:

    python -m bot.encoder_graph MODEL_FOLDER OUT_FOLDER

Rasa's environment has no torch, and needs none: the weights are read as arrays and the graph is spelled out
here. The architecture is that of Devlin et al. 2019 (https://arxiv.org/abs/1810.04805) with the pooling of
Reimers and Gurevych 2019 (https://arxiv.org/abs/1908.10084).
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

from bot.encoder import GRAPH, TOKENIZER, SentenceEncoder

OPSET = 17  # the first with LayerNormalization

LEAST_COSINE = 0.99
"""The mean cosine to the original under which eight-bit weights are refused and the full ones kept."""

_PROBES = (
    "Hello, where is my order HH-204817? It should have come on Monday.",
    "I'd like to talk to a person about my refund, please.",
    "How do I descale the kettle, and how often?",
    "can u cancel my subscribtion asap i dont need it anymore",
    "My card was charged twice and nobody answers my e-mails.",
    "The lamp flickers when the dishwasher runs; is that dangerous?",
    "What is the warranty on headphones that were bought as a gift and opened by mistake?",
    "Do you ship to islands, and what does it cost?",
    "I have lost my phone and need to change the number of my account.",
    "Why was my transfer declined although there is enough money?",
    "Which of the two vacuum cleaners is quieter on a wooden floor?",
    "The update has deleted all my settings. How do I get them back?",
)

Weights = Mapping[str, "np.ndarray[Any, Any]"]


class _Graph:
    """Nodes and constants as they are added; each method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: List[onnx.NodeProto] = []
        self.constants: List[onnx.TensorProto] = []

    def constant(self, value: Any) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name

    def linear(self, x: str, weights: Weights, name: str) -> str:
        product = self.add("MatMul", x, self.constant(weights[f"{name}.weight"].T))
        return self.add("Add", product, self.constant(weights[f"{name}.bias"]))

    def norm(self, x: str, weights: Weights, name: str, epsilon: float) -> str:
        scale, bias = (self.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def numbers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))


def encoder_graph(weights: Weights, config: Dict[str, Any]) -> onnx.ModelProto:
    """Inputs `ids`, `mask`: int64 [batch, tokens]. Output `vectors`: float32 [batch, hidden], unit length."""
    g = _Graph()
    epsilon = float(config["layer_norm_eps"])
    mask = g.add("Cast", "mask", to=TensorProto.FLOAT)
    # Nought where a token is, and far below any score where padding is: [batch, 1, 1, tokens].
    absent = g.add("Sub", g.constant(np.float32(1)), mask)
    barred = g.add("Mul", g.add("Unsqueeze", absent, g.numbers(1, 2)), g.constant(np.float32(-1e9)))
    x = _embeddings(g, weights, epsilon)
    for layer in range(config["num_hidden_layers"]):
        prefix = f"encoder.layer.{layer}"
        seen = _attention(g, x, barred, weights, f"{prefix}.attention", config["num_attention_heads"])
        x = g.norm(g.add("Add", x, seen), weights, f"{prefix}.attention.output.LayerNorm", epsilon)
        thought = _gelu(g, g.linear(x, weights, f"{prefix}.intermediate.dense"))
        thought = g.linear(thought, weights, f"{prefix}.output.dense")
        x = g.norm(g.add("Add", x, thought), weights, f"{prefix}.output.LayerNorm", epsilon)
    column = g.add("Unsqueeze", mask, g.numbers(2))
    total = g.add("ReduceSum", g.add("Mul", x, column), g.numbers(1), keepdims=0)
    mean = g.add("Div", total, g.add("ReduceSum", mask, g.numbers(1), keepdims=1))
    length = g.add("ReduceL2", mean, axes=[1], keepdims=1)
    g.nodes.append(helper.make_node("Div", [mean, length], ["vectors"], name="vectors"))
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        g.nodes,
        "sentence_encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", config["hidden_size"]])],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _embeddings(g: _Graph, weights: Weights, epsilon: float) -> str:
    """Words, places and the one segment that a sentence alone has."""
    words = g.add("Gather", g.constant(weights["embeddings.word_embeddings.weight"]), "ids")
    length = g.add("Gather", g.add("Shape", "ids"), g.constant(np.int64(1)))
    places = g.add("Range", g.constant(np.int64(0)), length, g.constant(np.int64(1)))
    rows = g.constant(weights["embeddings.position_embeddings.weight"])
    placed = g.add("Add", words, g.add("Gather", rows, places))
    segment = g.constant(weights["embeddings.token_type_embeddings.weight"][0])
    return g.norm(g.add("Add", placed, segment), weights, "embeddings.LayerNorm", epsilon)


def _attention(g: _Graph, x: str, barred: str, weights: Weights, name: str, heads: int) -> str:
    width = weights[f"{name}.self.query.bias"].shape[0] // heads
    apart = g.numbers(0, 0, heads, width)

    def split(part: str, order: List[int]) -> str:
        rows = g.add("Reshape", g.linear(x, weights, f"{name}.self.{part}"), apart)
        return g.add("Transpose", rows, perm=order)

    query, value = split("query", [0, 2, 1, 3]), split("value", [0, 2, 1, 3])
    scores = g.add("MatMul", query, split("key", [0, 2, 3, 1]))
    scores = g.add("Div", scores, g.constant(np.float32(np.sqrt(width))))
    shares = g.add("Softmax", g.add("Add", scores, barred), axis=-1)
    seen = g.add("Transpose", g.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    seen = g.add("Reshape", seen, g.numbers(0, 0, heads * width))
    return g.linear(seen, weights, f"{name}.output.dense")


def _gelu(g: _Graph, x: str) -> str:
    """x · Φ(x), by the error function (Hendrycks and Gimpel 2016)."""
    bent = g.add("Erf", g.add("Div", x, g.constant(np.float32(np.sqrt(2)))))
    half = g.add("Mul", x, g.constant(np.float32(0.5)))
    return g.add("Mul", half, g.add("Add", bent, g.constant(np.float32(1))))


def export(model_folder: Path, out: Path) -> float:
    """Write graph and tokenizer to `out`; returns the mean cosine of what was kept to the original.

    The weights are kept in eight bits where that costs less than one hundredth of the cosine.
    """
    stored = load_file(str(model_folder / "model.safetensors"))
    weights = {name: value.astype(np.float32) for name, value in stored.items() if value.dtype.kind == "f"}
    config = json.loads((model_folder / "config.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        full, small = Path(scratch, "full"), Path(scratch, "small")
        for folder in (full, small):
            folder.mkdir()
            shutil.copy(model_folder / "tokenizer.json", folder / TOKENIZER)
        onnx.save(encoder_graph(weights, config), str(full / GRAPH))
        cosine = _quantise(full / GRAPH, small / GRAPH)
        kept, cosine = (small, cosine) if cosine >= LEAST_COSINE else (full, 1.0)
        out.mkdir(parents=True, exist_ok=True)
        for name in (GRAPH, TOKENIZER):
            shutil.copy(kept / name, out / name)
    return cosine


def _quantise(full: Path, small: Path) -> float:
    """Write the graph with eight-bit weights, a scale a column; returns the mean cosine to the full one.

    Unsigned, because products of signed ones overflow on processors without VNNI.
    """
    quantize_dynamic(str(full), str(small), per_channel=True, weight_type=QuantType.QUInt8)
    before, after = (SentenceEncoder.load(file.parent).encode(_PROBES) for file in (full, small))
    return float((before * after).sum(axis=1).mean())


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # the quantiser recommends a step that changes nothing here
    print(f"Encoder written; mean cosine to the original {export(Path(sys.argv[1]), Path(sys.argv[2])):.4f}")  # noqa: T201
