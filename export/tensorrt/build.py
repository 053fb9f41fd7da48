"""Compiles a bundle's ONNX graph into a serialised TensorRT engine.

The network is strongly typed: TensorRT computes each tensor in the type that the graph gives it, so
the fp16 graph keeps the LayerNorms that it keeps in float32 and the INT8 graph the scales of its
QDQ nodes. Without that, TensorRT is free to lower the precision of anything, which is how vision
transformers lose their accuracy.

Not run here: neither TensorRT nor a GPU was at hand. A test pins the calls against the signatures
in ``tensorrt-stubs``, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from export.tensorrt.api import Builder, INetworkDefinition, IOptimizationProfile, Logger, TensorRT
from pain.errors import ExportError

WORKSPACE_BYTES: Final = 1 << 30
"""A limit, not a need: a Jetson shares its memory with everything else on the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What TensorRT gave.

    Attributes:
        plan: the serialised engine.
        timings: the timing cache, for the next build on this GPU.
    """

    plan: bytes
    timings: bytes


def compile_graph(graph: Path, *, max_batch: int, timings: bytes, trt: TensorRT) -> Compiled:
    """Compile an ONNX file for the GPU at hand.

    Args:
        graph: the file; every input has a free leading axis.
        max_batch: the engine takes 1..max_batch faces and is tuned for one, as the daemon runs it.
        timings: the cache of earlier builds, or nothing.
        trt: the module ``tensorrt``.

    Raises:
        ExportError: TensorRT cannot read or compile it.
    """
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    _read(graph, network, logger, trt)
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
    if config.add_optimization_profile(_profile(builder, network, max_batch, trt)) < 0:
        raise ExportError(f"{graph}: TensorRT takes no batch of 1 to {max_batch}")
    if not config.set_timing_cache(config.create_timing_cache(timings), False):
        # Of another GPU or version in spite of its name: measure anew.
        config.set_timing_cache(config.create_timing_cache(b""), False)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ExportError(f"{graph}: TensorRT cannot compile it; its messages are above")
    return Compiled(plan=bytes(plan), timings=bytes(config.get_timing_cache().serialize()))


def _read(graph: Path, network: INetworkDefinition, logger: Logger, trt: TensorRT) -> None:
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(str(graph)):
        errors = "; ".join(str(parser.get_error(index)) for index in range(parser.num_errors))
        raise ExportError(f"{graph}: TensorRT cannot read it: {errors}")


def _profile(
    builder: Builder, network: INetworkDefinition, max_batch: int, trt: TensorRT
) -> IOptimizationProfile:
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        sizes = [tensor.shape[axis] for axis in range(1, len(tensor.shape))]
        one, most = trt.Dims([1, *sizes]), trt.Dims([max_batch, *sizes])
        profile.set_shape(tensor.name, one, one, most)
    return profile
