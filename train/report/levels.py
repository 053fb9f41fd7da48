"""What was said of faces of each true level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt

from pain.scales import LEVEL_COUNT
from train.metrics.scored import scored
from train.objectives.task import Task
from train.report.canvas import BLUE, GREEN, GREY, INK, axes_grid, new_figure, save_png
from train.report.runs import Run

if TYPE_CHECKING:
    from matplotlib.collections import Collection

_FEWEST_FOR_SHAPE: Final = 5
"""Fewer faces are points alone: a density of four would be invented."""
_MOST_POINTS: Final = 250
_JITTER: Final = 0.16

Floats = npt.NDArray[np.float64]


def groups_by_truth(run: Run) -> dict[str, Floats]:
    """Predicted levels by true level; hard negatives stand by themselves."""
    faces = scored(run.predictions)
    level = faces.truth_class
    names = ["no pain", "pain"] if run.task is Task.BINARY else [str(k) for k in range(LEVEL_COUNT)]
    groups = {names[0]: faces.predicted[(level == 0) & ~faces.hard_negative]}
    groups["hard\nnegatives"] = faces.predicted[faces.hard_negative]
    for number, name in enumerate(names[1:], start=1):
        groups[name] = faces.predicted[(level == number) & ~faces.hard_negative]
    return {name: values for name, values in groups.items() if len(values)}


def draw_levels(run: Run, path: Path) -> None:
    """Violins of the prediction by true level, with points, medians and the line of perfection."""
    binary = run.task is Task.BINARY
    quantity = "probability of pain" if binary else "predicted level"
    caption = (
        f"{run.caption}\nWidth: how many faces got this {quantity}; bar: median; points: single "
        "faces (at most 250 a group). Hard negatives: other expressions that may be mistaken for "
        "pain (level 0 or near it)."
        + ("" if binary else " Grey dashes: where a perfect prediction would lie.")
    )
    figure = new_figure(8.5, 4.4, title=f"{quantity.capitalize()} by true level", caption=caption)
    ((axes,),) = axes_grid(figure, 1, 1)
    rng = np.random.default_rng(0)
    groups = groups_by_truth(run)
    for at, (name, values) in enumerate(groups.items()):
        hard = name.startswith("hard")
        colour = GREEN if hard else BLUE
        if len(values) >= _FEWEST_FOR_SHAPE and values.std() > 0:
            parts = axes.violinplot([values], [at], widths=0.85, showextrema=False)
            # Matplotlib's types take the list of bodies for one artist.
            for body in cast("list[Collection]", parts["bodies"]):
                body.set(facecolor=colour, alpha=0.3)
        some = (
            values
            if len(values) <= _MOST_POINTS
            else rng.choice(values, _MOST_POINTS, replace=False)
        )
        jitter = at + rng.uniform(-_JITTER, _JITTER, len(some))
        axes.plot(jitter, some, ".", color=colour, alpha=0.5, markersize=4, markeredgewidth=0)
        axes.hlines(float(np.median(values)), at - 0.28, at + 0.28, color=INK, linewidth=2)
        if name.isdigit():
            axes.hlines(int(name), at - 0.45, at + 0.45, color=GREY, linestyle="--", linewidth=1)
    names = [f"{name}\n({len(values):,})" for name, values in groups.items()]
    axes.set_xticks(range(len(names)), names)
    top = 1.0 if binary else LEVEL_COUNT - 1.0
    axes.set(ylim=(-0.04 * top, 1.04 * top), ylabel=quantity, xlabel="truly (faces)")
    save_png(figure, path)
