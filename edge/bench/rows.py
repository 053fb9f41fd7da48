"""Benchmark rows: CSV that says on which commit and device a figure was measured."""

from __future__ import annotations

import csv
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

Row = Mapping[str, str | int | float | None]


def provenance() -> dict[str, str]:
    """Date (UTC), commit and device of the figures that are measured now.

    The commit carries ``+`` when files differ from it, and is ``unknown`` outside a checkout.
    """
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": _commit(),
        "device": device_name(),
    }


def device_name() -> str:
    """Processor model and number of usable cores, e.g. ``AMD EPYC 7B13, 2 cores``."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {len(os.sched_getaffinity(0))} cores"


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV, floats with four significant digits.

    Args:
        path: the file; its folder is made when absent.
        rows: at least one row; all have the keys of the first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = provenance()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*stamp, *rows[0]], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            shown = {
                key: f"{value:.4g}" if isinstance(value, float) else value
                for key, value in row.items()
            }
            writer.writerow({**stamp, **shown})


def _commit() -> str:
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        commit = subprocess.run(  # noqa: S603  (fixed arguments)
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(  # noqa: S603
            [*git, "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+" if changed else commit
