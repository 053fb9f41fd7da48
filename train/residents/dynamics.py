"""How a face and a head move in time: eased windows, blinks, syllables, gaze and slow drift.

Everything is a pure function of time in seconds, so that any frame rate shows the same course.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pain.action_units import ActionUnit
from pain.values import HeadPose

AU = ActionUnit

BLINKS_PER_MIN_AT_REST: Final = 17.0
BLINKS_PER_MIN_TALKING: Final = 26.0
"""Means of healthy adults at rest and in conversation (Bentivoglio et al. 1997, Mov Disord 12)."""

_BLINK_SPREAD: Final = 0.55
_SHORTEST_INTERVAL_S: Final = 0.6
_BLINK_CLOSES_S: Final = 0.10
_BLINK_OPENS_S: Final = 0.20
_SACCADE_S: Final = 0.06


def ease(share: float) -> float:
    """Smooth step 0..1 without a kink at either end; steepest in the middle, 1.5."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Rises from 0 to 1, holds, and falls back to 0.

    Attributes:
        start_s: when it begins to rise.
        onset_s: length of the rise; ``hold_s``: of the apex; ``offset_s``: of the fall.
    """

    start_s: float
    onset_s: float
    hold_s: float
    offset_s: float

    @property
    def apex_s(self) -> tuple[float, float]:
        """When the apex begins and ends."""
        begins = self.start_s + self.onset_s
        return begins, begins + self.hold_s

    @property
    def end_s(self) -> float:
        """When it is 0 again."""
        return self.apex_s[1] + self.offset_s

    def at(self, time_s: float) -> float:
        """Height 0..1 at a time."""
        if not self.start_s < time_s < self.end_s:
            return 0.0
        begins, ends = self.apex_s
        if time_s < begins:
            return ease((time_s - self.start_s) / self.onset_s)
        return ease((self.end_s - time_s) / self.offset_s) if time_s > ends else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swell:
    """Slow waxing and waning of a held expression, between 1 and ``1 - depth``, from 1."""

    depth: float
    period_s: float

    def at(self, since_apex_s: float) -> float:
        """Factor at a time after the apex was reached; 1 before."""
        turn = 2.0 * np.pi * max(since_apex_s, 0.0) / self.period_s
        return 1.0 - self.depth * float(1.0 - np.cos(turn)) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Jaw strokes of chewing or laughing: the opening falls by ``depth`` once a stroke."""

    rate_hz: float
    depth: float

    def at(self, since_start_s: float) -> float:
        """Factor ``1 - depth``..1."""
        turn = 2.0 * np.pi * self.rate_hz * since_start_s
        return 1.0 - self.depth * float(1.0 - np.cos(turn)) / 2.0

    def side_at(self, since_start_s: float) -> float:
        """-1..1, where a grinding jaw is across."""
        return float(np.sin(np.pi * self.rate_hz * since_start_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a person speaks.

    Attributes:
        syllables_per_s: 3 to 5.
        openness: 0..1, how far the jaw goes.
        phase: radians, of the syllables' sizes.
    """

    syllables_per_s: float
    openness: float
    phase: float

    def at(self, time_s: float) -> tuple[dict[ActionUnit, float], dict[str, float]]:
        """Lips and jaw: syllables of uneven size, some round, some wide; all 0 between them."""
        beat = time_s * self.syllables_per_s
        # The size changes where the mouth is closed, so nothing jumps.
        size = self.openness * (0.6 + 0.4 * float(np.sin(2.4 * np.floor(beat) + self.phase)))
        opening = size * float(np.sin(np.pi * (beat % 1.0)) ** 2)
        round_ = max(0.0, float(np.sin(1.3 * beat + self.phase)))
        units = {
            AU.AU25: 0.8 + 3.2 * opening,
            AU.AU26: 3.0 * opening,
            AU.AU20: 1.2 * (1.0 - round_),
        }
        extra = {"mouthFunnel": 0.35 * round_, "mouthPucker": 0.2 * round_, "browInnerUp": 0.12}
        return units, extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A head that is never quite still: two slow sines an axis around where it rests.

    Attributes:
        rest: where it rests.
        size: amplitude of each axis in degrees.
        periods_s: two of each axis; ``phases``: radians, in the same order.
    """

    rest: HeadPose
    size: HeadPose
    periods_s: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Yaw, pitch and roll in degrees."""
        waves = [
            float(np.sin(2.0 * np.pi * time_s / period + phase))
            for period, phase in zip(self.periods_s, self.phases, strict=True)
        ]
        return (
            self.rest.yaw_deg + self.size.yaw_deg * (0.7 * waves[0] + 0.3 * waves[1]),
            self.rest.pitch_deg + self.size.pitch_deg * (0.7 * waves[2] + 0.3 * waves[3]),
            self.rest.roll_deg + self.size.roll_deg * (0.7 * waves[4] + 0.3 * waves[5]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaze:
    """Where the eyes look: still, then a quick turn to the next point.

    Attributes:
        times_s: when each turn ends, rising; ``across`` and ``up``: -1..1 after it.
    """

    times_s: tuple[float, ...]
    across: tuple[float, ...]
    up: tuple[float, ...]

    def at(self, time_s: float) -> dict[str, float]:
        """Facial actions of the eyes."""
        after = int(np.searchsorted(self.times_s, time_s))
        last = min(after, len(self.times_s) - 1)
        before = max(after - 1, 0)
        moved = ease(1.0 - (self.times_s[last] - time_s) / _SACCADE_S)
        across = (1.0 - moved) * self.across[before] + moved * self.across[last]
        up = (1.0 - moved) * self.up[before] + moved * self.up[last]
        left, right = max(across, 0.0), max(-across, 0.0)
        return {
            "eyeLookOutLeft": left,
            "eyeLookInRight": left,
            "eyeLookInLeft": right,
            "eyeLookOutRight": right,
            "eyeLookUpLeft": max(up, 0.0),
            "eyeLookUpRight": max(up, 0.0),
            "eyeLookDownLeft": max(-up, 0.0),
            "eyeLookDownRight": max(-up, 0.0),
        }


def draw_gaze(duration_s: float, rng: np.random.Generator) -> Gaze:
    """A new point every one to four seconds, mostly near the middle."""
    times = [0.0]
    while times[-1] < duration_s:
        times.append(times[-1] + float(rng.uniform(1.0, 4.0)))
    across = np.clip(rng.normal(0.0, 0.14, len(times)), -0.4, 0.4)
    up = np.clip(rng.normal(0.0, 0.09, len(times)), -0.25, 0.25)
    return Gaze(times_s=tuple(times), across=tuple(across.tolist()), up=tuple(up.tolist()))


def draw_drift(rng: np.random.Generator) -> Drift:
    """Within about 8 degrees of straight ahead, in waves of four to sixteen seconds."""
    yaw, pitch, roll = (float(value) for value in rng.normal(0.0, (2.0, 1.5, 1.5)))
    size = [float(value) for value in rng.uniform((1.5, 0.8, 0.6), (4.5, 2.2, 2.0))]
    return Drift(
        rest=HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll),
        size=HeadPose(yaw_deg=size[0], pitch_deg=size[1], roll_deg=size[2]),
        periods_s=tuple(rng.uniform([7, 4, 7, 4, 8, 5], [16, 7, 16, 7, 16, 8]).tolist()),
        phases=tuple(rng.uniform(0.0, 2.0 * np.pi, 6).tolist()),
    )


def draw_voice(rng: np.random.Generator) -> Voice:
    """Between slow and lively."""
    return Voice(
        syllables_per_s=float(rng.uniform(3.0, 4.6)),
        openness=float(rng.uniform(0.6, 1.0)),
        phase=float(rng.uniform(0.0, 2.0 * np.pi)),
    )


def next_blink_s(time_s: float, per_min: float, rng: np.random.Generator) -> float:
    """When the next blink comes after a time: log-normal intervals with a given mean rate."""
    mean_s = 60.0 / per_min
    interval = rng.lognormal(np.log(mean_s) - _BLINK_SPREAD**2 / 2.0, _BLINK_SPREAD)
    return time_s + max(_SHORTEST_INTERVAL_S, float(interval))


def blink(at_s: float) -> Envelope:
    """Lid closure of a blink that begins at a time: it shuts faster than it opens, 0.34 s."""
    return Envelope(start_s=at_s, onset_s=_BLINK_CLOSES_S, hold_s=0.04, offset_s=_BLINK_OPENS_S)
