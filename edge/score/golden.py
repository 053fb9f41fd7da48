"""The golden input: a bundle proves at start that it computes here what it computed at export.

The artefact of role ``golden`` is an ``.npz`` with ``input.<name>`` and ``output.<name>`` for every
input and output of the bundle and ``tolerance``, the largest absolute difference allowed. A graph
of another precision may have its own ``output.<precision>.<name>`` (INT8: what that graph itself
gave at export) and ``tolerance.<precision>``; what is absent is taken from fp32.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.score.runner import Arrays, Runner
from pain.bundle import Bundle, Precision
from pain.errors import BundleCorrupt, BundleError, ScoringError

MAX_TOLERANCE: Final = 0.25
"""In levels. A wider one would let another model pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """Recorded inputs and what the model gave for them at export."""

    inputs: Arrays
    outputs: Arrays
    tolerance: float


def load_golden(path: Path, bundle: Bundle, *, precision: Precision) -> Golden:
    """Read the recorded inputs and outputs for one precision.

    Raises:
        BundleCorrupt: the file is not an ``.npz`` with every array that the bundle needs.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            inputs = {str(name): archive[f"input.{name}"] for name in bundle.inputs}
            outputs = {
                str(name): _own(archive, "output", precision, f".{name}") for name in bundle.outputs
            }
            tolerance = float(_own(archive, "tolerance", precision))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise BundleCorrupt(
            f"{path}: not a usable golden input ({error}); export the bundle again"
        ) from error
    if not 0.0 < tolerance <= MAX_TOLERANCE:
        raise BundleCorrupt(f"{path}: tolerance is {tolerance}, it must be in 0..{MAX_TOLERANCE}")
    return Golden(inputs=inputs, outputs=outputs, tolerance=tolerance)


def check_golden(runner: Runner, golden: Golden, *, model: Path) -> None:
    """Run the recorded inputs and compare.

    Raises:
        BundleError: an output differs by more than the tolerance, or the model does not run.
    """
    try:
        results = runner.run(golden.inputs)
    except ScoringError as error:
        raise BundleError(f"{model}: the golden input cannot be scored: {error}") from error
    for name, expected in golden.outputs.items():
        difference = _largest_difference(results[name], expected)
        if difference is None or difference > golden.tolerance:
            what = (
                "another shape or a value that is no number"
                if difference is None
                else (f"a difference of {difference:.3g}, allowed is {golden.tolerance:.3g}")
            )
            raise BundleError(
                f"{model}: does not compute on {runner.provider!r} what it computed at export: "
                f"output {name!r} of the golden input shows {what}; export the bundle again, or "
                "use another scoring.provider"
            )


def _own(
    archive: Mapping[str, npt.NDArray[Any]], what: str, precision: Precision, name: str = ""
) -> npt.NDArray[Any]:
    own = f"{what}.{precision}{name}"
    return archive[own] if own in archive else archive[f"{what}{name}"]


def _largest_difference(actual: npt.NDArray[Any], expected: npt.NDArray[Any]) -> float | None:
    if actual.shape != expected.shape or actual.size == 0:
        return None
    difference = float(np.abs(actual.astype(np.float64) - expected.astype(np.float64)).max())
    return difference if np.isfinite(difference) else None
