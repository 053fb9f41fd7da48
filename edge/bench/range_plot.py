"""The picture of docs/results/range.csv."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from edge.bench.rows import Row


def matplotlib_here() -> bool:
    """Whether matplotlib is installed; the edge does without it."""
    return find_spec("matplotlib") is not None


def plot_range(rows: Sequence[Row], path: Path) -> None:
    """Draw share found (the tracker and bare MediaPipe) and time to find over the face height.

    Args:
        rows: as ``range_rows`` gives them.
        path: PNG to write; its folder exists.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    sizes = list(dict.fromkeys(str(row["size"]) for row in rows))
    figure, axes = plt.subplots(
        2, len(sizes), figsize=(5 * len(sizes), 6), sharex=True, sharey="row", squeeze=False
    )
    for column, size in enumerate(sizes):
        share, delay = axes[0][column], axes[1][column]
        for number, face in enumerate(dict.fromkeys(str(row["face"]) for row in rows)):
            own = [row for row in rows if row["size"] == size and row["face"] == face]
            heights = [_number(row, "height_px") for row in own]
            style = {"color": f"C{number}", "marker": "."}
            share.plot(heights, [_number(row, "found_share") for row in own], label=face, **style)
            share.plot(
                heights,
                [_number(row, "raw_share") for row in own],
                label=f"{face}, bare MediaPipe",
                linestyle=":",
                **style,
            )
            delay.plot(
                heights, [_number(row, "median_s") for row in own], label=f"{face}, median", **style
            )
            delay.plot(
                heights,
                [_number(row, "p95_s") for row in own],
                label=f"{face}, p95",
                linestyle="--",
                **style,
            )
        share.set(title=size, ylim=(-0.03, 1.03))
        delay.set(xlabel="face height, px")
    axes[0][0].set_ylabel("share of positions found")
    axes[1][0].set_ylabel("time to find at 25 fps, s")
    axes[1][0].set_ylim(bottom=0)  # only now: set earlier it would freeze the shared top
    for row_axes in axes:
        row_axes[0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _number(row: Row, key: str) -> float:
    value = row[key]
    return float("nan") if value is None else float(value)
