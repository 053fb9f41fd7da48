"""Streams made by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.simulate.stream import PAIN, Episode, Stream
from pain.values import Reason

FPS = 5.0


def stream(
    said: Callable[[float], float | Reason],
    *,
    length_s: float,
    episodes: tuple[Episode, ...] = (),
    start_s: float = 0.0,
) -> Stream:
    """A stream that says what a function of the time says."""
    at_s = [start_s + number / FPS for number in range(int(length_s * FPS))]
    outcomes = tuple(said(time_s) for time_s in at_s)
    hurts = [any(one.start_s <= time_s <= one.end_s for one in episodes) for time_s in at_s]
    return Stream(
        at_s=tuple(at_s),
        outcomes=outcomes,
        scenes=tuple(
            outcome.value if isinstance(outcome, Reason) else PAIN if hurt else "neutral"
            for outcome, hurt in zip(outcomes, hurts, strict=True)
        ),
        episodes=episodes,
        since_s=start_s,
        until_s=start_s + length_s,
    )


def silent(*, length_s: float) -> Stream:
    """A stream without a single reading."""
    return Stream(at_s=(), outcomes=(), scenes=(), episodes=(), since_s=0.0, until_s=length_s)


def episode(start_s: float, end_s: float, level: float) -> Episode:
    """Pain of one level from start to end."""
    at_s = np.linspace(start_s, end_s, int((end_s - start_s) * 10) + 1)
    return Episode(at_s=at_s, level=np.full(len(at_s), level))
