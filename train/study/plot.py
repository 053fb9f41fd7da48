"""The findings that a person would rather look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pain.errors import DataError
from train.study.detect import AUROC_OF_LEVEL, AUROC_OF_TEXTBOOK, WORST
from train.study.estimate import Finding
from train.study.found import FOUND
from train.study.groups import YAW
from train.study.learn import BLENDSHAPES, LANDMARKS, unit_what

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STRONG: Final = "#2f6f8f"
_PALE: Final = "#b9c8d0"
_WHISKER: Final = "#333333"
_DPI: Final = 110
_BAR: Final = 0.4


def plot_findings(findings: Sequence[Finding], out: Path, *, title: str) -> None:
    """Draw r per unit, AUROC per negative expression and the share found by yaw to a PNG file.

    Raises:
        DataError: it cannot be written.
    """
    # The object interface needs no display and leaves no global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 5.2), layout="constrained")
    FigureCanvasAgg(figure)
    units, negatives, yaw = figure.subplots(1, 3, width_ratios=(1.3, 1.5, 0.8))
    figure.suptitle(title)
    _pairs(
        units,
        "action units: r, all faces",
        {name: _select(findings, unit_what(name), ", all") for name in (LANDMARKS, BLENDSHAPES)},
    )
    told = {
        "level from landmarks": _select(findings, AUROC_OF_LEVEL),
        "textbook PSPI": _select(findings, AUROC_OF_TEXTBOOK),
    }
    _pairs(negatives, "AUROC: pain of level 3 and more", told, sort=True)
    negatives.axvline(0.5, color=_WHISKER, linewidth=0.8, linestyle=":")
    _shares(yaw, "faces found, %", _select(findings, FOUND, prefix=YAW))
    try:
        figure.savefig(out, dpi=_DPI, format="png")
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from error


def _select(
    findings: Sequence[Finding], what: str, suffix: str = "", *, prefix: str = ""
) -> dict[str, Finding]:
    """Findings of one figure by their subset, without what all of them share."""
    return {
        finding.subset.removeprefix(prefix).removesuffix(suffix).strip(): finding
        for finding in findings
        if finding.what == what
        and finding.subset.startswith(prefix)
        and finding.subset.endswith(suffix)
        and not finding.subset.startswith(WORST)
    }


def _pairs(
    axes: Axes, title: str, series: dict[str, dict[str, Finding]], *, sort: bool = False
) -> None:
    """Lying bars, one of each series beside the other, with intervals; the first series leads."""
    (lead, first), *_ = series.items()
    names = list(first)
    if sort:
        names.sort(key=lambda name: first[name].estimate.value)
    at = np.arange(len(names))
    for number, (label, values) in enumerate(series.items()):
        shown = [values[name] for name in names if name in values]
        places = at[[name in values for name in names]] + (number - 0.5) * _BAR
        colour = _STRONG if label == lead else _PALE
        heights = [finding.estimate.value for finding in shown]
        axes.barh(places, heights, _BAR, color=colour, label=label, xerr=_whiskers(shown),
                  error_kw={"ecolor": _WHISKER, "elinewidth": 0.8})  # fmt: skip
    axes.set_yticks(at, names)
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, *axes.get_xlim()), 1.0)
    axes.set_title(title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2, frameon=False)


def _shares(axes: Axes, title: str, shares: dict[str, Finding]) -> None:
    names, shown = [name.removesuffix(" deg") for name in shares], list(shares.values())
    values = [100.0 * finding.estimate.value for finding in shown]
    whisker = {"ecolor": _WHISKER, "elinewidth": 0.8}
    ends = 100.0 * _whiskers(shown)
    bars = axes.bar(names, values, 0.7, color=_STRONG, yerr=ends, error_kw=whisker)
    axes.bar_label(bars, [f"{value:.3g}" for value in values], label_type="center", color="white")
    axes.set_ylim(0.0, 105.0)
    axes.set_xlabel("true yaw to either side, degrees")
    axes.set_title(title)


def _whiskers(findings: Sequence[Finding]) -> np.ndarray:
    """Lengths below and above the value, (2, k)."""
    ends = [(f.estimate.value - f.estimate.low, f.estimate.high - f.estimate.value)
            for f in findings]  # fmt: skip
    return np.asarray(np.maximum(np.array(ends).reshape(-1, 2).T, 0.0))
