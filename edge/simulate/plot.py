"""Pictures of a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.bench.rows import Row

_LONG = "10 s and more"


def plot_cells(rows: Sequence[Row], path: Path) -> None:
    """Draw episodes found and median delay over false alarms, a point for each set of limits.

    Args:
        rows: as ``rows_of`` gives them.
        path: PNG to write; its folder exists.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (found, delay) = plt.subplots(1, 2, figsize=(12, 5), sharex=True)
    for number, name in enumerate(dict.fromkeys(str(row["limits"]) for row in rows)):
        own = [row for row in rows if row["limits"] == name]
        false = _value(own, "false_alarms_per_day", "moderate")
        style = {"marker": "x" if name.startswith("CUSUM") else "o", "color": f"C{number % 10}"}
        for axes, metric in (
            (found, "sensitivity_moderate"),
            (delay, "delay_moderate_median_s"),
        ):
            value = _value(own, metric, _LONG)
            if false is not None and value is not None:
                axes.plot([false], [value], linestyle="", label=name, **style)
    found.set(
        xlabel="false alarms per resident-day",
        ylabel=f"share found, episodes of {_LONG}",
        ylim=(0, 1.03),
    )
    delay.set(xlabel="false alarms per resident-day", ylabel="median delay, s")
    delay.set_ylim(bottom=0)
    found.axhline(0.95, linestyle=":", color="grey")
    found.axvline(0.5, linestyle=":", color="grey")
    if found.has_data() and found.get_legend_handles_labels()[0]:
        delay.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.02, 0.5))
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _value(rows: Sequence[Row], metric: str, subset: str) -> float | None:
    for row in rows:
        value = row["value"]
        if row["metric"] == metric and row["subset"] == subset and value is not None:
            return float(value)
    return None
