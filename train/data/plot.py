"""An inspection as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pain.errors import DataError
from train.data.inspect import Inspection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOUR = "#2f6f8f"
_BAD = "#b03030"
_DPI = 110


def plot_inspection(inspection: Inspection, out: Path) -> None:
    """Draw counts and findings to a PNG file.

    Args:
        inspection: what to draw.
        out: the file.

    Raises:
        DataError: it cannot be written.
    """
    # The object interface needs no display and leaves no global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 3)
    dataset = inspection.dataset
    origins = " and ".join(sorted(dataset.origins))
    figure.suptitle(
        f"{dataset.name}: {len(dataset)} samples of {len(inspection.per_person)} people "
        f"({origins} faces)"
    )
    _bars(axes[0][0], "samples by level", inspection.levels)
    _histogram(
        axes[0][1], "samples by PSPI", [s.pspi for s in dataset.samples if s.pspi is not None]
    )
    _bars(axes[0][2], "samples by kind", inspection.kinds)
    _histogram(axes[1][0], "people by number of samples", list(inspection.per_person))
    traits = {
        f"{value} ({trait.replace('_', ' ')})": count
        for trait, counts in inspection.demographics.items()
        for value, count in counts.items()
        if value != "unknown"
    }
    _bars(axes[1][1], "people", traits, sideways=True)
    _words(axes[1][2], inspection)
    try:
        figure.savefig(out, dpi=_DPI, format="png")
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror}.") from error


def _bars(axes: Axes, title: str, counts: Mapping[str, int], *, sideways: bool = False) -> None:
    axes.set_title(title)
    if not counts:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "not known", ha="center")
        return
    draw = axes.barh if sideways else axes.bar
    axes.bar_label(draw(list(counts), list(counts.values()), color=_COLOUR))
    axes.margins(0.12)
    if sideways:
        axes.invert_yaxis()


def _histogram(axes: Axes, title: str, values: Sequence[float]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title)
    if not values:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "not known", ha="center")
        return
    low, high = int(min(values)), int(max(values))
    axes.hist(values, bins=[edge - 0.5 for edge in range(low, high + 2)], color=_COLOUR)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _words(axes: Axes, inspection: Inspection) -> None:
    axes.set_title("findings", color="black" if inspection.fit else _BAD)
    axes.set_axis_off()
    lines = [f"{finding.gravity}: {finding.what}" for finding in inspection.findings] or ["none"]
    text = "\n".join(textwrap.fill(line, 46) for line in lines)
    axes.text(0.0, 0.98, text, va="top", fontsize=8, transform=axes.transAxes)
