"""What ONNX Runtime is told about each execution provider: names, options, engine caches.

Option names after https://onnxruntime.ai/docs/execution-providers and, for the TensorRT-RTX plugin,
the header ``tensorrt_rtx_provider_options.h`` inside its wheel (0.5.0).

Not run here: CUDA, TensorRT and TensorRT-RTX need an NVIDIA GPU. What was run without one: every
provider's refusal where it is absent, and loading the TensorRT-RTX plugin up to the driver library
that it misses.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from edge.config.scoring import ProviderName
from edge.score.contract import INPUTS
from edge.score.runner import first_line
from pain.bundle import InputName, Precision
from pain.errors import ProviderError

Options = dict[str, str]

ORT_NAMES: Final[Mapping[ProviderName, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "tensorrt-rtx": "NvTensorRTRTXExecutionProvider",
}

HELPERS: Final[Mapping[ProviderName, tuple[ProviderName, ...]]] = {
    "cpu": (),
    "cuda": ("cpu",),
    "tensorrt": ("cuda", "cpu"),
    "tensorrt-rtx": ("cpu",),
}
"""They may take single nodes that the provider cannot compute, never the whole graph."""

INSTALL: Final[Mapping[ProviderName, str]] = {
    "cuda": "put onnxruntime-gpu below 1.29 in its place",
    "tensorrt": "put onnxruntime-gpu below 1.29 in its place, and TensorRT beside it",
    "tensorrt-rtx": "pip install onnxruntime-ep-nv-tensorrt-rtx-cu13",
}

RTX_PACKAGE: Final = "onnxruntime_ep_nv_tensorrt_rtx"

MAX_BATCH: Final = 8
"""Engines take 1..8 faces; the daemon scores one at a time, the golden input has up to 8."""


def provider_options(
    provider: ProviderName, *, precision: Precision, inputs: Sequence[InputName], cache: Path
) -> Options:
    """Options of one provider.

    Args:
        provider: as in the config.
        precision: of the graph that it will run.
        inputs: of the bundle, for the shapes that an engine is compiled for.
        cache: folder for compiled engines; of this bundle and precision alone, since TensorRT's
            provider names its files after the graph's structure and not its weights.

    Returns:
        Names and values as ONNX Runtime takes them.
    """
    match provider:
        case "cuda":
            # Trying every algorithm for every shape costs seconds at start for nothing at batch 1.
            return {"cudnn_conv_algo_search": "HEURISTIC"}
        case "tensorrt":
            return {
                "trt_engine_cache_enable": "1",
                "trt_engine_cache_path": str(cache),
                "trt_timing_cache_enable": "1",
                "trt_timing_cache_path": str(cache),
                "trt_fp16_enable": _flag(precision == "fp16"),
                # The graph carries its own scales (QDQ), so no calibration table is named.
                "trt_int8_enable": _flag(precision == "int8"),
                # x^2 in LayerNorm overflows half precision and ruins vision transformers.
                "trt_layer_norm_fp32_fallback": "1",
                **_profiles("trt", inputs),
            }
        case "tensorrt-rtx":
            return {"nv_runtime_cache_path": str(cache), **_profiles("nv", inputs)}
        case _:
            return {}


def profile_shapes(inputs: Sequence[InputName], *, batch: int) -> str:
    """Shapes of all inputs in the words of both TensorRT providers, e.g. ``face:1x256x256x3``."""
    return ",".join(
        f"{name}:{'x'.join(str(size) for size in (batch, *INPUTS[name].shape[1:]))}"
        for name in inputs
    )


def rtx_devices(ort: Any) -> list[Any]:
    """Register the TensorRT-RTX plugin with ONNX Runtime, once, and list its devices.

    Args:
        ort: the module ``onnxruntime``.

    Returns:
        At least one device.

    Raises:
        ProviderError: ONNX Runtime is too old for plugins, the plugin is absent, or it finds no
            library or device that it needs.
    """
    if not hasattr(ort, "register_execution_provider_library"):
        raise ProviderError(
            f"the installed ONNX Runtime {ort.__version__} takes no plugins; install 1.24 or newer"
        )
    if devices := _devices(ort):
        return devices
    try:
        plugin: Any = importlib.import_module(RTX_PACKAGE)
    except ImportError as error:
        raise ProviderError(f"not installed; {INSTALL['tensorrt-rtx']}") from error
    try:
        ort.register_execution_provider_library(plugin.get_ep_name(), plugin.get_library_path())
    except Exception as error:
        # ONNX Runtime's exceptions share no base class of their own below Exception.
        raise ProviderError(f"the plugin does not load ({first_line(error)})") from error
    devices = _devices(ort)
    if not devices:
        raise ProviderError("the plugin finds no NVIDIA RTX GPU (Ampere or newer)")
    return devices


def _devices(ort: Any) -> list[Any]:
    wanted = ORT_NAMES["tensorrt-rtx"]
    return [device for device in ort.get_ep_devices() if device.ep_name == wanted]


def _profiles(prefix: str, inputs: Sequence[InputName]) -> Options:
    return {
        f"{prefix}_profile_min_shapes": profile_shapes(inputs, batch=1),
        f"{prefix}_profile_opt_shapes": profile_shapes(inputs, batch=1),
        f"{prefix}_profile_max_shapes": profile_shapes(inputs, batch=MAX_BATCH),
    }


def _flag(on: bool) -> str:  # noqa: FBT001  (a boolean is what it translates)
    return "1" if on else "0"
