"""When, from which commit and on what a figure was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def provenance(device: str | None = None) -> dict[str, str]:
    """Date (UTC), commit and device of the figures that are measured now.

    Args:
        device: what computed; the processor when None.
    """
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit(),
        "device": device or processor_name(),
    }


def processor_name() -> str:
    """Processor model and number of usable cores, e.g. ``AMD EPYC 7B13, 2 cores``."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        model = next(named, model)
    return f"{model}, {len(os.sched_getaffinity(0))} cores"


def commit() -> str:
    """Short hash of this checkout's commit, with ``+`` when tracked files differ from it.

    ``unknown`` outside a checkout.
    """
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head, changed = (
            subprocess.run(  # noqa: S603  (fixed arguments)
                [*git, *arguments], capture_output=True, text=True, check=True
            ).stdout.strip()
            for arguments in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "-uno"))
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+" if changed else head
