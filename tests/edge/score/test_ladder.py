"""What is tried, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.config import ScoringConfig
from edge.config.scoring import COMPILE_LIMIT_S
from edge.score.ladder import LADDER, rungs
from edge.score.providers import profile_shapes, provider_options
from pain.bundle import load_bundle

MakeBundle = Callable[..., Path]

ORDER = [
    ("cpu", "auto", "fp32", "cpu fp32"),
    ("cpu", "auto", "int8", "cpu int8, cpu fp32"),
    ("cpu", "fp32", "int8", "cpu fp32"),
    ("cpu", "fp16", "int8", "cpu fp16, cpu fp32"),
    ("cuda", "auto", "int8", "cuda fp32, cpu int8, cpu fp32"),
    ("cuda", "auto", "fp16", "cuda fp16, cuda fp32, cpu fp32"),
    ("cuda", "int8", "fp32", "cuda int8, cuda fp32, cpu int8, cpu fp32"),
    (
        "tensorrt",
        "auto",
        "fp16",
        "tensorrt fp16, tensorrt fp32, cuda fp16, cuda fp32, cpu fp32",
    ),
    ("tensorrt-rtx", "fp32", "fp16", "tensorrt-rtx fp32, cuda fp32, cpu fp32"),
    (
        "tensorrt-native",
        "auto",
        "int8",
        "tensorrt-native fp32, tensorrt fp32, cuda fp32, cpu int8, cpu fp32",
    ),
    (
        "tensorrt-native",
        "int8",
        "fp32",
        (
            "tensorrt-native int8, tensorrt-native fp32, tensorrt int8, tensorrt fp32, cuda fp32, "
            "cpu int8, cpu fp32"
        ),
    ),
]


@pytest.mark.parametrize(("provider", "precision", "preferred", "order"), ORDER)
def test_the_order_of_what_is_tried(
    bundle_dir: MakeBundle, provider: Any, precision: Any, preferred: str, order: str
) -> None:
    graphs = (("fp16", 3.0), ("int8", 3.0))
    bundle = load_bundle(bundle_dir(other_graphs=graphs, preferred=preferred))
    tried = rungs(ScoringConfig(provider=provider, precision=precision), bundle)
    assert ", ".join(map(str, tried)) == order


@pytest.mark.parametrize("provider", LADDER)
def test_every_ladder_ends_on_the_cpu(provider: Any) -> None:
    assert LADDER[provider][0] == provider
    assert LADDER[provider][-1] == "cpu"


def test_engines_are_compiled_for_one_to_eight_faces() -> None:
    inputs = ("landmarks", "blendshapes")
    assert profile_shapes(inputs, batch=1) == "landmarks:1x478x3,blendshapes:1x52"
    assert profile_shapes(("face",), batch=8) == "face:8x256x256x3"


@pytest.mark.parametrize(("precision", "flags"), [("fp32", "00"), ("fp16", "10"), ("int8", "01")])
def test_tensorrt_is_told_the_precision_and_where_engines_are_kept(
    precision: Any, flags: str, tmp_path: Path
) -> None:
    options = provider_options("tensorrt", precision=precision, inputs=("face",), cache=tmp_path)
    assert options["trt_fp16_enable"] + options["trt_int8_enable"] == flags
    assert options["trt_engine_cache_enable"] == options["trt_timing_cache_enable"] == "1"
    assert options["trt_engine_cache_path"] == options["trt_timing_cache_path"] == str(tmp_path)
    assert options["trt_profile_min_shapes"] == "face:1x256x256x3"
    assert options["trt_profile_max_shapes"] == "face:8x256x256x3"


def test_the_rtx_plugin_is_told_shapes_and_cache(tmp_path: Path) -> None:
    options = provider_options("tensorrt-rtx", precision="fp16", inputs=("face",), cache=tmp_path)
    assert options == {
        "nv_runtime_cache_path": str(tmp_path),
        "nv_profile_min_shapes": "face:1x256x256x3",
        "nv_profile_opt_shapes": "face:1x256x256x3",
        "nv_profile_max_shapes": "face:8x256x256x3",
    }


@pytest.mark.parametrize(
    ("provider", "extra_s"),
    [("cpu", 0.0), ("cuda", 0.0), *((name, COMPILE_LIMIT_S) for name in list(LADDER)[2:])],
)
def test_a_start_that_may_compile_is_waited_for(provider: Any, extra_s: float) -> None:
    assert ScoringConfig(provider=provider).start_limit_s(60.0) == 60.0 + extra_s
