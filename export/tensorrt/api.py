"""The part of TensorRT's Python API that builds an engine, with its types.

TensorRT's own package ships no types, and the package ``tensorrt-stubs`` has lines that mypy cannot
read, so what is called is written down here; a test holds every name and argument against those
stubs (10.13).
"""

from __future__ import annotations

import importlib
from typing import Protocol, SupportsInt, cast

from pain.errors import ProviderError


class Dims(Protocol):
    """Sizes of a tensor, and the class that makes them; -1 where a size is free."""

    def __call__(self, shape: list[int]) -> Dims:
        """Make sizes of a list."""
        ...

    def __len__(self) -> int:
        """Count the axes."""
        ...

    def __getitem__(self, index: int, /) -> int:
        """Size along one axis."""
        ...


class ITensor(Protocol):
    """A tensor of a network."""

    name: str
    shape: Dims


class INetworkDefinition(Protocol):
    """A network to be compiled."""

    @property
    def num_inputs(self) -> int:
        """Count the inputs."""
        ...

    def get_input(self, index: int) -> ITensor:
        """One input."""
        ...


class IHostMemory(Protocol):
    """Bytes that TensorRT owns."""

    def __buffer__(self, flags: int, /) -> memoryview:
        """Read them."""
        ...


class ITimingCache(Protocol):
    """What was measured of kernels before."""

    def serialize(self) -> IHostMemory:
        """Give it as bytes."""
        ...


class IOptimizationProfile(Protocol):
    """The sizes that an engine is compiled for."""

    def set_shape(self, input: str, min: Dims, opt: Dims, max: Dims) -> None:  # noqa: A002  (TensorRT's names)
        """Say the smallest, the best and the largest size of an input."""
        ...


class MemoryPoolType(Protocol):
    """What memory is for; the class that holds the kinds."""

    WORKSPACE: MemoryPoolType


class IBuilderConfig(Protocol):
    """How an engine is compiled."""

    def set_memory_pool_limit(self, pool: MemoryPoolType, pool_size: int) -> None:
        """Limit memory, bytes."""
        ...

    def add_optimization_profile(self, profile: IOptimizationProfile) -> int:
        """Add sizes; gives -1 where they do not fit the network."""
        ...

    def create_timing_cache(self, serialized_timing_cache: bytes) -> ITimingCache:
        """Make a cache of bytes; of none, an empty one."""
        ...

    def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:  # noqa: FBT001  (TensorRT's signature)
        """Use a cache; False where it is of another GPU or version."""
        ...

    def get_timing_cache(self) -> ITimingCache:
        """Give the cache back, with what was measured now."""
        ...


class NetworkDefinitionCreationFlag(Protocol):
    """Properties of a network; the class that holds them."""

    STRONGLY_TYPED: SupportsInt


class Logger(Protocol):
    """Where TensorRT's messages go, and the class that makes one."""

    WARNING: object

    def __call__(self, min_severity: object) -> Logger:
        """Make a logger that tells what is at least so severe."""
        ...


class Builder(Protocol):
    """Compiles networks, and the class that makes one."""

    def __call__(self, logger: Logger) -> Builder:
        """Make a builder."""
        ...

    def create_network(self, flags: int) -> INetworkDefinition:
        """Make an empty network."""
        ...

    def create_builder_config(self) -> IBuilderConfig:
        """Make a configuration."""
        ...

    def create_optimization_profile(self) -> IOptimizationProfile:
        """Make an empty profile."""
        ...

    def build_serialized_network(
        self, network: INetworkDefinition, config: IBuilderConfig
    ) -> IHostMemory | None:
        """Compile; None where it failed."""
        ...


class OnnxParser(Protocol):
    """Reads ONNX files into a network, and the class that makes one."""

    @property
    def num_errors(self) -> int:
        """Count what went wrong."""
        ...

    def __call__(self, network: INetworkDefinition, logger: Logger) -> OnnxParser:
        """Make a parser."""
        ...

    def parse_from_file(self, model: str) -> bool:
        """Read a file; False where something in it is not supported."""
        ...

    def get_error(self, index: int) -> object:
        """One thing that went wrong."""
        ...


class TensorRT(Protocol):
    """The module ``tensorrt``."""

    __version__: str
    Builder: Builder
    Dims: Dims
    Logger: Logger
    MemoryPoolType: MemoryPoolType
    NetworkDefinitionCreationFlag: NetworkDefinitionCreationFlag
    OnnxParser: OnnxParser


def import_tensorrt() -> TensorRT:
    """Import TensorRT, which no package registry carries for every machine.

    Raises:
        ProviderError: it is not installed.
    """
    try:
        module = importlib.import_module("tensorrt")
        # Stubs alone leave an empty package of that name.
        module.Builder  # noqa: B018
    except (ImportError, AttributeError, OSError, RuntimeError) as error:
        raise ProviderError(
            f"TensorRT's Python package is not installed or not whole ({error}); "
            "JetPack brings it, elsewhere see NVIDIA's installation guide"
        ) from error
    return cast("TensorRT", module)
