"""What one face does over minutes, as a pure function of time.

A story is a face at rest with episodes of pain and of what is mistaken for pain, one after the
other; blinks, gaze, speech, turns of the head and breathing run beside them. ``story_plot`` draws
one at random.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from pain.values import HeadPose
from train.residents.dynamics import Drift, Envelope, Gaze, Rhythm, Swell, Voice
from train.residents.everyday import Traits, as_shown
from train.residents.expression import Expression, Kind
from train.residents.figure import FACING
from train.residents.storyboard import Segment

AU = ActionUnit

FASTEST_UNIT_PER_S: Final = 50.0
"""No action unit changes faster: 0 to 5 takes a tenth of a second, and only lips and jaw do so."""

FASTEST_TURN_DEG_PER_S: Final = 130.0
"""No angle of the head changes faster."""

FURTHEST_YAW_DEG: Final = 38.0
"""A head on a pillow turns no further against the trunk."""

_SWAY: Final = 0.03
_SWAY_PERIOD_S: Final = 1.9
_NOD_DEG: Final = 2.0
_NOD_HZ: Final = 0.8
_TREMBLE_DEG: Final = 0.4
_TREMBLE_HZ: Final = 2.3
_SEVERE: Final = 4.0
_LIDS_SHUT: Final = 0.97


class Course(Protocol):
    """What can be filmed: a storyboard or a story."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What is told, in order and without gaps."""

    def expression_at(self, time_s: float) -> Expression:
        """What the face shows."""

    def pose_at(self, time_s: float) -> HeadPose:
        """Head turn against the trunk."""

    def breath_at(self, time_s: float) -> float:
        """Chest height -1..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that the face does and stops doing.

    Attributes:
        face: what a healthy face shows at its height; pain leaves AU43 to the story's ``shuts``.
        course: when, and how fast it comes and goes.
        swell: how it waxes and wanes while it lasts, None for steady.
        rhythm: strokes of the jaw, None for none.
        head: turn of the head at its height, beside the head's other motion.
    """

    face: Expression
    course: Envelope
    swell: Swell | None = None
    rhythm: Rhythm | None = None
    head: HeadPose = FACING

    def share_at(self, time_s: float) -> float:
        """0..1, how much of the face is shown."""
        share = self.course.at(time_s)
        if self.swell:
            share *= self.swell.at(time_s - self.course.apex_s[0])
        if self.face.kind is Kind.PAIN:
            # A held grimace is never quite still.
            share *= 1.0 - _SWAY * (1.0 - np.sin(2.0 * np.pi * time_s / _SWAY_PERIOD_S)) / 2.0
        return float(share)

    def jaw_at(self, time_s: float) -> tuple[float, float]:
        """Share of the jaw's opening, and of its way to the side, at a time."""
        if not self.rhythm:
            return 1.0, 1.0
        since = time_s - self.course.start_s
        return self.rhythm.at(since), self.rhythm.side_at(since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The head turns somewhere else for a while."""

    course: Envelope
    to: HeadPose


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story of one face; see the module.

    Attributes:
        duration_s: length.
        rest: the face when nothing happens.
        episodes: in order of time; none overlaps another.
        phrases: when the voice speaks, within talking and speaking pain.
        shuts: when pain squeezes the eyes shut.
        blinks: lid closures too short for AU43; FACS codes them AU45.
        turns: when the head looks elsewhere.
        voice: how the person speaks; ``gaze``: where the eyes look; ``drift``: the idle head.
        breaths_per_s: 0.2 to 0.33; ``breath_phase``: radians.
        traits: what lasts in the face.
    """

    duration_s: float
    rest: Expression
    episodes: tuple[Episode, ...]
    phrases: tuple[Envelope, ...]
    shuts: tuple[Envelope, ...]
    blinks: tuple[Envelope, ...]
    turns: tuple[Turn, ...]
    voice: Voice
    gaze: Gaze
    drift: Drift
    breaths_per_s: float
    breath_phase: float
    traits: Traits

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Episodes and the rest between them, with the level that each reaches."""
        told: list[Segment] = []
        now_s = 0.0
        for episode in self.episodes:
            start, end = round(episode.course.start_s, 3), round(episode.course.end_s, 3)
            if start > now_s:
                told.append(Segment(scene="neutral", start_s=now_s, end_s=start, level=0.0))
            told.append(
                Segment(
                    scene=episode.face.name,
                    start_s=start,
                    end_s=end,
                    level=round(self._highest(episode), 2),
                )
            )
            now_s = end
        told.append(Segment(scene="neutral", start_s=now_s, end_s=self.duration_s, level=0.0))
        return tuple(told)

    def _highest(self, episode: Episode) -> float:
        if episode.face.kind is not Kind.PAIN:
            return 0.0
        times = np.arange(episode.course.start_s, episode.course.end_s, 0.1)
        return max(self.expression_at(float(time_s)).level for time_s in times)

    def expression_at(self, time_s: float) -> Expression:
        """What the face shows at a time, the person's traits, speech and blinks included."""
        face = self._face_at(time_s)
        units, extra = dict(face.units), dict(face.extra)
        talking = _height(self.phrases, time_s)
        if talking > 0.0:
            speech, shapes = self.voice.at(time_s)
            units |= {u: max(units.get(u, 0.0), talking * v) for u, v in speech.items()}
            extra |= {k: max(extra.get(k, 0.0), talking * v) for k, v in shapes.items()}
        shut = max(units.pop(AU.AU43, 0.0) / AU_MAX, _height(self.shuts, time_s))
        extra |= self.gaze.at(time_s)
        shown = as_shown(replace(face, units=units, extra=extra), self.traits)
        units, extra = dict(shown.units), dict(shown.extra)
        if shut > 0.0:
            units[AU.AU43] = round(AU_MAX * shut, 3)
        _close(extra, shut, self.lids_at(time_s))
        return replace(shown, units=units, extra=extra)

    def lids_at(self, time_s: float) -> float:
        """Lid closure 0..1 of the blink at a time."""
        return _height(self.blinks, time_s)

    def pose_at(self, time_s: float) -> HeadPose:
        """Head turn: idle drift, turns elsewhere, nods in speech, and what the episode asks for."""
        yaw, pitch, roll = self.drift.at(time_s)
        episode = self._episode_at(time_s)
        moves = [(turn.course.at(time_s), turn.to) for turn in _near(self.turns, time_s)]
        if episode:
            moves.append((episode.course.at(time_s), episode.head))
            severe = max(0.0, self._face_at(time_s).level - _SEVERE) / 2.0
            yaw += _TREMBLE_DEG * severe * float(np.sin(2.0 * np.pi * _TREMBLE_HZ * time_s))
        for share, to in moves:
            yaw += share * to.yaw_deg
            pitch += share * to.pitch_deg
            roll += share * to.roll_deg
        talking = _height(self.phrases, time_s)
        pitch += talking * _NOD_DEG * float(np.sin(2.0 * np.pi * _NOD_HZ * time_s))
        return HeadPose(
            yaw_deg=FURTHEST_YAW_DEG * float(np.tanh(yaw / FURTHEST_YAW_DEG)),
            pitch_deg=pitch,
            roll_deg=roll,
        )

    def breath_at(self, time_s: float) -> float:
        """Chest height -1..1."""
        turn = 2.0 * np.pi * self.breaths_per_s * time_s
        return float(np.sin(turn + self.breath_phase))

    def _episode_at(self, time_s: float) -> Episode | None:
        at = bisect_right(self.episodes, time_s, key=lambda episode: episode.course.start_s) - 1
        if at < 0 or self.episodes[at].course.at(time_s) == 0.0:
            return None
        return self.episodes[at]

    def _face_at(self, time_s: float) -> Expression:
        """Rest and episode mixed, before speech, lids and traits."""
        episode = self._episode_at(time_s)
        if episode is None:
            return self.rest
        share = episode.share_at(time_s)
        jaw, aside = episode.jaw_at(time_s)
        face, rest = episode.face, self.rest
        units = {
            unit: share * value * (jaw if unit in _JAW_UNITS else 1.0)
            for unit, value in face.units.items()
        }
        extra = {
            name: (1.0 - share) * rest.extra.get(name, 0.0) + share * face.extra.get(name, 0.0)
            for name in {*rest.extra, *face.extra}
        }
        for name in _JAW_ACTIONS & extra.keys():
            extra[name] *= jaw
        for name in _SIDE_ACTIONS & extra.keys():
            extra[name] *= max(aside, 0.0)
        return replace(face, units=units, extra=extra, asymmetry=rest.asymmetry)


_JAW_UNITS: Final = frozenset({AU.AU25, AU.AU26, AU.AU27})
_JAW_ACTIONS: Final = frozenset({"jawOpen", "mouthClose"})
_SIDE_ACTIONS: Final = frozenset({"jawLeft", "jawRight", "mouthLeft", "mouthRight"})


def _height(courses: tuple[Envelope, ...], time_s: float) -> float:
    """Height of the envelope at a time, of several in order that do not overlap."""
    at = bisect_right(courses, time_s, key=lambda course: course.start_s) - 1
    return courses[at].at(time_s) if at >= 0 else 0.0


def _near(turns: tuple[Turn, ...], time_s: float) -> tuple[Turn, ...]:
    at = bisect_right(turns, time_s, key=lambda turn: turn.course.start_s) - 1
    return turns[max(at, 0) : at + 1]


def _close(extra: dict[str, float], shut: float, blink: float) -> None:
    """Bring the lids down by a blink over what AU43 does, from wherever they rest."""
    closure = max(shut, blink)
    for side in ("Left", "Right"):
        for name in (f"eyeBlink{side}", f"eyeWide{side}"):
            if name in extra:
                extra[name] *= 1.0 - closure
        extra[f"eyeBlink{side}"] = extra.get(f"eyeBlink{side}", 0.0) + _LIDS_SHUT * max(
            0.0, blink - shut
        )
