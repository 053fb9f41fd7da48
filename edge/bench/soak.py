"""The daemon in real time for a long while: does its memory grow, do its files stay open?"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from edge.bench.daemon import StatusListener, config_text, running_daemon
from edge.bench.rows import Row
from edge.demo.broker import EmbeddedBroker
from pain.clock import SystemClock
from pain.errors import InternalError

CAMERA_FPS: Final = 25.0
WARM_UP_SHARE: Final = 0.2
"""Caches fill and models settle in the first part of a run, which says nothing about a leak."""

STANDARD_ERRORS: Final = 2.0
"""Half the width of a slope's interval; about 95 % for a run of half an hour or more."""

_FEWEST: Final = 3
"""Two points lie on a line whatever they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Growth of one figure over time.

    Attributes:
        per_hour: least-squares slope, units an hour.
        margin: half of its interval, ``STANDARD_ERRORS`` standard errors; units an hour.
    """

    per_hour: float
    margin: float


def soak(
    *, clip: Path, duration_s: float, every_s: float, tell: Callable[[Sequence[Row]], None]
) -> list[Row]:
    """Run the installed daemon on a clip that is played again and again, and look at it.

    Args:
        clip: a video with one face.
        duration_s: time to watch it once it scores, seconds.
        every_s: time between two looks, seconds.
        tell: hears each look's rows at once.

    Returns:
        A row for each process and look: resident memory, open descriptors, threads, frames a
        second, dropped frames.

    Raises:
        InternalError: the worker was restarted, or the daemon fell silent.
    """
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker() as broker:
        config = Path(folder) / "soak.yaml"
        state = Path(folder) / "state"
        text = config_text(camera=clip, port=broker.port, fps=CAMERA_FPS, state=state)
        config.write_text(text, encoding="utf-8")
        listener = StatusListener(broker.port)
        try:
            with running_daemon(config) as gateway:
                listener.scoring()
                (worker,) = gateway.children()
                rows: list[Row] = []
                start_s = clock.now().monotonic_s
                for look in range(round(duration_s / every_s) + 1):
                    due_s = start_s + look * every_s
                    threading.Event().wait(max(0.0, due_s - clock.now().monotonic_s))
                    if gateway.children() != [worker]:
                        raise InternalError("the vision worker was restarted during the soak")
                    at_s = clock.now().monotonic_s - start_s
                    seen = _look(gateway, worker, listener, at_s=at_s)
                    tell(seen)
                    rows += seen
                return rows
        finally:
            listener.close()


def _look(
    gateway: psutil.Process, worker: psutil.Process, listener: StatusListener, *, at_s: float
) -> list[Row]:
    status = listener.scoring()
    return [
        {
            "minute": round(at_s / 60, 2),
            "process": name,
            # As text: rows show four digits of a number, and a leak may hide in the fifth.
            "rss_mib": f"{process.memory_info().rss / 2**20:.2f}",
            "fds": process.num_fds(),
            "threads": process.num_threads(),
            "fps": f"{status.fps:.2f}" if status.fps is not None else None,
            "dropped_frames": status.dropped_frames,
        }
        for name, process in (("gateway", gateway), ("worker", worker))
    ]


def settled(rows: Sequence[Row], process: str, column: str) -> tuple[list[float], list[float]]:
    """One process's figure after the warm-up.

    Args:
        rows: as ``soak`` gives them.
        process: ``gateway`` or ``worker``.
        column: ``rss_mib`` or ``fds``.

    Returns:
        Times in hours, and the figure.
    """
    own = [row for row in rows if row["process"] == process]
    own = own[int(WARM_UP_SHARE * len(own)) :]
    return [float(row["minute"] or 0) / 60 for row in own], [float(row[column] or 0) for row in own]


def slope_of(hours: Sequence[float], values: Sequence[float]) -> Slope | None:
    """Least-squares slope with its interval; None for fewer than three points.

    Source: ordinary least squares, standard error of the slope from the residuals with n - 2
    degrees of freedom. Successive looks are not independent, so the interval is rather narrow.
    """
    if len(hours) < _FEWEST:
        return None
    x = np.asarray(hours, np.float64)
    y = np.asarray(values, np.float64)
    x = x - x.mean()
    spread = float((x**2).sum())
    slope = float((x * (y - y.mean())).sum()) / spread
    residuals = y - y.mean() - slope * x
    error = float(np.sqrt((residuals**2).sum() / (len(y) - 2) / spread))
    return Slope(per_hour=slope, margin=STANDARD_ERRORS * error)
