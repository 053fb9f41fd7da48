"""The part of TensorRT's Python API that runs an engine, with its types.

TensorRT's own package ships no types, and the package ``tensorrt-stubs`` has lines that mypy cannot
read, so what is called is written down here; a test holds every name and argument against those
stubs (10.13).
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from pain.errors import ProviderError


class Dims(Protocol):
    """Sizes of a tensor; -1 where a size is free."""

    def __len__(self) -> int:
        """Count the axes."""
        ...

    def __getitem__(self, index: int, /) -> int:
        """Size along one axis."""
        ...


class DataType(Protocol):
    """Element type of a tensor, and the class that holds them all."""

    FLOAT: DataType
    HALF: DataType
    INT8: DataType
    INT32: DataType
    INT64: DataType
    UINT8: DataType
    BOOL: DataType


class TensorIOMode(Protocol):
    """Whether a tensor is input or output, and the class that holds both."""

    INPUT: TensorIOMode
    OUTPUT: TensorIOMode


class Logger(Protocol):
    """Where TensorRT's messages go, and the class that makes one."""

    ERROR: object

    def __call__(self, min_severity: object) -> Logger:
        """Make a logger that tells what is at least so severe."""
        ...


class IExecutionContext(Protocol):
    """An engine's state between runs; not thread-safe."""

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        """Say how large an input is this time."""
        ...

    def get_tensor_shape(self, name: str) -> Dims:
        """Size of a tensor, given the inputs' sizes."""
        ...

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """Say where on the device a tensor lies."""
        ...

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Queue one run."""
        ...


class ICudaEngine(Protocol):
    """A deserialised engine."""

    @property
    def num_io_tensors(self) -> int:
        """Count inputs and outputs."""
        ...

    def get_tensor_name(self, index: int) -> str:
        """Name of an input or output."""
        ...

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        """Whether it is input or output."""
        ...

    def get_tensor_dtype(self, name: str) -> DataType:
        """Type of its elements."""
        ...

    def get_tensor_shape(self, name: str) -> Dims:
        """Size of it; -1 where it is free."""
        ...

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[Dims]:
        """Smallest, best and largest size of an input."""
        ...

    def create_execution_context(self) -> IExecutionContext | None:
        """Make a context; None where memory is short."""
        ...


class Runtime(Protocol):
    """Reads engines, and the class that makes one."""

    def __call__(self, logger: Logger) -> Runtime:
        """Make a runtime."""
        ...

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> ICudaEngine | None:
        """Read an engine; None where it is of another version or GPU."""
        ...


class TensorRT(Protocol):
    """The module ``tensorrt``."""

    __version__: str
    DataType: DataType
    Logger: Logger
    Runtime: Runtime
    TensorIOMode: TensorIOMode


def import_tensorrt() -> TensorRT:
    """Import TensorRT, which no package registry carries for every machine.

    Raises:
        ProviderError: it is not installed.
    """
    try:
        module = importlib.import_module("tensorrt")
        # Stubs alone leave an empty package of that name.
        module.Runtime  # noqa: B018
    except (ImportError, AttributeError, OSError, RuntimeError) as error:
        raise ProviderError(
            f"TensorRT's Python package is not installed or not whole ({error}); "
            "JetPack brings it, elsewhere see NVIDIA's installation guide"
        ) from error
    return cast("TensorRT", module)
