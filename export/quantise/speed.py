"""How long two graphs take for one face, on this machine and by turns."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from export.session import open_session

_TURNS: Final = 40
_WARM_UP: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Medians over runs that took turns, so that a busy machine slows both alike.

    Attributes:
        fp32_ms: one face, fp32 graph.
        int8_ms: one face, INT8 graph.
    """

    fp32_ms: float
    int8_ms: float

    @property
    def ratio(self) -> float:
        """How many times as fast INT8 is; below 1 it is slower."""
        return self.fp32_ms / self.int8_ms


def measure_speed(
    fp32: Path, int8: bytes, inputs: Mapping[Any, npt.NDArray[Any]], *, turns: int = _TURNS
) -> Speed:
    """Run both graphs by turns on the CPU.

    Args:
        fp32: the ONNX file.
        int8: content of the other.
        inputs: by name; the first face is taken.
        turns: how often each runs.
    """
    face = {str(name): values[:1] for name, values in inputs.items()}
    sessions = [open_session(fp32), open_session(int8)]
    taken_ms: list[list[float]] = [[], []]
    for turn in range(_WARM_UP + turns):
        for session, taken in zip(sessions, taken_ms, strict=True):
            started_s = time.perf_counter()
            session.run(None, face)
            if turn >= _WARM_UP:
                taken.append((time.perf_counter() - started_s) * 1e3)
    before, after = (float(np.median(taken)) for taken in taken_ms)
    return Speed(fp32_ms=before, int8_ms=after)
