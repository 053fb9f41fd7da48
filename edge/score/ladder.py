"""Which provider and precision is tried, and what next when it does not prove itself.

There is no provider ``auto``: a box whose GPU libraries went missing would then be slow without
anybody noticing. A site names what it bought; the ladder keeps the resident watched, and the alarm
says that something else runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.config.scoring import ProviderName, ScoringConfig
from pain.bundle import Bundle, Precision

LADDER: Final[Mapping[ProviderName, tuple[ProviderName, ...]]] = {
    "cpu": ("cpu",),
    "cuda": ("cuda", "cpu"),
    "tensorrt": ("tensorrt", "cuda", "cpu"),
    "tensorrt-rtx": ("tensorrt-rtx", "cuda", "cpu"),
    "tensorrt-native": ("tensorrt-native", "tensorrt", "cuda", "cpu"),
}
"""What is tried, by what is asked for; each step down is slower and needs less to be installed."""

GAINS: Final[Mapping[ProviderName, frozenset[Precision]]] = {
    # ONNX Runtime computes half precision on a CPU by casting to float32 and back, and quantised
    # graphs on CUDA by dequantising them first: both are slower there than fp32.
    "cpu": frozenset({"fp32", "int8"}),
    "cuda": frozenset({"fp32", "fp16"}),
    "tensorrt": frozenset({"fp32", "fp16", "int8"}),
    "tensorrt-rtx": frozenset({"fp32", "fp16", "int8"}),
    "tensorrt-native": frozenset({"fp32", "fp16", "int8"}),
}
"""Precisions by which a provider gains something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One thing to try."""

    provider: ProviderName
    precision: Precision

    def __str__(self) -> str:
        return f"{self.provider} {self.precision}"


def rungs(scoring: ScoringConfig, bundle: Bundle) -> tuple[Rung, ...]:
    """List what is tried, best first.

    The first is exactly what the configuration asks for. On every further provider the same
    precision is tried where that provider gains by it, and always fp32 in the end.

    Args:
        scoring: provider and precision asked for.
        bundle: says which precision it prefers and which it has.

    Returns:
        At least one rung; the last is fp32 on the CPU, or fp32 as asked for.
    """
    ladder: list[Rung] = []
    for provider in LADDER[scoring.provider]:
        asked = _precision(scoring, bundle, provider)
        ladder += [
            Rung(provider=provider, precision=precision)
            for precision in dict.fromkeys((asked, "fp32"))
        ]
    return tuple(ladder)


def _precision(scoring: ScoringConfig, bundle: Bundle, provider: ProviderName) -> Precision:
    if scoring.precision == "auto":
        return bundle.preferred if _is_chosen(bundle.preferred, provider) else "fp32"
    if provider != scoring.provider and scoring.precision not in GAINS[provider]:
        return "fp32"
    return scoring.precision


def _is_chosen(precision: Precision, provider: ProviderName) -> bool:
    """Whether ``auto`` follows the bundle's preference on a provider.

    An INT8 graph is made either for CPUs or for TensorRT, which refuses the other kind, and the
    manifest does not tell them apart; on a GPU it is asked for by name.
    """
    return precision in GAINS[provider] and (precision != "int8" or provider == "cpu")
