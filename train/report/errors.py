"""Error against the size of the face and how far it is turned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from train.metrics.resample import draw_people, interval, ratio, weighted_sums
from train.metrics.scored import scored
from train.objectives.task import Task
from train.report.canvas import BLUE, GREY, VERMILION, axes_grid, new_figure, save_png
from train.report.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BANDS: Final = 8
_FEWEST: Final = 20
"""Faces in a band; fewer bands are drawn rather than thinner ones."""
_RESAMPLES: Final = 400
_MOST_POINTS: Final = 1500

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Faces that are alike in one respect.

    Attributes:
        centre: mean of the measure.
        mean: of the error.
        low: lower end of its 95 % interval by people.
        high: upper end.
        faces: how many.
    """

    centre: float
    mean: float
    low: float
    high: float
    faces: int


def error_bands(measure: Floats, error: Floats, person: npt.NDArray[np.intp]) -> list[Band]:
    """Mean error in bands of as many faces each.

    Args:
        measure: (N,), finite.
        error: (N,).
        person: (N,), number of the subject.

    Returns:
        Bands in order of the measure.
    """
    count = int(np.clip(len(measure) // _FEWEST, 1, _BANDS))
    borders = np.quantile(measure, np.linspace(0, 1, count + 1)[1:-1])
    band = np.searchsorted(borders, measure, side="right")
    people = int(person.max()) + 1
    weights = draw_people(people, resamples=_RESAMPLES, seed=0)
    bands = []
    for number in np.unique(band):
        here = band == number
        terms = np.column_stack([error[here], np.ones(int(here.sum()))])
        sums = weighted_sums(terms, person[here], weights)
        low, high = interval(ratio(sums[:, 0], sums[:, 1]))
        bands.append(
            Band(
                centre=float(measure[here].mean()),
                mean=float(error[here].mean()),
                low=low,
                high=high,
                faces=int(here.sum()),
            )
        )
    return bands


def draw_errors(run: Run, path: Path) -> bool:
    """Error by face height and by |yaw|.

    Returns:
        Whether there was anything to draw: False when neither is known.
    """
    faces = scored(run.predictions)
    error = np.abs(faces.predicted - faces.truth)
    quantity = "|P(pain) - truth|" if run.task is Task.BINARY else "absolute error, levels"
    measures = {
        "face height, px": run.predictions.height_px,
        "turned to a side, |yaw| in degrees": np.abs(run.predictions.yaw_deg),
    }
    known = {name: values for name, values in measures.items() if np.isfinite(values).any()}
    if not known:
        return False
    caption = (
        f"{run.caption}\nPoints: single faces (at most {_MOST_POINTS:,}). Line: mean in bands of "
        "as many faces each; bars: 95 % interval, bootstrap over people."
    )
    figure = new_figure(9.0, 3.9, title="Error by size and turn of the face", caption=caption)
    ((*panels,),) = axes_grid(figure, 1, len(known), sharey=True)
    for axes, (name, values) in zip(panels, known.items(), strict=True):
        rows = np.isfinite(values)
        _panel(axes, values[rows], error[rows], faces.person[rows])
        axes.set_xlabel(name)
    panels[0].set_ylabel(quantity)
    save_png(figure, path)
    return True


def _panel(axes: Axes, values: Floats, error: Floats, person: npt.NDArray[np.intp]) -> None:
    rng = np.random.default_rng(0)
    some = rng.permutation(len(values))[:_MOST_POINTS]
    axes.plot(
        values[some], error[some], ".", color=BLUE, alpha=0.18, markersize=4, markeredgewidth=0
    )
    bands = error_bands(values, error, person)
    centres, means = [band.centre for band in bands], [band.mean for band in bands]
    spread = [
        [max(band.mean - band.low, 0.0) for band in bands],
        [max(band.high - band.mean, 0.0) for band in bands],
    ]
    axes.errorbar(
        centres, means, spread, color=VERMILION, marker="o", markersize=5, capsize=3, linewidth=1.8
    )
    axes.set_ylim(0, max(float(np.quantile(error, 0.995)), 1e-3) * 1.05)
    axes.grid(axis="y", color=GREY, alpha=0.2)
