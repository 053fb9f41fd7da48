"""One look for every picture: colours that colour-blind people can tell apart, small PNG files."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from pain.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#D55E00"
SKY: Final = "#56B4E9"
PURPLE: Final = "#CC79A7"
GREY: Final = "#7F7F7F"
INK: Final = "#222222"

SERIES: Final = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, INK, GREY)
"""Okabe & Ito (2008), darkest contrasts first."""

DIVERGING: Final = "RdBu_r"
"""Red raises, blue lowers, white is nothing; told apart in all common colour-vision defects."""
SEQUENTIAL: Final = "cividis"
COUNTS: Final = "Blues"

_DPI: Final = 100
_LINE_CHARACTERS: Final = 15.0
"""Characters of the caption's font in an inch."""
_CAPTION_LINE_IN: Final = 0.17
_FONT: Final[dict[Any, Any]] = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlelocation": "left",
    "legend.frameon": False,
}


def new_figure(width_in: float, height_in: float, *, title: str, caption: str) -> Figure:
    """A figure with a title on top and a caption at the foot; draw inside it with ``subfigures``.

    Args:
        width_in: at 100 px an inch.
        height_in: without the caption, which adds its own lines.
        title: what is shown.
        caption: what must be known beside it; wrapped to the width.
    """
    import matplotlib as mpl

    # The object interface needs no display and leaves no global state.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    lines = [
        line
        for paragraph in caption.splitlines()
        for line in textwrap.wrap(paragraph, round(width_in * _LINE_CHARACTERS))
    ]
    foot_in = _CAPTION_LINE_IN * len(lines) + 0.1
    whole_in = height_in + foot_in
    inside = ConstrainedLayoutEngine(rect=(0.0, foot_in / whole_in, 1.0, 1 - foot_in / whole_in))
    with mpl.rc_context(_FONT):
        figure = Figure(figsize=(width_in, whole_in), dpi=_DPI, layout=inside)
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    figure.text(0.01, 0.08 / whole_in, "\n".join(lines), fontsize=8, color="#444444", va="bottom")
    return figure


def axes_grid(
    figure: Figure | SubFigure, rows: int, columns: int, **options: Any
) -> list[list[Axes]]:
    """``rows`` x ``columns`` axes in the house's font."""
    import matplotlib as mpl

    with mpl.rc_context(_FONT):
        grid = figure.subplots(rows, columns, squeeze=False, **options)
    return [list(row) for row in grid]


def save_png(figure: Figure, path: Path, *, photo: bool = False) -> None:
    """Write a figure as a PNG file, the same bytes every time.

    Args:
        figure: what to write.
        path: the file; its folder is made.
        photo: keep all colours; otherwise 256, a third of the bytes, are enough.

    Raises:
        DataError: the file cannot be written.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as drawn:
        pixels = drawn.convert("RGB")
    if not photo:
        pixels = pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels.save(path, "PNG", optimize=True)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from error


def bare(axes: Axes) -> None:
    """No ticks and no frame, for pictures."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
