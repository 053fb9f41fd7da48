"""How far readings of the same faces are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.bundle import Difference
from pain.errors import ExportError

_P95: Final = 95.0


def moved(
    before: Mapping[Any, npt.NDArray[Any]],
    after: Mapping[Any, npt.NDArray[Any]],
    units: Sequence[str],
) -> dict[str, Difference]:
    """Mean, 95th percentile and largest absolute difference of every reading.

    Args:
        before: outputs by name, each of length N.
        after: the same outputs.
        units: names of the columns of ``action_units``.

    Returns:
        By ``level``, ``pspi`` and the names of the units, as far as there are such outputs.

    Raises:
        ExportError: see ``apart``.
    """
    found = {
        name: _summary(apart(name, before, after)) for name in ("level", "pspi") if name in before
    }
    if "action_units" in before:
        columns = apart("action_units", before, after).T
        found |= {unit: _summary(values) for unit, values in zip(units, columns, strict=True)}
    return found


def apart(
    name: str, before: Mapping[Any, npt.NDArray[Any]], after: Mapping[Any, npt.NDArray[Any]]
) -> npt.NDArray[np.float64]:
    """Absolute differences of one output.

    Raises:
        ExportError: it is missing, has another shape, or a value of it is no number.
    """
    if name not in after:
        raise ExportError(f"the exported graph has no output {name!r}")
    first, second = (said[name].astype(np.float64) for said in (before, after))
    if first.shape != second.shape or not first.size:
        raise ExportError(
            f"output {name!r} has shape {second.shape} instead of {first.shape} in the graph"
        )
    if not np.isfinite(second).all():
        raise ExportError(f"output {name!r} of the graph holds a value that is no number")
    return np.asarray(np.abs(first - second))


def _summary(values: npt.NDArray[np.float64]) -> Difference:
    return Difference(
        mean=float(values.mean()),
        p95=float(np.percentile(values, _P95)),
        largest=float(values.max()),
    )
