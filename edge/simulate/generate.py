"""Turns a day and the errors of a model into the readings that the daemon would have had."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.simulate.days import DayPlan
from edge.simulate.errors import NEUTRAL, ErrorModel
from edge.simulate.schedule import DAY_S, Ache, Day, Scene, draw_day, log_uniform
from edge.simulate.stream import PAIN, Episode, Floats, Stream
from pain.scales import LEVEL_MAX, LEVEL_MIN
from pain.values import Reason

BLINK: Final = "blink"

TRUTH_STEP_S: Final = 0.1
"""Resolution of the true course of an episode."""

UNSEEN_STEP_S: Final = 1.0
"""A reading speaks for a second, so where no face is seen one a second says as much as 25."""

SPARSE_STEP_S: Final = 3.0
"""Step where nothing has been seen for longer than ``SETTLED_AFTER_S``: below it and below the
delay of camera_lost, nothing in the daemon depends on it."""

SETTLED_AFTER_S: Final = 120.0


class Resident:
    """One resident before one model: the parts of the error that stay.

    Args:
        errors: how the model errs.
        plan: how days go.
        seed: decides everything.
    """

    def __init__(self, errors: ErrorModel, plan: DayPlan, *, seed: np.random.SeedSequence) -> None:
        self._errors = errors
        self._plan = plan
        self._rng = np.random.default_rng(seed)
        self._person = float(self._rng.standard_normal())
        names = [*sorted(errors.expressions), PAIN]
        self._habit = dict(zip(names, self._rng.standard_normal(len(names)).tolist(), strict=True))

    def days(self, count: int) -> Iterator[Stream]:
        """Draw days, one after the other on one clock."""
        for number in range(count):
            yield self._stream(draw_day(self._plan, self._rng), start_s=number * DAY_S)

    def _stream(self, day: Day, *, start_s: float) -> Stream:
        at_s, index = self._frames(day)
        scenes = [day.scenes[number].what for number in index]
        truth = _true_levels(day.aches, at_s)
        self._blink(day.scenes, index, at_s, scenes)
        levels = self._levels(scenes, truth, np.array([s.setting for s in day.scenes])[index], at_s)
        reasons = {reason.value: reason for reason in Reason}
        return Stream(
            at_s=tuple((start_s + at_s).tolist()),
            outcomes=tuple(
                reasons.get(what, level)
                for what, level in zip(scenes, levels.tolist(), strict=True)
            ),
            scenes=tuple(
                PAIN if level > 0 and what not in reasons else what
                for what, level in zip(scenes, truth.tolist(), strict=True)
            ),
            episodes=tuple(_episode(ache, start_s) for ache in day.aches),
            since_s=start_s,
            until_s=start_s + DAY_S,
        )

    def _frames(self, day: Day) -> tuple[Floats, npt.NDArray[np.intp]]:
        """Times of the frames and the scene of each."""
        times: list[Floats] = []
        index: list[npt.NDArray[np.intp]] = []
        unseen_s = 0.0
        for number, scene in enumerate(day.scenes):
            if scene.shows_face:
                unseen_s = 0.0
                own = np.arange(scene.start_s, scene.end_s, 1 / self._plan.fps)
            else:
                own = _unseen(scene, already_s=unseen_s)
                unseen_s += scene.end_s - scene.start_s
            times.append(own)
            index.append(np.full(len(own), number, np.intp))
        at_s, scene_of = np.concatenate(times), np.concatenate(index)
        shows = np.array([scene.shows_face for scene in day.scenes])[scene_of]
        at_s = at_s + self._rng.uniform(0, self._plan.jitter / self._plan.fps, len(at_s)) * shows
        kept = ~shows | (self._rng.random(len(at_s)) >= self._plan.lost)
        for since_s, until_s in day.faults:
            kept &= (at_s < since_s) | (at_s >= until_s)
        at_s, scene_of = at_s[kept], scene_of[kept]
        order = np.argsort(at_s, kind="stable")
        return at_s[order], scene_of[order]

    def _blink(
        self,
        scenes: tuple[Scene, ...],
        index: npt.NDArray[np.intp],
        at_s: Floats,
        seen: list[str],
    ) -> None:
        """Put blinks over neutral faces, in place."""
        if BLINK not in self._errors.expressions:
            return
        mean_s = math.sqrt(self._plan.blink_s[0] * self._plan.blink_s[1])
        rates = np.array([scene.blinks_per_min for scene in scenes])[index] / 60
        begins = np.flatnonzero(self._rng.random(len(at_s)) < rates * mean_s)
        for first in begins.tolist():
            until_s = at_s[first] + log_uniform(self._rng, self._plan.blink_s) - mean_s
            number = first
            while number < len(at_s) and (number == first or at_s[number] <= until_s):
                if seen[number] == NEUTRAL:
                    seen[number] = BLINK
                number += 1

    def _levels(
        self,
        scenes: list[str],
        truth: Floats,
        settings: npt.NDArray[np.intp],
        at_s: Floats,
    ) -> Floats:
        shares = self._errors.shares
        expressions = self._errors.expressions
        centre, spread, habit = (np.zeros(len(scenes)) for _ in range(3))
        names = np.array(scenes)
        for name, figures in expressions.items():
            own = names == name
            centre[own] = figures.distribution.centre
            spread[own] = figures.distribution.spread
            habit[own] = self._habit[name]
        hurts = truth > 0
        centre[hurts], spread[hurts] = self._errors.of_pain(truth[hurts])
        habit[hurts] = self._habit[PAIN]
        situation = self._rng.standard_normal(int(settings.max()) + 1)[settings]
        z = (
            math.sqrt(shares.person) * self._person
            + math.sqrt(shares.habit) * habit
            + math.sqrt(shares.situation) * situation
            + math.sqrt(shares.momentary) * self._momentary(at_s)
        )
        return np.clip(centre + spread * z, LEVEL_MIN, LEVEL_MAX)

    def _momentary(self, at_s: Floats) -> Floats:
        """A first-order autoregressive process of variance 1 at irregular times."""
        kept = np.exp(-np.diff(at_s, prepend=-math.inf) / self._errors.momentary_s)
        drawn = self._rng.standard_normal(len(at_s)) * np.sqrt(1 - kept**2)
        values = np.empty(len(at_s))
        value = 0.0
        for number, (share, new) in enumerate(zip(kept.tolist(), drawn.tolist(), strict=True)):
            value = share * value + new
            values[number] = value
        return values


def _unseen(scene: Scene, *, already_s: float) -> Floats:
    """Times at which nothing is seen: every second at first and at the end, then seldom."""
    settled_s = max(scene.start_s, scene.start_s + SETTLED_AFTER_S - already_s)
    dense = np.arange(scene.start_s, min(settled_s, scene.end_s), UNSEEN_STEP_S)
    if settled_s >= scene.end_s:
        return dense
    sparse = np.arange(settled_s, max(scene.end_s - SPARSE_STEP_S, settled_s), SPARSE_STEP_S)
    last = sparse[-1] + UNSEEN_STEP_S if len(sparse) else settled_s
    return np.concatenate([dense, sparse, np.arange(last, scene.end_s, UNSEEN_STEP_S)])


def _true_levels(aches: tuple[Ache, ...], at_s: Floats) -> Floats:
    truth = np.zeros(len(at_s))
    for ache in aches:
        first, last = np.searchsorted(at_s, [ache.start_s, ache.start_s + ache.length_s])
        truth[first:last] = [ache.level(time_s) for time_s in at_s[first:last].tolist()]
    return truth


def _episode(ache: Ache, start_s: float) -> Episode:
    steps = math.ceil(ache.length_s / TRUTH_STEP_S)
    at_s = np.linspace(ache.start_s, ache.start_s + ache.length_s, steps + 1)
    level = np.array([ache.level(time_s) for time_s in at_s.tolist()])
    return Episode(at_s=at_s + start_s, level=level)
