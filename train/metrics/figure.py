"""One figure of merit with its interval, and the CSV file of many."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = ("metric", "subset", "value", "low_95", "high_95", "samples", "people", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of merit. What the data cannot define is NaN.

    Attributes:
        metric: e.g. ``mae``, ``f1_macro``.
        subset: which faces: ``all``, or dimension and group, e.g. ``sex=female``.
        value: on all of them.
        low: lower end of the 95 % interval.
        high: upper end.
        samples: number of faces.
        people: number of people.
    """

    metric: str
    subset: str
    value: float
    low: float
    high: float
    samples: int
    people: int

    @property
    def is_defined(self) -> bool:
        """Whether there is a value; the interval may still be unknown."""
        return math.isfinite(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How much worse one group is served than another of the same dimension.

    Attributes:
        metric: e.g. ``mae``.
        dimension: e.g. ``ancestry``.
        best: group with the best value.
        worst: group with the worst value.
        value: how far apart they are, never negative.
        low: lower end of the 95 % interval of the difference of these two groups; below 0 when it
            may be chance.
        high: upper end.
    """

    metric: str
    dimension: str
    best: str
    worst: str
    value: float
    low: float
    high: float


def write_figures(figures: Iterable[Figure], path: Path, *, data: str) -> None:
    """Write one CSV row per figure; what is not defined is an empty cell.

    Args:
        figures: from ``evaluate``.
        path: file to write; its folder is made.
        data: what the figures were measured on; says that it is synthetic if it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for figure in figures:
            numbers = (_cell(number) for number in (figure.value, figure.low, figure.high))
            writer.writerow(
                (figure.metric, figure.subset, *numbers, figure.samples, figure.people, data)
            )


def _cell(number: float) -> str:
    return f"{number:.4f}" if math.isfinite(number) else ""
