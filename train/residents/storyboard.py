"""When a filmed resident feels what: keyframes, speech, blinks, head motion and breathing.

The demo's story, 26 s: neutral with blinks (0-5 s), talking (5-7.4 s) and smiling (7.4-10.1 s),
which must raise no alarm, moderate pain (10.5-15.5 s), severe pain with eyes shut (15.5-20.5 s),
relief and neutral to the end. Faces change over 0.6 to 1.4 s, as pain does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from pain.values import HeadPose
from train.residents.expression import NEUTRAL, Expression, Kind, blend

AU = ActionUnit

_BLINK_HALF_S: Final = 0.14
_SYLLABLES_PER_S: Final = 4.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """The face is ``expression`` at ``at_s``; between keyframes it changes smoothly."""

    at_s: float
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A scene of the story; ``level`` is the pain level that it reaches."""

    scene: str
    start_s: float
    end_s: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """A story of one face.

    Attributes:
        keyframes: in order of time, the first at 0 s.
        segments: what the story tells, in order.
        talks_s: start and end of speech.
        blinks_s: when the lids are shut for a moment.
    """

    keyframes: tuple[Keyframe, ...]
    segments: tuple[Segment, ...]
    talks_s: tuple[float, float]
    blinks_s: tuple[float, ...]

    @property
    def duration_s(self) -> float:
        """Length of the story."""
        return self.segments[-1].end_s

    def expression_at(self, time_s: float) -> Expression:
        """What the face does at a time, blinks and speech included."""
        face = self._mood_at(time_s)
        units, extra = dict(face.units), dict(face.extra)
        name, kind = face.name, face.kind
        talking = _window(time_s, *self.talks_s, fade_s=0.25)
        if talking > 0.0:
            speech, shapes = _speech(time_s)
            units |= {u: max(units.get(u, 0.0), talking * v) for u, v in speech.items()}
            extra |= {k: max(extra.get(k, 0.0), talking * v) for k, v in shapes.items()}
            name, kind = "talk", Kind.OTHER
        lids = max((1.0 - abs(time_s - at) / _BLINK_HALF_S for at in self.blinks_s), default=0.0)
        if lids > 0.0:
            units[AU.AU43] = max(units.get(AU.AU43, 0.0), AU_MAX * min(1.0, 1.4 * lids))
        return Expression(name=name, kind=kind, units=units, extra=extra)

    def pose_at(self, time_s: float) -> HeadPose:
        """Head turn: slow drift at rest, drawn back in pain, turned aside when it is severe."""
        pain = min(1.0, self._mood_at(time_s).level / 4.0)
        severe = max(0.0, self._mood_at(time_s).level - 4.0) / 2.0
        talking = _window(time_s, *self.talks_s, fade_s=0.4)
        yaw = 3.5 * np.sin(2 * np.pi * time_s / 8.3) + 1.5 * np.sin(2 * np.pi * time_s / 3.7 + 1.0)
        pitch = 1.5 * np.sin(2 * np.pi * time_s / 6.1 + 0.5)
        roll = 1.5 * np.sin(2 * np.pi * time_s / 9.7)
        tremble = severe * 0.5 * np.sin(2 * np.pi * time_s * 2.3)
        nod = talking * 2.5 * np.sin(2 * np.pi * time_s * 0.9)
        return HeadPose(
            yaw_deg=float(yaw * (1.0 - 0.5 * pain) - 3.0 * pain + 9.0 * severe + tremble),
            pitch_deg=float(pitch + nod - 2.0 * pain - 3.0 * severe),
            roll_deg=float(roll + 2.0 * pain + 3.0 * severe),
        )

    def breath_at(self, time_s: float) -> float:
        """Chest height -1..1: 15 breaths a minute."""
        return float(np.sin(2 * np.pi * time_s / 4.0))

    def _mood_at(self, time_s: float) -> Expression:
        before, after = self.keyframes[-1], self.keyframes[-1]
        for first, second in zip(self.keyframes, self.keyframes[1:], strict=False):
            if first.at_s <= time_s < second.at_s:
                before, after = first, second
        span = after.at_s - before.at_s
        share = (time_s - before.at_s) / span if span > 0 else 1.0
        mood = blend(before.expression, after.expression, share * share * (3.0 - 2.0 * share))
        if mood.kind is not Kind.PAIN:
            return mood
        # A held grimace is never quite still.
        sway = 0.97 + 0.03 * np.sin(2 * np.pi * time_s / 1.9)
        units = {u: v if u is AU.AU43 else float(sway * v) for u, v in mood.units.items()}
        return Expression(name=mood.name, kind=mood.kind, units=units, extra=mood.extra)


