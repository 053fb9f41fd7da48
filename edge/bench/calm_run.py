"""Runs the bench on calm videos and shows its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.bench.calm import calm_row, watch_calm
from edge.bench.rows import Row, write_rows
from edge.track.landmarker import Landmarker
from edge.track.model_file import locate_landmarker

_COLUMNS: Final = (
    ("video", "video"),
    ("bundle", "bundle"),
    ("scored", "scored_share"),
    ("mean level", "level_mean"),
    ("highest smoothed", "smoothed_max"),
    ("above moderate\ns a minute", "above_moderate_s_per_min"),
    ("alarm\ns a minute", "alarm_s_per_min"),
    ("alarms", "alarms"),
)


def run_calm_bench(videos: Sequence[Path], *, bundles: Sequence[Path | None], out: Path) -> None:
    """Watch each video with each bundle, print a table and write the rows.

    Args:
        videos: of people who are not in pain.
        bundles: folders; None for the built-in one.
        out: CSV file.
    """
    console = Console()
    rows: list[Row] = []
    with (
        Landmarker(model=locate_landmarker(None)) as landmarker,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        ) as progress,
    ):
        task = progress.add_task("", total=None)
        for video in videos:

            def on_frame(frames: int, video: Path = video) -> None:
                progress.update(task, description=f"{video.name}: {frames} frames")

            watched = watch_calm(video, bundles, landmarker, on_frame=on_frame)
            rows += [calm_row(video, one) for one in watched]
    write_rows(out, rows)
    table = Table(title="Nobody is in pain here: every second of alarm is one too many")
    for title, _ in _COLUMNS:
        table.add_column(title, justify="left" if title in {"video", "bundle"} else "right")
    for row in rows:
        table.add_row(*(_shown(row[key]) for _, key in _COLUMNS))
    console.print(table)
    console.print(f"rows: {out}", highlight=False)


def _shown(value: str | float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
