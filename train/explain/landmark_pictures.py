"""Explanations of landmark models as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pain.action_units import BLENDSHAPES
from train.explain.contributions import Contributions
from train.explain.permutation import Importance
from train.explain.pictures import as_background, draw_signed_bars, fit_to_picture
from train.explain.regions import REGION_LANDMARKS
from train.explain.verdict import Case, Label
from train.report.canvas import BLUE, DIVERGING, GREY, axes_grid, new_figure, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOP: Final = 10
"""Blendshapes with the largest contribution either way."""
_LEAST: Final = 1e-6
_QUIET: Final = 0.005
"""Levels; a blendshape that moves less gets no bar."""


def draw_importance(found: Sequence[Importance], data: str, label: Label, path: Path) -> None:
    """Rise of the error when a part is exchanged, as bars.

    Args:
        found: parts.
        data: what it was measured on.
        label: who was asked.
        path: PNG to write.
    """
    caption = (
        f"{label} Measured on {data}.\nEach part is taken from another face at random, the rest "
        "stays. Bar: mean rise of the mean absolute error; whisker: its standard deviation over "
        "the draws. Parts that move together stand in for each other, so a short bar does not "
        "prove that a part says nothing. On faces that the model learnt from it says what the "
        "model uses, not how well that generalises."
    )
    height_in = 1.3 + 0.42 * len(found)
    figure = new_figure(
        8.5, height_in, title="Which part of the face the model needs", caption=caption
    )
    ((axes,),) = axes_grid(figure, 1, 1)
    axes.barh(
        [part.name for part in found],
        [part.rise for part in found],
        xerr=[part.spread for part in found],
        color=BLUE,
        ecolor=GREY,
        capsize=3,
    )
    axes.invert_yaxis()
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_xlabel(f"rise in mean absolute error of the {label.quantity} without it")
    axes.grid(axis="x", color=GREY, alpha=0.2)
    save_png(figure, path)


def region_contributions(landmarks: npt.NDArray[np.float64]) -> dict[str, float]:
    """Contributions of landmarks (478, 3), summed by region."""
    return {
        str(region): float(landmarks[list(indices)].sum())
        for region, indices in REGION_LANDMARKS.items()
    }


def strongest_blendshapes(values: npt.NDArray[np.float64]) -> dict[str, float]:
    """The blendshapes that moved the level most, the strongest first."""
    order = np.argsort(-np.abs(values), kind="stable")[:_TOP]
    return {
        BLENDSHAPES[index]: float(values[index])
        for index in order.tolist()
        if abs(values[index]) >= _QUIET
    }


def draw_contributions(
    case: Case, found: Contributions, data: str, label: Label, path: Path
) -> None:
    """Landmarks by contribution on the face, and sums by region and by blendshape.

    Args:
        case: the face.
        found: contributions of its landmarks (478, 3) and, maybe, blendshapes (52,).
        data: set of the painless faces.
        label: who said it.
        path: PNG to write.
    """
    landmarks, *others = found.parts
    blendshapes = strongest_blendshapes(others[0]) if others else {}
    caption = (
        f"{label}\nHow each landmark moved the {label.quantity} (before calibration) from "
        f"{found.reference_level:.2f} of the mean painless face of {data} to {found.level:.2f} of "
        "this face: integrated gradients (Sundararajan et al. 2017). Red raised it, blue lowered "
        f"it; all parts together miss {found.unexplained:+.3f}. Who a person is counts too: a "
        "broad nose is a difference from the mean face like a wrinkled one."
    )
    figure = new_figure(
        13.0 if others else 9.5,
        4.4,
        title=f"{case.view.name}: what moved the {label.quantity} ({case.verdict})",
        caption=caption,
    )
    widths = [1.15, 1.0, 1.2] if others else [1.15, 1.0]
    (panels,) = axes_grid(figure, 1, len(widths), width_ratios=widths)
    drawn = _marked_face(panels[0], case, landmarks.sum(axis=1))
    bar = figure.colorbar(drawn, ax=panels[0], shrink=0.8)
    bar.outline.set_visible(False)
    by_region = region_contributions(landmarks)
    if others:
        by_region["blendshapes"] = float(others[0].sum())
        panels[2].set_title("blendshapes, strongest first")
        if blendshapes:
            draw_signed_bars(panels[2], blendshapes)
        else:
            panels[2].set_axis_off()
            panels[2].text(0.0, 0.9, f"none moved it by {_QUIET} or more")
    draw_signed_bars(panels[1], by_region)
    panels[1].set_title("landmarks by region" + (", and blendshapes" if others else ""))
    panels[1].set_xlabel(f"contribution to the {label.quantity}")
    save_png(figure, path, photo=True)


def _marked_face(axes: Axes, case: Case, values: npt.NDArray[np.float64]) -> Any:
    """Landmarks as dots, larger and stronger in colour the more they moved the level."""
    axes.imshow(as_background(case.view), cmap="gray", vmin=0, vmax=255)
    limit = max(float(np.abs(values).max()), _LEAST)
    order = np.argsort(np.abs(values), kind="stable")
    points = case.view.points[order]
    drawn = axes.scatter(
        points[:, 0],
        points[:, 1],
        c=values[order],
        s=4 + 60 * np.abs(values[order]) / limit,
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        edgecolors="#444444",
        linewidths=0.2,
    )
    fit_to_picture(axes, case.view)
    axes.set_title("each landmark")
    return drawn
