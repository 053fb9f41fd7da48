"""Golden faces: a bundle proves at every start that it computes what it computed at export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.bundle import GOLDEN_TOLERANCE, InputName, OutputName

GOLDEN_FACES: Final = 8


def choose_golden(levels: npt.NDArray[np.floating[Any]], *, count: int = GOLDEN_FACES) -> list[int]:
    """Rows of faces from the least to the most painful reading, evenly in between.

    Args:
        levels: (N,) as the model reads them, N >= 1.
        count: how many; fewer when there are not as many.
    """
    order = np.argsort(levels, kind="stable")
    places = np.linspace(0, len(order) - 1, min(count, len(order)))
    return [int(order[place]) for place in places.astype(np.intp)]


def write_golden(
    path: Path,
    *,
    inputs: Mapping[InputName, npt.NDArray[Any]],
    outputs: Mapping[OutputName, npt.NDArray[Any]],
    rows: Sequence[int],
) -> None:
    """Record what the fp32 outputs of these rows are; the daemon's scorer reads it.

    Args:
        path: the ``.npz`` to write.
        inputs: by name, each of length N.
        outputs: by name, each of length N.
        rows: which of the N.
    """
    chosen = list(rows)
    arrays: dict[str, Any] = {f"input.{name}": values[chosen] for name, values in inputs.items()}
    arrays |= {
        f"output.{name}": values[chosen].astype(np.float32) for name, values in outputs.items()
    }
    arrays["tolerance"] = np.float32(GOLDEN_TOLERANCE["fp32"])
    np.savez_compressed(path, **arrays)
