"""A real embedding bundle with random weights; it recognises nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.score.ladder import Rung
from edge.score.session import OrtSession
from pain.align import CROP_SIZE
from pain.embedding import EmbeddingBundle, write_embedding

DIMENSIONS = 16
_POOL = 32


def make_embedding(directory: Path) -> EmbeddingBundle:
    """Mean colours of squares, times random numbers, to length 1."""
    directory.mkdir(parents=True)
    rng = np.random.default_rng(11)
    width = 3 * (CROP_SIZE // _POOL) ** 2
    weights = rng.normal(size=(width, DIMENSIONS)).astype(np.float32)
    constants = {"weights": weights, "middle": np.float32(127.5)}
    nodes = [
        helper.make_node("Cast", ["face"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["floats", "middle"], ["centred"]),
        helper.make_node("Transpose", ["centred"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "AveragePool", ["planes"], ["small"], kernel_shape=[_POOL] * 2, strides=[_POOL] * 2
        ),
        helper.make_node("Flatten", ["small"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["raw"]),
        helper.make_node("LpNormalization", ["raw"], ["embedding"], axis=1, p=2),
    ]
    shape = ["N", CROP_SIZE, CROP_SIZE, 3]
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("face", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", DIMENSIONS])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = directory / "model.onnx"
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), model
    )
    faces = rng.integers(0, 256, (2, CROP_SIZE, CROP_SIZE, 3), dtype=np.uint8)
    session = OrtSession(
        model=model, rung=Rung(provider="cpu", precision="fp32"), options={}, threads=1
    )
    vectors = session.run({"face": faces})["embedding"]
    golden = {"input.face": faces, "output.embedding": vectors}
    np.savez(directory / "golden.npz", **golden)
    training = dict.fromkeys(
        ("data", "data_licence", "split_protocol", "task", "loss", "backbone", "command"), "none"
    )
    return write_embedding(
        directory,
        files={"model": ("model.onnx", "fp32"), "golden": ("golden.npz", None)},
        fields={
            "name": "random-embedding",
            "version": "1",
            "created": "2026-11-25T00:00:00+00:00",
            "dimensions": DIMENSIONS,
            "training": training,
            "metrics": (),
            "parity": {"inputs": 1, "max_difference": 0.0, "max_cosine_distance": 0.0},
            "intended_use": "tests",
            "limits": "recognises nobody",
            "library_versions": {},
        },
    )
