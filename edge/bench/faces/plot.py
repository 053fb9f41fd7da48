"""Pictures of the yardstick's rows: figures alone, never a face."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.bench.faces.judge import FEWEST_FACES
from edge.bench.rows import Row


def plot_faces(rows: Sequence[Row], path: Path) -> None:
    """Draw the shares read as pain, and how pain-like faces are told from others.

    Args:
        rows: as ``edge.bench.faces.judge.rows`` gives them.
        path: PNG to write; its folder exists.
    """
    readers = list(dict.fromkeys(str(row["reader"]) for row in rows))
    shares = [row for row in rows if row["at_3"] is not None and _is_large(row, "found")]
    orders = [row for row in rows if row["auroc"] is not None and _is_large(row, "no_pain")]
    panels = [
        (shares, ("at_3",), "share at level 3 and more"),
        (shares, ("at_5",), "share at level 5 and more"),
        (orders, ("auroc",), "AUROC, pain-like against not"),
    ]
    panels = [panel for panel in panels if panel[0]]
    if not panels:
        return
    longest = max(len(_groups(own)) for own, _, _ in panels)
    size = (5.2 * len(panels), 1.6 + (0.12 + 0.13 * len(readers)) * longest)
    figure, axes = _figure(len(panels), size)
    for axis, (own, (key,), title) in zip(axes, panels, strict=True):
        _dots(axis, own, key, readers)
        axis.set(title=title, xlim=(-0.02, 1.02) if key == "auroc" else (-0.01, None))
        if key == "auroc":
            axis.axvline(0.5, color="0.7", linewidth=0.8)
    handles = [
        axes[0].plot([], [], "o", color=f"C{number}", label=name)[0]
        for number, name in enumerate(readers)
    ]
    figure.legend(handles=handles, loc="lower center", ncols=2, fontsize="small", frameon=False)
    figure.suptitle(f"{rows[0]['on']}: 95 % intervals", fontsize="medium")
    rim = (0.5 + 0.2 * ((len(readers) + 1) // 2)) / size[1]
    figure.tight_layout(rect=(0, rim, 1, 1))
    _save(figure, path)


def plot_clip(rows: Sequence[Row], path: Path) -> None:
    """Draw the mean level of each second.

    Args:
        rows: of one video, as ``edge.bench.faces.clip.clip_rows`` gives them.
        path: PNG to write; its folder exists.
    """
    figure, (axis,) = _figure(1, (8.0, 3.6))
    for name in dict.fromkeys(str(row["reader"]) for row in rows):
        own = [row for row in rows if row["reader"] == name]
        seconds = [int(row["second"] or 0) for row in own]
        means = [np.nan if row["mean"] is None else float(row["mean"]) for row in own]
        is_level = any(row["smoothed_highest"] is not None for row in own)
        axis.plot(seconds, means, label=name, linestyle="-" if is_level else ":", marker=".")
    axis.axhline(3.0, color="0.7", linewidth=0.8)
    axis.set(
        xlabel="second", ylabel="mean level (dotted: PSPI)", ylim=(0, None), title=rows[0]["on"]
    )
    axis.legend(fontsize="small")
    figure.tight_layout()
    _save(figure, path)


def _is_large(row: Row, key: str) -> bool:
    return row["by"] in {"all", "pain_like"} or int(row[key] or 0) >= FEWEST_FACES


def _groups(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(_name(row) for row in rows))


def _name(row: Row) -> str:
    return "all" if row["by"] == "all" else f"{row['by']} {row['group']}"


def _dots(axis: Any, rows: Sequence[Row], key: str, readers: Sequence[str]) -> None:
    groups = _groups(rows)
    for row in rows:
        number = readers.index(str(row["reader"]))
        at = groups.index(_name(row)) + 0.7 * ((number + 0.5) / len(readers) - 0.5)
        value, low, high = (float(row[k] or 0.0) for k in (key, f"{key}_low", f"{key}_high"))
        axis.plot([low, high], [at, at], color=f"C{number}", linewidth=1)
        axis.plot([value], [at], "o", color=f"C{number}", markersize=3)
    counts = {_name(row): row["found" if key != "auroc" else "no_pain"] for row in rows}
    axis.set_yticks(range(len(groups)), [f"{name} ({counts[name]})" for name in groups])
    axis.set_ylim(len(groups) - 0.4, -0.6)
    axis.tick_params(labelsize="small")


def _figure(columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, columns, figsize=size, squeeze=False)
    return figure, axes[0]


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot as plt

    figure.savefig(path, dpi=110)
    plt.close(figure)
