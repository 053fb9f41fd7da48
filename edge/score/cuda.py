"""Device memory through NVIDIA's driver library, with ctypes.

Why not cuda-python: the engine runner needs twelve functions. ``libcuda.so.1`` comes with every
driver under that one name, while cuda-python must match the driver's major version and libcudart's
name changes with it; JetPack 6 and a desktop driver would need different pins. These functions have
kept their signatures since CUDA 4; a test holds them against the declarations in NVIDIA's
cuda-bindings.

Not run here: there was no GPU. The refusal without a driver library was.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy.typing as npt

from pain.errors import ProviderError, ScoringError

LIBRARY: Final = "libcuda.so.1"

_POINTER: Final = ctypes.POINTER(ctypes.c_void_p)
_ADDRESS: Final = ctypes.c_uint64

PROTOTYPES: Final[Mapping[str, tuple[Any, ...]]] = {
    "cuInit": (ctypes.c_uint,),
    "cuDeviceGet": (ctypes.POINTER(ctypes.c_int), ctypes.c_int),
    "cuDeviceGetName": (ctypes.c_char_p, ctypes.c_int, ctypes.c_int),
    "cuDevicePrimaryCtxRetain": (_POINTER, ctypes.c_int),
    "cuCtxSetCurrent": (ctypes.c_void_p,),
    "cuMemAlloc_v2": (ctypes.POINTER(_ADDRESS), ctypes.c_size_t),
    "cuMemFree_v2": (_ADDRESS,),
    "cuMemcpyHtoDAsync_v2": (_ADDRESS, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p),
    "cuMemcpyDtoHAsync_v2": (ctypes.c_void_p, _ADDRESS, ctypes.c_size_t, ctypes.c_void_p),
    "cuStreamCreate": (_POINTER, ctypes.c_uint),
    "cuStreamSynchronize": (ctypes.c_void_p,),
    "cuGetErrorString": (ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)),
}
"""Arguments of what is called; each returns a ``CUresult``, 0 for success."""

_NAME_BYTES: Final = 256
_NON_BLOCKING: Final = 1
"""``CU_STREAM_NON_BLOCKING``: the legacy default stream is not waited for."""


class Gpu:
    """The first NVIDIA GPU: its name, memory and one stream.

    It uses the device's primary context, the one in which TensorRT computes too.

    Args:
        load: opens a shared library.

    Raises:
        ProviderError: there is no driver, or no GPU that it can use.
    """

    def __init__(self, load: Callable[[str], Any] = ctypes.CDLL) -> None:
        try:
            self._driver = load(LIBRARY)
        except OSError as error:
            raise ProviderError(f"no NVIDIA driver here ({error})") from error
        for name, arguments in PROTOTYPES.items():
            function = getattr(self._driver, name)
            function.argtypes, function.restype = arguments, ctypes.c_int
        device, self._context = ctypes.c_int(), ctypes.c_void_p()
        text, stream = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_void_p()
        try:
            self._call("cuInit", 0)
            self._call("cuDeviceGet", ctypes.byref(device), 0)
            self._call("cuDeviceGetName", text, _NAME_BYTES, device)
            self._call("cuDevicePrimaryCtxRetain", ctypes.byref(self._context), device)
            self.use()
            self._call("cuStreamCreate", ctypes.byref(stream), _NON_BLOCKING)
        except ScoringError as error:
            raise ProviderError(f"no NVIDIA GPU that can be used ({error})") from error
        self.name = text.value.decode()
        self.stream = int(stream.value or 0)
        self._addresses: list[int] = []

    def use(self) -> None:
        """Make the GPU's context that of the calling thread."""
        self._call("cuCtxSetCurrent", self._context)

    def allocate(self, size_bytes: int) -> int:
        """Reserve memory on the device until ``free``.

        Returns:
            Its address there.

        Raises:
            ScoringError: there is not enough.
        """
        address = _ADDRESS()
        self._call("cuMemAlloc_v2", ctypes.byref(address), size_bytes)
        self._addresses.append(address.value)
        return address.value

    def upload(self, address: int, array: npt.NDArray[Any]) -> None:
        """Copy a C-contiguous array to the device, in the stream's order."""
        self._call("cuMemcpyHtoDAsync_v2", address, array.ctypes.data, array.nbytes, self.stream)

    def download(self, array: npt.NDArray[Any], address: int) -> None:
        """Fill a C-contiguous array from the device; valid after ``wait``."""
        self._call("cuMemcpyDtoHAsync_v2", array.ctypes.data, address, array.nbytes, self.stream)

    def wait(self) -> None:
        """Wait for everything in the stream.

        Raises:
            ScoringError: something in it failed.
        """
        self._call("cuStreamSynchronize", self.stream)

    def free(self) -> None:
        """Give all memory back; from any thread, such as one in which garbage is collected."""
        if self._addresses:
            self.use()
        while self._addresses:
            self._call("cuMemFree_v2", self._addresses.pop())

    def _call(self, name: str, *arguments: Any) -> None:
        result = getattr(self._driver, name)(*arguments)
        if result != 0:
            raise ScoringError(f"{name}: {self._describe(result)}")

    def _describe(self, result: int) -> str:
        text = ctypes.c_char_p()
        self._driver.cuGetErrorString(result, ctypes.byref(text))
        return text.value.decode() if text.value else f"CUDA error {result}"
