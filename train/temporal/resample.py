"""Frames at a fixed rate in seconds, out of frames that came when they came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """A clip at a fixed rate, T ticks; ``frame`` gives features and levels of each by indexing.

    Attributes:
        time_s: float64 (T,), the clip's own seconds, the first frame's time onwards.
        frame: intp (T,), the last frame at or before the tick.
        age_s: float32 (T,), how long ago that frame was taken.
        fresh: bool (T,), whether the frame is young enough to speak for the tick; a loss should
            leave out the others, and a level of them is not to be shown.
    """

    time_s: npt.NDArray[np.float64]
    frame: npt.NDArray[np.intp]
    age_s: npt.NDArray[np.float32]
    fresh: npt.NDArray[np.bool_]


def resample(
    time_s: npt.NDArray[np.floating], *, rate_hz: float, longest_hold_s: float = 1.0
) -> Ticks:
    """Hold the last frame until the next, tick by tick; a tick never sees a later frame.

    Nothing is interpolated: half-way to the next frame is the future.

    Args:
        time_s: (F,) times of the frames that have a face, increasing.
        rate_hz: ticks per second.
        longest_hold_s: age from which on a frame no longer speaks for the present.

    Returns:
        Ticks from the first to the last frame.

    Raises:
        ValueError: no frame, times that do not increase, or a rate or hold not above zero.
    """
    times = np.asarray(time_s, np.float64)
    if times.ndim != 1 or not times.size or not np.isfinite(times).all():
        raise ValueError(f"expected finite times of at least one frame, got {times.shape}")
    if (np.diff(times) <= 0).any():
        raise ValueError("times of frames must increase")
    if rate_hz <= 0 or longest_hold_s <= 0:
        raise ValueError(f"rate and hold must be above zero, got {rate_hz} and {longest_hold_s}")
    # A frame due at a tick may be stamped a rounding error after it.
    slack_s = 1e-6 / rate_hz
    count = int(np.floor((times[-1] - times[0] + slack_s) * rate_hz)) + 1
    ticks = times[0] + np.arange(count) / rate_hz
    frame = np.searchsorted(times, ticks + slack_s, side="right") - 1
    age_s = np.maximum(ticks - times[frame], 0.0)
    return Ticks(
        time_s=ticks,
        frame=frame.astype(np.intp),
        age_s=age_s.astype(np.float32),
        fresh=age_s < longest_hold_s,
    )
