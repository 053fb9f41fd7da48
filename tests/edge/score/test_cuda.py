"""Device memory: the driver's functions are declared as NVIDIA declares them.

The real thing was not run here: there was no GPU. The declarations come from NVIDIA's
cuda-bindings, which torch brings along; the driver is one that records what it is asked.
"""

from __future__ import annotations

import ctypes
import re
from importlib.metadata import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.score.cuda import LIBRARY, PROTOTYPES, Gpu
from pain.errors import ProviderError, ScoringError

C_TYPES = {
    "unsigned int": ctypes.c_uint,
    "int": ctypes.c_int,
    "int*": ctypes.POINTER(ctypes.c_int),
    "char*": ctypes.c_char_p,
    "const char**": ctypes.POINTER(ctypes.c_char_p),
    "size_t": ctypes.c_size_t,
    "void*": ctypes.c_void_p,
    "const void*": ctypes.c_void_p,
    "CUresult": ctypes.c_int,
    "CUdevice": ctypes.c_int,
    "CUdevice*": ctypes.POINTER(ctypes.c_int),
    "CUcontext": ctypes.c_void_p,
    "CUcontext*": ctypes.POINTER(ctypes.c_void_p),
    "CUstream": ctypes.c_void_p,
    "CUstream*": ctypes.POINTER(ctypes.c_void_p),
    "CUdeviceptr": ctypes.c_uint64,
    "CUdeviceptr*": ctypes.POINTER(ctypes.c_uint64),
}


@pytest.mark.parametrize("name", PROTOTYPES)
def test_functions_are_declared_as_nvidia_declares_them(name: str) -> None:
    (found,) = (
        path
        for path in files("cuda-bindings") or []
        if str(path) == "cuda/bindings/_internal/driver.pxd"
    )
    text = Path(str(found.locate())).read_text(encoding="utf-8")
    declared = re.search(rf"cdef CUresult _{name}\((.*?)\)", text)
    assert declared, f"no {name} there"
    arguments = [re.sub(r"\s*\w+$", "", one.strip()) for one in declared[1].split(",")]
    assert tuple(C_TYPES[one] for one in arguments) == PROTOTYPES[name]


class Function:
    """One function of the driver; ctypes sets its types."""

    def __init__(self, driver: Driver, name: str) -> None:
        self.driver, self.name = driver, name

    def __call__(self, *arguments: Any) -> int:
        self.driver.calls.append(self.name)
        if self.name == self.driver.failing:
            return 100
        effect = getattr(self.driver, self.name, None)
        if effect is not None:
            effect(*arguments)
        return 0


class Driver:
    """Records; memory is the host's."""

    def __init__(self, failing: str = "") -> None:
        self.calls: list[str] = []
        self.failing = failing
        self.buffers: dict[int, Any] = {}
        self.functions = {name: Function(self, name) for name in PROTOTYPES}

    def load(self, name: str) -> Any:
        assert name == LIBRARY
        return type("Library", (), self.functions)()

    def cuDeviceGetName(self, text: Any, size: int, _device: Any) -> None:  # noqa: N802
        text.value = b"NVIDIA T4"[:size]

    def cuStreamCreate(self, stream: Any, _flags: int) -> None:  # noqa: N802
        stream._obj.value = 7

    def cuMemAlloc_v2(self, address: Any, size: int) -> None:  # noqa: N802
        buffer = ctypes.create_string_buffer(size)
        address._obj.value = ctypes.addressof(buffer)
        self.buffers[address._obj.value] = buffer

    def cuMemFree_v2(self, address: int) -> None:  # noqa: N802
        del self.buffers[address]

    def cuMemcpyHtoDAsync_v2(self, to: int, at: int, size: int, _stream: int) -> None:  # noqa: N802
        ctypes.memmove(to, at, size)

    def cuMemcpyDtoHAsync_v2(self, to: int, at: int, size: int, _stream: int) -> None:  # noqa: N802
        ctypes.memmove(to, at, size)

    def cuGetErrorString(self, _result: int, text: Any) -> None:  # noqa: N802
        text._obj.value = b"no CUDA-capable device is detected"


def test_what_is_uploaded_can_be_downloaded() -> None:
    driver = Driver()
    gpu = Gpu(driver.load)
    assert (gpu.name, gpu.stream) == ("NVIDIA T4", 7)
    sent = np.arange(12, dtype=np.float32).reshape(3, 4)
    address = gpu.allocate(sent.nbytes)
    gpu.upload(address, sent)
    back = np.empty_like(sent)
    gpu.download(back, address)
    gpu.wait()
    assert np.array_equal(sent, back)
    gpu.free()
    assert not driver.buffers
    gpu.free()


def test_memory_is_given_back_in_the_gpus_own_context() -> None:
    # The finaliser runs in whichever thread collects garbage, where no context is current.
    driver = Driver()
    gpu = Gpu(driver.load)
    gpu.allocate(8)
    driver.calls.clear()
    gpu.free()
    assert driver.calls == ["cuCtxSetCurrent", "cuMemFree_v2"]


@pytest.mark.parametrize("failing", ["cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain"])
def test_a_driver_without_a_gpu_is_no_provider(failing: str) -> None:
    with pytest.raises(ProviderError, match=f"{failing}: no CUDA-capable device is detected"):
        Gpu(Driver(failing).load)


def test_a_failing_call_is_an_error_with_its_name() -> None:
    gpu = Gpu(Driver("cuStreamSynchronize").load)
    with pytest.raises(ScoringError, match="cuStreamSynchronize: no CUDA-capable"):
        gpu.wait()


def test_a_machine_without_a_driver_says_so() -> None:
    def load(name: str) -> Any:
        raise OSError(f"{name}: cannot open shared object file")

    with pytest.raises(ProviderError, match=r"no NVIDIA driver here \(libcuda\.so\.1"):
        Gpu(load)
