"""Runs the soak, shows its slopes, writes its rows and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge.bench.range_plot import matplotlib_here
from edge.bench.rows import Row, write_rows
from edge.bench.soak import settled, slope_of, soak
from edge.demo.truth import clip_path

PROCESSES = ("gateway", "worker")


def run_soak_bench(*, out: Path, clip: Path | None, duration_s: float, every_s: float) -> None:
    """Soak, print the slopes, write rows and picture.

    Args:
        out: CSV file; the picture stands beside it.
        clip: video with one face; None for the bundled clip.
        duration_s: time to watch, seconds.
        every_s: time between two looks, seconds.
    """
    console = Console()
    heard: list[Row] = []

    def tell(rows: Sequence[Row]) -> None:
        heard.extend(rows)
        # At every look: a run that is cut off has still measured something.
        write_rows(out, heard)
        seen = ", ".join(f"{row['process']} {row['rss_mib']} MiB {row['fds']} fds" for row in rows)
        console.print(f"minute {rows[0]['minute']}: {seen}", highlight=False)

    rows = soak(clip=clip or clip_path(), duration_s=duration_s, every_s=every_s, tell=tell)
    console.print(_table(rows))
    console.print(f"Rows written to {out}", highlight=False)
    if matplotlib_here():
        picture = out.with_suffix(".png")
        plot_soak(rows, picture)
        console.print(f"Picture written to {picture}", highlight=False)
    else:
        console.print("no picture: matplotlib is not installed (extra 'train')", highlight=False)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Growth after the warm-up (a fifth of the run), ± 2 standard errors")
    for column in ("process", "figure"):
        table.add_column(column)
    for column in ("first", "last", "an hour"):
        table.add_column(column, justify="right")
    for process in PROCESSES:
        for column, unit in (("rss_mib", "MiB"), ("fds", "descriptors")):
            hours, values = settled(rows, process, column)
            slope = slope_of(hours, values)
            shown = f"{slope.per_hour:+.2f} ± {slope.margin:.2f}" if slope else "too short"
            table.add_row(process, unit, f"{values[0]:g}", f"{values[-1]:g}", shown)
    return table


def plot_soak(rows: Sequence[Row], path: Path) -> None:
    """Draw memory and descriptors of both processes over time.

    Args:
        rows: as ``soak`` gives them.
        path: PNG to write; its folder exists.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, len(PROCESSES), figsize=(10, 6), sharex=True, squeeze=False)
    for column, process in enumerate(PROCESSES):
        own = [row for row in rows if row["process"] == process]
        minutes = [float(row["minute"] or 0) for row in own]
        for line, (figure_name, unit) in enumerate((("rss_mib", "MiB"), ("fds", "descriptors"))):
            axis = axes[line][column]
            axis.plot(minutes, [float(row[figure_name] or 0) for row in own])
            axis.set_title(f"{process}, {unit}")
            axis.grid(alpha=0.3)
        axes[-1][column].set_xlabel("minutes")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
