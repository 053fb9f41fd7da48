"""Runs the edge benchmark and shows its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.bench.daemon import DaemonCost, measure_daemon
from edge.bench.overhead import Overhead, measure_overhead
from edge.bench.rows import Row, write_rows
from edge.demo.truth import clip_path
from edge.track.model_file import locate_landmarker

SIZES_PX: Final = ((1280, 720), (1920, 1080))
CAMERA_FPS: Final = (10.0, 25.0)


def run_edge_bench(*, out: Path, clip: Path | None, frames: int, duration_s: float) -> None:
    """Measure, print two tables and write the rows.

    Args:
        out: CSV file.
        clip: video with one face; None for the bundled clip.
        frames: frames timed for the overhead ratio.
        duration_s: time to watch the whole daemon at each frame rate.
    """
    console = Console()
    rows: list[Row] = []
    source = clip or clip_path()
    landmarker = locate_landmarker(None)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    ) as progress:
        task = progress.add_task("", total=None)
        for width_px, height_px in SIZES_PX:
            progress.update(task, description=f"overhead at {width_px}x{height_px}")
            rows += _overhead_rows(
                measure_overhead(
                    clip=source,
                    landmarker=landmarker,
                    width_px=width_px,
                    height_px=height_px,
                    frames=frames,
                )
            )
        for fps in CAMERA_FPS:
            progress.update(task, description=f"daemon on a 1080p camera, {fps:g} fps")
            width_px, height_px = SIZES_PX[-1]
            rows += _daemon_rows(
                measure_daemon(
                    clip=source,
                    width_px=width_px,
                    height_px=height_px,
                    fps=fps,
                    duration_s=duration_s,
                ),
                f"{width_px}x{height_px}",
            )
    console.print(_table(rows))
    write_rows(out, rows)
    console.print(f"Rows written to {out}", highlight=False)


def _overhead_rows(overhead: Overhead) -> list[Row]:
    size = f"{overhead.size_px[0]}x{overhead.size_px[1]}"
    case = f"{overhead.frames} frames, follow"

    def row(name: str, value: float, unit: str) -> Row:
        return {"measure": name, "case": case, "size": size, "value": value, "unit": unit}

    return [
        row("daemon path p50", float(np.percentile(overhead.daemon_ms, 50)), "ms"),
        row("daemon path p95", float(np.percentile(overhead.daemon_ms, 95)), "ms"),
        row("bare calls p50", float(np.percentile(overhead.raw_ms, 50)), "ms"),
        row("bare calls p95", float(np.percentile(overhead.raw_ms, 95)), "ms"),
        row("daemon / bare, medians", overhead.ratio, "ratio"),
    ]


def _daemon_rows(cost: DaemonCost, size: str) -> list[Row]:
    case = f"camera at {cost.camera_fps:g} fps"

    def row(name: str, value: float, unit: str) -> Row:
        return {"measure": name, "case": case, "size": size, "value": value, "unit": unit}

    return [
        row("capture to publish p50", cost.latency_p50_ms, "ms"),
        row("capture to publish p95", cost.latency_p95_ms, "ms"),
        row("scored", cost.scored_fps, "fps"),
        row("dropped", float(cost.dropped_frames), "frames"),
        row("worker CPU", cost.worker_cores, "cores"),
        row("gateway CPU", cost.gateway_cores, "cores"),
        row("worker memory", cost.worker_mib, "MiB"),
    ]


def _table(rows: list[Row]) -> Table:
    table = Table(title="Edge benchmark")
    for column in ("measure", "case", "size"):
        table.add_column(column)
    table.add_column("value", justify="right")
    table.add_column("unit")
    for row in rows:
        value = row["value"]
        shown = f"{value:.3g}" if isinstance(value, float) else str(value)
        table.add_row(
            str(row["measure"]), str(row["case"]), str(row["size"]), shown, str(row["unit"])
        )
    return table
