"""Confusion matrices: which level was called which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from train.metrics import confusion_matrix
from train.objectives.task import Task
from train.report.canvas import COUNTS, INK, axes_grid, new_figure, save_png
from train.report.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Counts = npt.NDArray[np.int64]

_DARK: Final = 60
"""Per cent from which on the text in a cell is white."""


def pain_or_none(counts: Counts) -> Counts:
    """Collapse levels 1 to 6 into pain, (2, 2)."""
    halves = np.add.reduceat(np.add.reduceat(counts, [0, 1], axis=0), [0, 1], axis=1)
    return np.asarray(halves, np.int64)


def draw_confusion(run: Run, path: Path) -> None:
    """The matrix of the levels (not in the binary task) and of pain against none."""
    counts = confusion_matrix(run.predictions)
    caption = (
        f"{run.caption}\nIn each cell: share of the row, that is of the faces that truly are so, "
        "and number of faces."
    )
    if run.task is Task.BINARY:
        figure = new_figure(5.2, 3.8, title="What was called what", caption=caption)
        ((two,),) = axes_grid(figure, 1, 1)
    else:
        figure = new_figure(10.0, 4.9, title="What was called what", caption=caption)
        ((seven, two),) = axes_grid(figure, 1, 2, width_ratios=[1.7, 1.0])
        names = [str(level) for level in range(len(counts))]
        _matrix(seven, counts, names, "seven levels")
    _matrix(two, pain_or_none(counts), ["no pain", "pain"], "level 0 against 1 to 6")
    save_png(figure, path)


def _matrix(axes: Axes, counts: Counts, names: list[str], title: str) -> None:
    totals = counts.sum(axis=1, keepdims=True)
    shares = 100.0 * counts / np.maximum(totals, 1)
    axes.imshow(shares, cmap=COUNTS, vmin=0, vmax=100)
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        said = f"{share:.0f} %\n{count:,}" if count else ""
        axes.text(
            column,
            row,
            said,
            ha="center",
            va="center",
            fontsize=8,
            color="white" if share > _DARK else INK,
        )
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(
        range(len(names)),
        [f"{name} ({total:,})" for name, total in zip(names, totals[:, 0], strict=True)],
    )
    axes.set(title=title, xlabel="called", ylabel="truly (faces)")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
