"""The pain model."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Field, field_validator

from pain.settings.section import Section

ProviderName = Literal["cpu", "cuda", "tensorrt", "tensorrt-rtx", "tensorrt-native"]
PrecisionName = Literal["auto", "fp32", "fp16", "int8"]
BuiltinName = Literal["mesh-v1", "mobilenetv3s-v1", "landmarks-v1"]

COMPILING: Final = frozenset[ProviderName]({"tensorrt", "tensorrt-rtx"})
"""Providers that compile an engine at their first start."""

COMPILE_LIMIT_S: Final = 1200.0
"""Longest wait for that; a vision transformer takes minutes on a small board."""

REMOVED_BUILTINS: Final = ("landmarks-v0",)
"""Bundles that the package had once and that files of that time may still name."""


def removed_builtin(name: object) -> str | None:
    """What to do about a built-in bundle that is in the package no more; None for other names."""
    if name not in REMOVED_BUILTINS:
        return None
    choices = " or ".join(repr(one) for one in get_args(BuiltinName))
    return f"this built-in bundle was removed; name {choices} instead"


class ScoringConfig(Section):
    """Which bundle runs, and on what."""

    builtin: BuiltinName = Field(
        default="mobilenetv3s-v1",
        description=(
            "Which bundle in the package runs, where bundle names no other. mobilenetv3s-v1 "
            "sees the picture of the face; mesh-v1 the picture and the tracker's blendshapes: it "
            "reads real faces best and moderate pain of drawn ones too low (docs/faces.md); "
            "landmarks-v1 sees landmarks alone, in a tenth of the time and with more errors."
        ),
    )
    bundle: Path | None = Field(
        default=None, description="Folder of a model bundle; a built-in one when absent."
    )
    provider: ProviderName = Field(
        default="cpu",
        description=(
            "What computes: cpu, cuda, tensorrt and tensorrt-rtx through ONNX Runtime, or "
            "tensorrt-native for an engine made by 'painwatch export tensorrt'. It must give the "
            "bundle's golden results at start, else the next one is tried (see fallback): "
            "tensorrt-native, tensorrt, cuda, cpu; or tensorrt-rtx, cuda, cpu."
        ),
    )
    precision: PrecisionName = Field(
        default="auto",
        description=(
            "Which of the bundle's graphs runs. auto: the one that the bundle prefers, where the "
            "provider gains by it, else fp32; int8 on a GPU must be asked for by name."
        ),
    )
    fallback: bool = Field(
        default=True,
        description=(
            "Whether another provider, or fp32, may run with the alarm degraded_provider when what "
            "was asked for is absent or computes something else; false: nothing runs then."
        ),
    )
    engines: Path | None = Field(
        default=None,
        description=(
            "Folder of the engines that TensorRT compiles for this GPU; painwatch/engines in the "
            "user's cache folder when absent. The first start with provider tensorrt compiles for "
            "minutes; 'painwatch edge doctor' does it ahead."
        ),
    )
    threads: int = Field(default=1, ge=1, le=64, description="CPU threads of the pain model.")

    @field_validator("builtin", mode="before")
    @classmethod
    def _not_removed(cls, name: object) -> object:
        if (told := removed_builtin(name)) is not None:
            raise ValueError(told)
        return name

    def start_limit_s(self, usual_s: float) -> float:
        """Longest wait for the model to be ready, seconds: longer where an engine is compiled.

        Args:
            usual_s: what it may take where nothing is compiled.
        """
        # An absent native engine leads to provider 'tensorrt', which compiles.
        compiles = self.provider in COMPILING or self.provider == "tensorrt-native"
        return usual_s + COMPILE_LIMIT_S if compiles else usual_s
