"""Draws what happens in one room on one day: situations, what is seen in them, pain, faults."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.simulate.days import REASONS, DayPlan, Lasting, PainPlan, Situation

DAY_S = 86_400.0
_HOUR_S = 3_600.0
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A time in which one thing is seen.

    Attributes:
        start_s: start, seconds of the day.
        end_s: end, seconds of the day.
        what: an expression of the error model, or a reason for which there is no level.
        setting: number of the posture, view and light that it belongs to.
        blinks_per_min: how often the lids close.
    """

    start_s: float
    end_s: float
    what: str
    setting: int
    blinks_per_min: float

    @property
    def shows_face(self) -> bool:
        """Whether a face can be scored."""
        return self.what not in REASONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ache:
    """One episode of pain as planned, and its true level at any time.

    Attributes:
        start_s: start, seconds of the day.
        length_s: from start to end.
        peak: highest level.
        onset_s: time to rise.
        offset_s: time to fall.
        period_s: of waxing and waning.
        depth: how far it wanes, as a share of the peak.
    """

    start_s: float
    length_s: float
    peak: float
    onset_s: float
    offset_s: float
    period_s: float
    depth: float

    def level(self, at_s: float) -> float:
        """True level 0..6 at a time of the day, seconds."""
        since_s = at_s - self.start_s
        if not 0 <= since_s <= self.length_s:
            return 0.0
        held = min(since_s / self.onset_s, (self.length_s - since_s) / self.offset_s, 1.0)
        waned = (
            self.depth * (0.5 - 0.5 * math.cos(2 * math.pi * since_s / self.period_s))
            if self.length_s > self.period_s
            else 0.0
        )
        return self.peak * held * (1 - waned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happens on one day: scenes in order and without gaps, aches, times without frames."""

    scenes: tuple[Scene, ...]
    aches: tuple[Ache, ...]
    faults: tuple[tuple[float, float], ...]


def draw_day(plan: DayPlan, rng: np.random.Generator) -> Day:
    """Draw one day from midnight to midnight."""
    scenes = tuple(_scenes(plan, rng))
    return Day(
        scenes=scenes,
        aches=_aches(plan.pain, scenes, rng),
        faults=_faults(plan, rng),
    )


def log_uniform(rng: np.random.Generator, ends: Lasting) -> float:
    """Draw between two positive ends, as often in each octave."""
    return math.exp(rng.uniform(math.log(ends[0]), math.log(ends[1])))


def _scenes(plan: DayPlan, rng: np.random.Generator) -> Iterator[Scene]:
    setting = 0
    start_s = 0.0
    for part in plan.parts:
        until_s = part.until_h * _HOUR_S
        names = list(part.shares)
        # Long situations are drawn the more rarely, so that shares are shares of the time.
        weights = np.array(
            [share / plan.situations[name].mean_min for name, share in part.shares.items()]
        )
        while start_s < until_s:
            situation = plan.situations[names[rng.choice(len(names), p=weights / weights.sum())]]
            length_s = max(_MINUTE_S, rng.exponential(situation.mean_min * _MINUTE_S))
            end_s = min(start_s + length_s, until_s)
            while start_s < end_s:
                settled_s = min(start_s + plan.settle_min * _MINUTE_S, end_s)
                yield from _setting(situation, start_s, settled_s, setting, rng)
                setting += 1
                start_s = settled_s


def _setting(
    situation: Situation, start_s: float, end_s: float, setting: int, rng: np.random.Generator
) -> Iterator[Scene]:
    def scene(what: str, since_s: float, until_s: float) -> Scene:
        blinks = 0.0 if what == "sleep" else situation.blinks_per_min
        return Scene(
            start_s=since_s, end_s=until_s, what=what, setting=setting, blinks_per_min=blinks
        )

    planned = sorted(
        (
            (rng.uniform(start_s, end_s), log_uniform(rng, happening.lasts_s), happening.what)
            for happening in situation.happens
            for _ in range(rng.poisson(happening.per_hour * (end_s - start_s) / _HOUR_S))
        ),
    )
    now_s = start_s
    for begin_s, length_s, what in planned:
        if begin_s < now_s:
            continue
        if begin_s > now_s:
            yield scene(situation.seen, now_s, begin_s)
        now_s = min(begin_s + length_s, end_s)
        yield scene(what, begin_s, now_s)
    if now_s < end_s:
        yield scene(situation.seen, now_s, end_s)


def _aches(plan: PainPlan, scenes: tuple[Scene, ...], rng: np.random.Generator) -> tuple[Ache, ...]:
    seen = [scene for scene in scenes if scene.shows_face]
    lengths = np.array([scene.end_s - scene.start_s for scene in seen])
    aches: list[Ache] = []
    count = rng.poisson(plan.per_day) if seen else 0
    for _ in range(count):
        scene = seen[rng.choice(len(seen), p=lengths / lengths.sum())]
        ache = Ache(
            start_s=rng.uniform(scene.start_s, scene.end_s),
            length_s=log_uniform(rng, plan.lasts_s),
            peak=rng.uniform(*plan.peak),
            onset_s=log_uniform(rng, plan.onset_s),
            offset_s=log_uniform(rng, plan.offset_s),
            period_s=log_uniform(rng, plan.period_s),
            depth=rng.uniform(*plan.depth),
        )
        if ache.start_s + ache.length_s < DAY_S and all(
            _apart_s(ache, other) >= plan.gap_s for other in aches
        ):
            aches.append(ache)
    return tuple(sorted(aches, key=lambda ache: ache.start_s))


def _apart_s(one: Ache, other: Ache) -> float:
    return max(
        other.start_s - one.start_s - one.length_s, one.start_s - other.start_s - other.length_s
    )


def _faults(plan: DayPlan, rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    starts = np.sort(rng.uniform(0, DAY_S, rng.poisson(plan.faults.per_day)))
    return tuple(
        (float(start_s), min(float(start_s) + log_uniform(rng, plan.faults.lasts_s), DAY_S))
        for start_s in starts
    )