def _speech(time_s: float) -> tuple[dict[AU, float], dict[str, float]]:
    """Lips and jaw while talking: syllables of uneven size, some round, some wide."""
    beat = time_s * _SYLLABLES_PER_S
    size = 0.55 + 0.45 * np.sin(2.4 * np.floor(beat) + 0.7)
    opening = float(size * np.sin(np.pi * (beat % 1.0)) ** 2)
    round_ = float(max(0.0, np.sin(1.3 * beat)))
    units = {AU.AU25: 1.0 + 3.0 * opening, AU.AU26: 3.2 * opening, AU.AU20: 1.2 * (1.0 - round_)}
    return units, {"mouthFunnel": 0.35 * round_, "mouthPucker": 0.2 * round_, "browInnerUp": 0.12}


def _window(time_s: float, start_s: float, end_s: float, *, fade_s: float) -> float:
    """1 inside, 0 outside, with linear edges inside the window."""
    return float(np.clip(min(time_s - start_s, end_s - time_s) / fade_s, 0.0, 1.0))


_SMILE: Final = Expression(
    name="smile",
    kind=Kind.OTHER,
    units={AU.AU12: 3.8, AU.AU6: 2.4, AU.AU25: 1.5},
)
_MODERATE: Final = Expression(
    name="pain",
    kind=Kind.PAIN,
    units={
        AU.AU4: 3.0,
        AU.AU6: 1.8,
        AU.AU7: 2.6,
        AU.AU9: 1.0,
        AU.AU10: 1.6,
        AU.AU20: 0.8,
        AU.AU25: 1.6,
    },
)
_SEVERE: Final = Expression(
    name="pain",
    kind=Kind.PAIN,
    units={
        AU.AU4: 5.0,
        AU.AU6: 4.5,
        AU.AU7: 4.6,
        AU.AU9: 4.2,
        AU.AU10: 4.5,
        AU.AU20: 2.5,
        AU.AU25: 3.5,
        AU.AU26: 2.0,
        AU.AU43: 5.0,
    },
)

DEMO: Final = Storyboard(
    keyframes=(
        Keyframe(at_s=0.0, expression=NEUTRAL),
        Keyframe(at_s=7.4, expression=NEUTRAL),
        Keyframe(at_s=8.1, expression=_SMILE),
        Keyframe(at_s=9.4, expression=_SMILE),
        Keyframe(at_s=10.1, expression=NEUTRAL),
        Keyframe(at_s=10.5, expression=NEUTRAL),
        Keyframe(at_s=11.2, expression=_MODERATE),
        Keyframe(at_s=15.5, expression=_MODERATE),
        Keyframe(at_s=16.1, expression=_SEVERE),
        Keyframe(at_s=20.5, expression=_SEVERE),
        Keyframe(at_s=21.9, expression=NEUTRAL),
    ),
    segments=(
        Segment(scene="neutral", start_s=0.0, end_s=5.0, level=0.0),
        Segment(scene="talking", start_s=5.0, end_s=7.4, level=0.0),
        Segment(scene="smiling", start_s=7.4, end_s=10.1, level=0.0),
        Segment(scene="neutral", start_s=10.1, end_s=10.5, level=0.0),
        Segment(scene="moderate", start_s=10.5, end_s=15.5, level=round(_MODERATE.level, 2)),
        Segment(scene="severe", start_s=15.5, end_s=20.5, level=round(_SEVERE.level, 2)),
        Segment(scene="relief", start_s=20.5, end_s=26.0, level=0.0),
    ),
    talks_s=(5.0, 7.4),
    blinks_s=(1.6, 3.9, 6.2, 9.9, 22.8, 25.0),
)
