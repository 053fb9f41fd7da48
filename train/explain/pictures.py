"""Explanations as pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from train.explain.occlusion import OcclusionMap, Window
from train.explain.patches import PatchColours
from train.explain.regions import FaceRegion, region_mask
from train.explain.verdict import Case, Label, Verdict
from train.explain.view import FaceView
from train.report.canvas import (
    BLUE,
    DIVERGING,
    GREY,
    INK,
    VERMILION,
    axes_grid,
    bare,
    new_figure,
    save_png,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.floating]

_LEAST_RANGE: Final = 1e-3
"""Smaller drops than this in levels are no colour: a flat map stays white."""
_SMALL: Final = 0.01
"""Below it two decimals would say nothing."""
_RANGE: Final = (2.0, 98.0)
"""Percentiles of the brightness that are shown darkest and brightest."""
_HEATED: Final = "inferno"


def draw_occlusion(case: Case, found: OcclusionMap, label: Label, path: Path) -> None:
    """The face, the drop in level by place over it, and what the model said."""
    view, verdict = case.view, case.verdict
    caption = (
        f"{label}\nA black square of {found.square_px} px was slid over the picture in "
        f"steps of {found.stride_px} px. Red: the {label.quantity} falls when this place is "
        "hidden, so it spoke for pain; blue: it rises, so it spoke against. The largest drop is "
        f"{_signed(np.nanmax(found.drop))}, the largest rise {_signed(-np.nanmin(found.drop))}. "
        "Black is a colour too: a dark square can look like an open mouth."
    )
    figure = new_figure(
        10.5,
        4.3,
        title=f"{view.name}: where hiding it changes the {label.quantity} ({verdict})",
        caption=caption,
    )
    ((seen, over, bars),) = axes_grid(figure, 1, 3, width_ratios=[1, 1.12, 0.8])
    _show(seen, view, "what the model sees")
    limit = max(float(np.nanmax(np.abs(found.drop))), _LEAST_RANGE)
    drawn = _overlay(over, view, found.drop, limit)
    over.set_title(f"drop in {label.quantity}")
    bar = figure.colorbar(drawn, ax=over, shrink=0.8)
    bar.outline.set_visible(False)
    _probabilities(bars, verdict)
    save_png(figure, path, photo=True)


def draw_regions(case: Case, drops: dict[FaceRegion, float], label: Label, path: Path) -> None:
    """The face with its parts coloured by the drop, and the drops as bars."""
    view, verdict = case.view, case.verdict
    caption = (
        f"{label}\nEach part of the face (hull of its landmarks) was painted black by "
        f"itself. A bar to the right is how far the {label.quantity} falls without that part."
    )
    figure = new_figure(
        9.5,
        4.2,
        title=f"{view.name}: which part of the face the {label.quantity} rests on ({verdict})",
        caption=caption,
    )
    ((seen, bars),) = axes_grid(figure, 1, 2, width_ratios=[1, 1.2])
    size = (view.picture.shape[0], view.picture.shape[1])
    limit = max(*(abs(drop) for drop in drops.values()), _LEAST_RANGE)
    tinted = np.full(size, np.nan)
    for region, drop in drops.items():
        tinted[region_mask(region, view.points, size=size)] = drop
    _overlay(seen, view, tinted, limit, least=0.35)
    draw_signed_bars(bars, {str(region): drop for region, drop in drops.items()})
    bars.set_xlabel(f"drop in {label.quantity} without it")
    save_png(figure, path, photo=True)


def draw_attention(case: Case, heads: Floats, window: Window, label: Label, path: Path) -> None:
    """Attention of the class token: the mean over the heads, then every head.

    Args:
        case: the face.
        heads: (H, rows, columns), each summing to 1.
        window: part of the picture that the patches cover.
        label: who said it.
        path: PNG to write.
    """
    view, verdict = case.view, case.verdict
    caption = (
        f"{label}\nShare of the class token's attention that each patch gets in the last "
        "layer, every head scaled to its own brightest patch (its share is written above it). "
        "Attention says what was read, not whether it raised or lowered the level, and a patch "
        "may be used as scratch paper."
    )
    columns = math.isqrt(len(heads) - 1) + 1
    rows = -(-len(heads) // columns)
    figure = new_figure(
        11.0,
        max(4.4, 2.3 * rows + 0.6),
        title=f"{view.name}: where the class token looks ({verdict})",
        caption=caption,
    )
    halves: Any = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    left, right = halves
    ((mean,),) = axes_grid(left, 1, 1)
    drawn = _heat(mean, view, heads.mean(axis=0), window)
    mean.set_title("mean of all heads")
    bar = left.colorbar(drawn, ax=mean, shrink=0.75, orientation="horizontal")
    bar.outline.set_visible(False)
    bar.set_label("share of attention")
    grid = [axes for row in axes_grid(right, rows, columns) for axes in row]
    for axes in grid[len(heads) :]:
        axes.set_axis_off()
    for number, (axes, head) in enumerate(zip(grid, heads, strict=False), start=1):
        _heat(axes, view, head, window)
        axes.set_title(f"head {number}: {head.max():.1%}", fontsize=9)
    save_png(figure, path, photo=True)


def draw_patches(
    cases: Sequence[Case], colours: PatchColours, window: Window, label: Label, path: Path
) -> None:
    """Every face above the colours of its patches.

    Args:
        cases: N faces.
        colours: of their patches, which form a square.
        window: part of the picture that the patches cover.
        label: who made the features.
        path: PNG to write.
    """
    red, green, blue = colours.explained
    side = math.isqrt(colours.rgb.shape[1])
    caption = (
        f"{label}\nPatches with like features have like colours, in all pictures of this "
        "call alike. Black: background by the first component. Red, green and blue are the first "
        f"three components of the rest ({red:.0%}, {green:.0%} and {blue:.0%} of its variance). "
        "Colours carry no meaning of their own and change when other pictures are given."
    )
    columns = max(len(cases), 3)
    figure = new_figure(
        max(2.2 * columns, 7.0),
        4.9,
        title="What the backbone tells apart: features of patches as colours",
        caption=caption,
    )
    above, below = axes_grid(figure, 2, columns)
    for axes in (*above[len(cases) :], *below[len(cases) :]):
        axes.set_axis_off()
    for top, bottom, case, rgb in zip(above, below, cases, colours.rgb, strict=False):
        _show(top, case.view, f"{case.view.name}\n{case.verdict}")
        top.title.set_fontsize(9)
        bottom.imshow(rgb.reshape(side, side, 3), extent=_extent(window), interpolation="nearest")
        fit_to_picture(bottom, case.view)
    save_png(figure, path, photo=True)


def _show(axes: Axes, view: FaceView, title: str) -> None:
    axes.imshow(view.picture)
    axes.set_title(title)
    bare(axes)


def fit_to_picture(axes: Axes, view: FaceView) -> None:
    """Axes of the whole picture, whatever was drawn on it."""
    height, width = view.picture.shape[:2]
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), aspect="equal")
    bare(axes)


def _overlay(axes: Axes, view: FaceView, drop: Floats, limit: float, *, least: float = 0.0) -> Any:
    """The face in grey, and over it colour as strong as the drop is."""
    from matplotlib.cm import ScalarMappable

    axes.imshow(as_background(view), cmap="gray", vmin=0, vmax=255)
    strength = np.nan_to_num(np.abs(drop) / limit)
    alpha = np.where(np.isfinite(drop), least + (0.85 - least) * np.sqrt(strength), 0.0)
    drawn = axes.imshow(np.nan_to_num(drop), cmap=DIVERGING, vmin=-limit, vmax=limit, alpha=alpha)
    fit_to_picture(axes, view)
    # A colour bar would take over the alpha of its picture; this one stays opaque.
    return ScalarMappable(norm=drawn.norm, cmap=DIVERGING)


def _heat(axes: Axes, view: FaceView, shares: Floats, window: Window) -> Any:
    """The face in grey, and over it colour where the share is high."""
    from matplotlib.cm import ScalarMappable

    axes.imshow(as_background(view), cmap="gray", vmin=0, vmax=255)
    drawn = axes.imshow(
        shares,
        cmap=_HEATED,
        vmin=0.0,
        alpha=0.25 + 0.65 * shares / shares.max(),
        extent=_extent(window),
        interpolation="nearest",
    )
    fit_to_picture(axes, view)
    return ScalarMappable(norm=drawn.norm, cmap=_HEATED)


def as_background(view: FaceView) -> Floats:
    """The face in pale grey, for colours to stand out on, float (256, 256) in 0..255."""
    luma = view.picture @ np.array([0.299, 0.587, 0.114])
    low, high = np.percentile(luma, _RANGE)
    return np.asarray(95 + 150 * np.clip((luma - low) / max(high - low, 1.0), 0.0, 1.0))


def _extent(window: Window) -> tuple[float, float, float, float]:
    left, top, right, bottom = window
    return left - 0.5, right - 0.5, bottom - 0.5, top - 0.5


def _probabilities(axes: Axes, verdict: Verdict) -> None:
    names = (
        ["no pain", "pain"]
        if verdict.binary
        else [str(k) for k in range(len(verdict.probabilities))]
    )
    drawn = axes.bar(names, verdict.probabilities, color=BLUE)
    axes.bar_label(drawn, [f"{p:.2f}".lstrip("0") for p in verdict.probabilities], fontsize=8)
    axes.set_title("what the model says")
    axes.set_xlabel("" if verdict.binary else f"level (expected: {verdict.level:.1f})")
    axes.set_ylabel("probability")
    axes.set_ylim(0, max(1.1 * max(verdict.probabilities), 0.5))


def draw_signed_bars(axes: Axes, values: dict[str, float]) -> None:
    """Bars to the right in red and to the left in blue, the first on top."""
    names, numbers = list(values), list(values.values())
    drawn = axes.barh(names, numbers, color=[VERMILION if v > 0 else BLUE for v in numbers])
    axes.bar_label(drawn, [_signed(v) for v in numbers], padding=3, fontsize=9)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(left=False, colors=INK)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=GREY, alpha=0.2)


def _signed(value: float) -> str:
    digits = ".2f" if abs(value) >= _SMALL else ".1g"
    return f"{value:+{digits}}" if value else "0"
