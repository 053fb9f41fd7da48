"""Runs a native TensorRT engine behind the same small interface as ONNX Runtime's session.

The engine comes from ``painwatch export tensorrt``; the daemon never builds one, so its start is
quick and an absent engine is only one more rung of the ladder.

Not run here: neither TensorRT nor a GPU was at hand. A test runs this file against a stand-in that
is made from the signatures of ``tensorrt-stubs`` and keeps "device" memory in the host's; it pins
the calls, their order and the data's way, no more. The accuracy gate is what proves an engine.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from edge.score.cuda import Gpu
from edge.score.runner import Arrays, Port
from edge.score.tensorrt_api import (
    DataType,
    Dims,
    ICudaEngine,
    TensorRT,
    import_tensorrt,
)
from pain.bundle import Bundle, Precision
from pain.engine import REBUILD, engine_file, load_engine
from pain.errors import BundleError, ScoringError

ELEMENTS: Final[Mapping[str, tuple[type[np.generic], str]]] = {
    "FLOAT": (np.float32, "tensor(float)"),
    "HALF": (np.float16, "tensor(float16)"),
    "INT8": (np.int8, "tensor(int8)"),
    "INT32": (np.int32, "tensor(int32)"),
    "INT64": (np.int64, "tensor(int64)"),
    "UINT8": (np.uint8, "tensor(uint8)"),
    "BOOL": (np.bool_, "tensor(bool)"),
}
"""TensorRT's element types: numpy's, and ONNX Runtime's name."""


class DeviceMemory(Protocol):
    """What the runner needs of ``edge.score.cuda.Gpu``."""

    stream: int

    def use(self) -> None:
        """Make its context that of the calling thread."""
        ...

    def allocate(self, size_bytes: int) -> int:
        """Reserve memory; gives its address."""
        ...

    def upload(self, address: int, array: npt.NDArray[Any]) -> None:
        """Copy to the device."""
        ...

    def download(self, array: npt.NDArray[Any], address: int) -> None:
        """Copy from the device."""
        ...

    def wait(self) -> None:
        """Wait for the stream."""
        ...

    def free(self) -> None:
        """Give all memory back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binding:
    port: Port
    dtype: type[np.generic]
    address: int


class EngineRunner:
    """A TensorRT engine with its buffers on the device. Not thread-safe.

    Args:
        plan: the serialised engine.
        max_batch: faces that it takes at once.
        trt: the module ``tensorrt``.
        gpu: memory and stream.

    Raises:
        BundleError: TensorRT cannot read or start it.
    """

    def __init__(self, plan: bytes, *, max_batch: int, trt: TensorRT, gpu: DeviceMemory) -> None:
        self._gpu = gpu
        self._max_batch = max_batch
        runtime = trt.Runtime(trt.Logger(trt.Logger.ERROR))
        engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise BundleError(f"TensorRT {trt.__version__} cannot read this engine; {REBUILD}")
        context = engine.create_execution_context()
        if context is None:
            raise BundleError("the GPU has too little memory for this engine")
        # TensorRT wants the runtime to outlive the engine, and the engine its context.
        self._runtime, self._engine, self._context = runtime, engine, context
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        self._bindings = {name: self._bind(name, engine, trt) for name in names}
        ports: dict[bool, list[Port]] = {True: [], False: []}
        for name in names:
            is_input = engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT
            ports[is_input].append(self._bindings[name].port)
        self.inputs, self.outputs = tuple(ports[True]), tuple(ports[False])
        weakref.finalize(self, gpu.free).atexit = False

    @classmethod
    def open(cls, bundle: Bundle, *, precision: Precision, engines: Path) -> EngineRunner:
        """Load the engine of a bundle for the GPU and TensorRT at hand.

        Args:
            bundle: its manifest.
            precision: of the graph.
            engines: folder of all engines.

        Raises:
            ProviderError: there is no TensorRT, no driver or no GPU.
            BundleError: there is no engine for them, or it does not start.
        """
        trt, gpu = import_tensorrt(), Gpu()
        path = engine_file(
            engines, bundle=bundle, gpu=gpu.name, tensorrt=trt.__version__, precision=precision
        )
        plan, record = load_engine(
            path, bundle=bundle, gpu=gpu.name, tensorrt=trt.__version__, precision=precision
        )
        return cls(plan, max_batch=record.max_batch, trt=trt, gpu=gpu)

    @property
    def provider(self) -> str:
        """Always ``tensorrt-native``: an engine has no second way to be computed."""
        return "tensorrt-native"

    def require_provider(self) -> None:
        """Nothing to compare: what was loaded is what runs."""

    def run(self, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Run the engine, in parts where there are more faces than it takes at once.

        Args:
            feeds: arrays by input name, each (N, ...).

        Returns:
            Arrays by output name, each (N, ...).

        Raises:
            ScoringError: an input is absent or does not fit, or TensorRT or the GPU failed.
        """
        arrays = {port.name: self._fit(port, feeds) for port in self.inputs}
        count = min(len(array) for array in arrays.values())
        self._gpu.use()
        parts = [
            self._run_part(
                {name: array[at : at + self._max_batch] for name, array in arrays.items()}
            )
            for at in range(0, count, self._max_batch)
        ]
        return {
            port.name: np.concatenate([part[port.name] for part in parts]) for port in self.outputs
        }

    def _run_part(self, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
        for name, array in arrays.items():
            if not self._context.set_input_shape(name, array.shape):
                raise ScoringError(f"TensorRT refuses input {name!r} of shape {array.shape}")
            self._gpu.upload(self._bindings[name].address, array)
        if not self._context.execute_async_v3(self._gpu.stream):
            raise ScoringError("TensorRT failed to run the engine")
        results = {}
        for port in self.outputs:
            binding = self._bindings[port.name]
            shape = _sizes(self._context.get_tensor_shape(port.name))
            results[port.name] = np.empty(shape, binding.dtype)
            self._gpu.download(results[port.name], binding.address)
        self._gpu.wait()
        return results

    def _fit(self, port: Port, feeds: Arrays) -> npt.NDArray[Any]:
        array = feeds.get(port.name)
        wanted = self._bindings[port.name].dtype
        if array is None or array.dtype != wanted or array.shape[1:] != port.shape[1:]:
            what = "nothing" if array is None else f"{array.dtype} {array.shape}"
            raise ScoringError(
                f"input {port.name!r} must be {np.dtype(wanted)} {port.shape}, not {what}"
            )
        return np.ascontiguousarray(array)

    def _bind(self, name: str, engine: ICudaEngine, trt: TensorRT) -> _Binding:
        dtype, element = _element(engine.get_tensor_dtype(name), trt)
        free = _sizes(engine.get_tensor_shape(name))
        largest = (self._max_batch, *free[1:])
        address = self._gpu.allocate(int(np.prod(largest)) * np.dtype(dtype).itemsize)
        if not self._context.set_tensor_address(name, address):
            raise BundleError(f"TensorRT takes no memory for {name!r}")
        shape = tuple(None if size < 0 else size for size in free)
        return _Binding(
            port=Port(name=name, element=element, shape=shape), dtype=dtype, address=address
        )


def _element(found: DataType, trt: TensorRT) -> tuple[type[np.generic], str]:
    for name, element in ELEMENTS.items():
        if found == getattr(trt.DataType, name):
            return element
    raise BundleError(f"the engine has a tensor of type {found}, which no bundle has")


def _sizes(dims: Dims) -> tuple[int, ...]:
    return tuple(dims[axis] for axis in range(len(dims)))
