"""Which faces are frames of one clip, when they were taken, and which of them a head takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pain.errors import DataError
from train.experiment.temporal import TemporalKind, TemporalSection
from train.features.examples import Examples
from train.temporal.resample import Ticks, resample

Rows = npt.NDArray[np.intp]

_SLACK_OF_PERIOD = 1e-3
"""Frames at the very rate are all taken, though their times are rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Frames of one person in order of time, F of them; where no face was found there is none.

    Attributes:
        name: of the sequence.
        rows: intp (F,), rows of the examples.
        time_s: float64 (F,), increasing.
    """

    name: str
    rows: Rows
    time_s: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What a head takes of a clip of F frames, T steps in order.

    Attributes:
        frame: intp (T,), the frame that is fed.
        time_s: float64 (T,), when.
        elapsed_s: float32 (T,), as the head wants it.
        speaks: bool (T,), whether the frame is young enough to speak for the step.
        of_frame: intp (F,), the step whose outputs are those of a frame.
    """

    frame: Rows
    time_s: npt.NDArray[np.float64]
    elapsed_s: npt.NDArray[np.float32]
    speaks: npt.NDArray[np.bool_]
    of_frame: Rows


def clips_of(examples: Examples) -> tuple[Clip, ...]:
    """Group faces into clips, in the set's order.

    Raises:
        DataError: a face is no frame of a clip, has no time, or two frames have one time.
    """
    frames: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for row, sample in enumerate(examples.samples):
        if sample.sequence is None or sample.time_s is None:
            raise DataError(
                f"{sample.id} of {examples.dataset.name} is no frame of a clip with times; a head "
                "over time needs clips, e.g. of 'painwatch train residents clip'"
            )
        frames.setdefault((sample.subject, sample.sequence), []).append((sample.time_s, row))
    clips = []
    for (_, name), found in frames.items():
        found.sort()
        times = np.array([time_s for time_s, _ in found], np.float64)
        if (np.diff(times) <= 0).any():
            raise DataError(f"two frames of {name} in {examples.dataset.name} have the same time")
        rows = np.array([row for _, row in found], np.intp)
        clips.append(Clip(name=name, rows=rows, time_s=times))
    return tuple(clips)


def among(clips: Sequence[Clip], rows: Rows) -> tuple[Clip, ...]:
    """The clips whose frames are these rows; a split by person cuts none in two."""
    chosen = np.sort(rows)
    return tuple(clip for clip in clips if _holds(chosen, int(clip.rows[0])))


def steps_of(time_s: npt.NDArray[np.float64], asked: TemporalSection) -> Steps:
    """What the head that was asked for takes of a clip; never a later frame for an earlier one.

    The convolutions need even ticks. The recurrent head takes frames as they come, leaving out
    those that come sooner than the rate after the last one taken; a frame that is left out, or
    lies between two ticks, has the outputs of the step before it. The head without memory takes
    every frame.

    Args:
        time_s: (F,), increasing, F >= 1.
        asked: which head, at which rate.
    """
    match asked.head:
        case TemporalKind.PER_FRAME:
            every = np.arange(len(time_s), dtype=np.intp)
            return _plain(time_s, every, elapsed=False)
        case TemporalKind.GRU:
            return _plain(time_s, _thinned(time_s, asked.rate_hz), elapsed=True)
        case TemporalKind.TCN:
            ticks = resample(time_s, rate_hz=asked.rate_hz, longest_hold_s=asked.hold_s)
            return _ticking(time_s, ticks, asked)


def _plain(time_s: npt.NDArray[np.float64], frame: Rows, *, elapsed: bool) -> Steps:
    taken = time_s[frame]
    since = np.diff(taken, prepend=taken[0]) if elapsed else np.zeros(len(frame))
    return Steps(
        frame=frame,
        time_s=taken,
        elapsed_s=since.astype(np.float32),
        speaks=np.ones(len(frame), np.bool_),
        of_frame=np.searchsorted(frame, np.arange(len(time_s)), side="right") - 1,
    )


def _thinned(time_s: npt.NDArray[np.float64], rate_hz: float) -> Rows:
    shortest_s = (1.0 - _SLACK_OF_PERIOD) / rate_hz
    taken = [0]
    for at in range(1, len(time_s)):
        if time_s[at] - time_s[taken[-1]] >= shortest_s:
            taken.append(at)
    return np.array(taken, np.intp)


def _ticking(time_s: npt.NDArray[np.float64], ticks: Ticks, asked: TemporalSection) -> Steps:
    last = len(time_s) - 1
    frame, when, age, fresh = ticks.frame, ticks.time_s, ticks.age_s, ticks.fresh
    if frame[-1] != last:
        # One tick more, after the last frame, so that it is looked at.
        end_s = when[-1] + 1.0 / asked.rate_hz
        frame, when = np.append(frame, last), np.append(when, end_s)
        age = np.append(age, np.float32(max(end_s - time_s[last], 0.0)))
        fresh = np.append(fresh, end_s - time_s[last] < asked.hold_s)
    frames = np.arange(len(time_s))
    first = np.searchsorted(frame, frames, side="left")
    # A frame between two ticks has the outputs of the tick before. After a gap that tick is stale,
    # so the frame waits for the next, as it would before a camera.
    waits = (frame[first] == frames) | ~fresh[first - 1]
    return Steps(
        frame=frame,
        time_s=when,
        elapsed_s=age,
        speaks=fresh,
        of_frame=np.where(waits, first, first - 1),
    )


def _holds(chosen: Rows, row: int) -> bool:
    at = int(np.searchsorted(chosen, row))
    return at < len(chosen) and int(chosen[at]) == row
