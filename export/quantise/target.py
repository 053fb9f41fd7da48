"""For what an INT8 graph is made: 8 bits mean different integers to different runtimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

_LINEAR: Final = ("Gemm", "MatMul")


class Target(StrEnum):
    """What will run the graph."""

    CPU = "cpu"
    TENSORRT = "tensorrt"


class Method(StrEnum):
    """How the range of an activation is chosen from what was seen of it."""

    MINMAX = "minmax"
    ENTROPY = "entropy"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How numbers become integers.

    Attributes:
        unsigned: activations are uint8 with a zero point anywhere; else int8 around zero.
        reduce_range: weights have 7 bits.
        drop_relu: a ReLU behind a convolution becomes the lower end of its output's range.
        options: of ``onnxruntime.quantization.quantize_static``.
    """

    unsigned: bool
    reduce_range: bool
    drop_relu: bool
    options: Mapping[str, Any]


SCHEMES: Final[Mapping[Target, Scheme]] = MappingProxyType(
    {
        # x86 processors with AVX2 but without VNNI add two products of uint8 x int8 in 16 bits,
        # which saturate unless weights have 7 bits; a bundle is made on one machine and runs on
        # another, so the bit is given away everywhere and every processor adds the same integers.
        # Linear layers hand on float: what follows them (attention, LayerNorm, the softmax of the
        # levels) is computed in float, and logits, PSPI and AUs would else share one range.
        Target.CPU: Scheme(
            unsigned=True,
            reduce_range=True,
            drop_relu=True,
            options=MappingProxyType({"OpTypesToExcludeOutputQuantization": list(_LINEAR)}),
        ),
        # TensorRT knows int8 with zero point 0 and float biases alone, and places the change back
        # to 8 bits behind bias and activation by itself, so only inputs are marked. Its sums have
        # 32 bits, so weights keep all of theirs.
        Target.TENSORRT: Scheme(
            unsigned=False,
            reduce_range=False,
            drop_relu=False,
            options=MappingProxyType(
                {
                    "ActivationSymmetric": True,
                    "WeightSymmetric": True,
                    "QuantizeBias": False,
                    "DedicatedQDQPair": True,
                    "OpTypesToExcludeOutputQuantization": ["Conv", *_LINEAR],
                }
            ),
        ),
    }
)
