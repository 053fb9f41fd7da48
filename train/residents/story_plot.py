"""Draws a story at random: what happens, when, for how long and how strongly.

Lengths of onset (0.3 to 1 s), offset (0.5 to 3 s) and apex (a fraction of a second to minutes) are
our assumptions, as are the shares of what happens; they are no findings about residents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pain.action_units import ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX
from pain.values import HeadPose
from train.residents.dynamics import (
    BLINKS_PER_MIN_AT_REST,
    BLINKS_PER_MIN_TALKING,
    Envelope,
    Rhythm,
    Swell,
    blink,
    draw_drift,
    draw_gaze,
    draw_voice,
    next_blink_s,
)
from train.residents.everyday import ALONE, Traits, draw_everyday_named
from train.residents.expression import NEUTRAL, Expression, Kind
from train.residents.figure import FACING
from train.residents.story import Episode, Story, Turn

AU = ActionUnit

SHORTEST_S: Final = 10.0
PAIN_ONSET_S: Final = (0.3, 1.0)
PAIN_OFFSET_S: Final = (0.5, 3.0)

_TAIL_S: Final = 1.5
_PAIN_SHARE: Final = 0.5
_TALK_SHARE: Final = 0.14
_SPEAKING_SHARE: Final = 1 / 6
_BANDS: Final = 5
_TRIES: Final = 400
_LONGEST_SHARE: Final = 0.3
_LONG_S: Final = 8.0
_SQUEEZED: Final = 2.5
_TURNS_PER_S: Final = 1 / 35.0
_PAIN_HOLDS_S: Final = ((0.4, 1.5), (1.5, 10.0), (10.0, 120.0))
_PAIN_HOLD_SHARES: Final = (0.35, 0.45, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """Ranges in seconds of onset, apex and offset, and the head's turn at the height."""

    onset_s: tuple[float, float]
    hold_s: tuple[float, float]
    offset_s: tuple[float, float]
    head: HeadPose = FACING
    share: float = 1.0


def _bowed(pitch_deg: float, roll_deg: float = 0.0) -> HeadPose:
    return HeadPose(yaw_deg=0.0, pitch_deg=pitch_deg, roll_deg=roll_deg)


_MANNERS: Final[Mapping[str, _Manner]] = {
    "chew": _Manner(onset_s=(0.4, 0.8), hold_s=(4.0, 20.0), offset_s=(0.4, 1.0)),
    "disgust": _Manner(onset_s=(0.4, 0.9), hold_s=(0.6, 3.0), offset_s=(0.6, 1.5),
                       head=HeadPose(yaw_deg=8.0, pitch_deg=2.0, roll_deg=0.0)),
    "laugh": _Manner(onset_s=(0.4, 0.9), hold_s=(1.0, 4.0), offset_s=(0.8, 2.0), head=_bowed(4.0)),
    "sad": _Manner(onset_s=(0.8, 2.0), hold_s=(3.0, 15.0), offset_s=(1.0, 3.0), head=_bowed(-5.0)),
    "sleep": _Manner(onset_s=(0.8, 2.0), hold_s=(8.0, 60.0), offset_s=(0.5, 1.5),
                     head=_bowed(-4.0, 9.0), share=0.7),
    "smile": _Manner(onset_s=(0.5, 1.2), hold_s=(1.0, 6.0), offset_s=(0.8, 2.5)),
    "sneeze": _Manner(onset_s=(0.3, 0.5), hold_s=(0.3, 0.7), offset_s=(0.5, 1.0),
                      head=_bowed(-9.0)),
    "squint": _Manner(onset_s=(0.4, 1.0), hold_s=(1.0, 10.0), offset_s=(0.5, 1.5)),
    "surprise": _Manner(onset_s=(0.3, 0.6), hold_s=(0.6, 2.0), offset_s=(0.6, 1.5),
                        head=_bowed(4.0)),
    "yawn": _Manner(onset_s=(0.9, 1.8), hold_s=(1.2, 3.0), offset_s=(0.7, 1.5), head=_bowed(6.0)),
    ALONE: _Manner(onset_s=(0.4, 1.0), hold_s=(0.8, 5.0), offset_s=(0.5, 1.5), share=0.7),
}  # fmt: skip


def draw_story(
    rng: np.random.Generator, *, duration_s: float, traits: Traits | None = None
) -> Story:
    """A story that begins and ends neutral.

    About half of the episodes are pain, whose levels are spread over five bands of 0..6 in turn;
    the rest is talk and the hard negatives of ``everyday``. Blinks come at 17 a minute at rest and
    26 in speech, fewer with a masked face, none while asleep or squeezed shut.

    Args:
        rng: source of chance; the same state gives the same story.
        duration_s: at least ``SHORTEST_S``.
        traits: of the person; none when None.

    Raises:
        DataError: the story is too short for anything to happen.
    """
    if duration_s < SHORTEST_S:
        raise DataError(f"a story of {duration_s:g} s is too short: it needs {SHORTEST_S:g} s")
    traits = traits or Traits()
    rest = _draw_rest(rng)
    episodes = tuple(_draw_episodes(duration_s, rng))
    phrases = tuple(_draw_phrases(episodes, rng))
    shuts = tuple(_draw_shuts(episodes, rng))
    mute = Story(
        duration_s=duration_s,
        rest=rest,
        episodes=tuple(_left_open(episode) for episode in episodes),
        phrases=phrases,
        shuts=shuts,
        blinks=(),
        turns=tuple(_draw_turns(duration_s, rng)),
        voice=draw_voice(rng),
        gaze=draw_gaze(duration_s, rng),
        drift=draw_drift(rng),
        breaths_per_s=float(rng.uniform(12.0, 20.0)) / 60.0,
        breath_phase=float(rng.uniform(0.0, 2.0 * np.pi)),
        traits=traits,
    )
    return replace(mute, blinks=tuple(_draw_blinks(mute, rng)))


def _draw_rest(rng: np.random.Generator) -> Expression:
    drawn = draw_everyday_named("neutral", rng)
    asymmetry = float(np.clip(rng.normal(0.0, 0.07), -0.2, 0.2))
    return replace(_gazeless(drawn), asymmetry=asymmetry)


def _gazeless(face: Expression) -> Expression:
    """A face whose eyes are left to the story's gaze."""
    extra = {name: v for name, v in face.extra.items() if not name.startswith("eyeLook")}
    return replace(face, extra=extra)


def _left_open(episode: Episode) -> Episode:
    """An episode of pain whose lids are left to the story's ``shuts``."""
    if episode.face.kind is not Kind.PAIN:
        return episode
    units = dict(episode.face.units)
    units.pop(AU.AU43, None)
    return replace(episode, face=replace(episode.face, units=units))


def _draw_episodes(duration_s: float, rng: np.random.Generator) -> Iterator[Episode]:
    """Episodes with neutral times between them, the last over before the tail."""
    bands = _bands(rng)
    now_s = float(rng.uniform(1.5, 6.0))
    ends_s = duration_s - _TAIL_S
    while True:
        episode = _draw_episode(now_s, _LONGEST_SHARE * duration_s, bands, rng)
        late_s = episode.course.end_s - ends_s
        if late_s > 0.0:
            # The last episode is cut short or, if nothing of it is left, does not happen.
            hold = episode.course.hold_s - late_s
            if hold <= 0.0:
                return
            episode = replace(episode, course=replace(episode.course, hold_s=hold))
        yield episode
        now_s = episode.course.end_s + float(np.clip(rng.lognormal(1.4, 0.7), 1.0, 20.0))


def _bands(rng: np.random.Generator) -> Iterator[int]:
    """Bands of pain levels, every one once before any comes again."""
    while True:
        yield from (int(band) for band in rng.permutation(_BANDS))


def _draw_episode(
    start_s: float, longest_s: float, bands: Iterator[int], rng: np.random.Generator
) -> Episode:
    ticket = rng.random()
    if ticket < _PAIN_SHARE:
        return _draw_pain(start_s, longest_s, next(bands), rng)
    if ticket < _PAIN_SHARE + _TALK_SHARE:
        face = replace(NEUTRAL, name="talk", kind=Kind.OTHER)
        course = _course(start_s, _Manner(onset_s=(0.3, 0.5), hold_s=(2.0, 15.0),
                                          offset_s=(0.3, 0.5)), longest_s, rng)  # fmt: skip
        return Episode(face=face, course=course)
    shares = np.array([manner.share for manner in _MANNERS.values()])
    name = str(rng.choice(list(_MANNERS), p=shares / shares.sum()))
    full_name = f"{name}{list(AU)[int(rng.integers(len(AU)))].value}" if name == ALONE else name
    face = _gazeless(draw_everyday_named(full_name, rng))
    manner = _MANNERS[name]
    side = float(rng.choice([-1.0, 1.0]))
    return Episode(
        face=face,
        course=_course(start_s, manner, longest_s, rng),
        rhythm=_draw_rhythm(name, rng),
        head=replace(
            manner.head,
            yaw_deg=side * manner.head.yaw_deg,
            roll_deg=side * manner.head.roll_deg,
        ),
    )


def _draw_pain(start_s: float, longest_s: float, band: int, rng: np.random.Generator) -> Episode:
    name = "pain-talk" if rng.random() < _SPEAKING_SHARE else "pain"
    face = _gazeless(_pain_within(band, name, rng))
    reach = _PAIN_HOLDS_S[int(rng.choice(len(_PAIN_HOLDS_S), p=_PAIN_HOLD_SHARES))]
    hold = min(float(np.exp(rng.uniform(*np.log(reach)))), longest_s)
    course = Envelope(
        start_s=start_s,
        onset_s=float(rng.uniform(*PAIN_ONSET_S)),
        hold_s=hold,
        offset_s=float(rng.uniform(*PAIN_OFFSET_S)),
    )
    deep = rng.uniform(0.2, 0.6) if hold > _LONG_S else rng.uniform(0.03, 0.15)
    severity = face.level / LEVEL_MAX
    yaw, roll = rng.choice([-1.0, 1.0], 2) * rng.uniform((2.0, 1.0), (11.0, 6.0)) * severity
    return Episode(
        face=face,
        course=course,
        swell=Swell(depth=float(deep), period_s=float(rng.uniform(4.0, 15.0))),
        # Drawn back into the pillow, at times bowed.
        head=HeadPose(
            yaw_deg=float(yaw),
            pitch_deg=float(rng.uniform(-5.0, 8.0)) * severity,
            roll_deg=float(roll),
        ),
    )


def _pain_within(band: int, name: str, rng: np.random.Generator) -> Expression:
    """A face of pain whose level lies in a band, the nearest of many where none does."""
    width = LEVEL_MAX / _BANDS
    middle = (band + 0.5) * width
    nearest = draw_everyday_named(name, rng)
    for _ in range(_TRIES):
        if abs(nearest.level - middle) <= width / 2.0:
            return nearest
        drawn = draw_everyday_named(name, rng)
        if abs(drawn.level - middle) < abs(nearest.level - middle):
            nearest = drawn
    return nearest


def _course(
    start_s: float, manner: _Manner, longest_s: float, rng: np.random.Generator
) -> Envelope:
    return Envelope(
        start_s=start_s,
        onset_s=float(rng.uniform(*manner.onset_s)),
        hold_s=min(float(rng.uniform(*manner.hold_s)), longest_s),
        offset_s=float(rng.uniform(*manner.offset_s)),
    )


def _draw_rhythm(name: str, rng: np.random.Generator) -> Rhythm | None:
    if name == "chew":
        return Rhythm(rate_hz=float(rng.uniform(1.0, 1.6)), depth=0.9)
    if name == "laugh":
        return Rhythm(rate_hz=float(rng.uniform(2.5, 4.0)), depth=float(rng.uniform(0.1, 0.3)))
    return None


def _draw_phrases(episodes: tuple[Episode, ...], rng: np.random.Generator) -> Iterator[Envelope]:
    """Phrases of one to four seconds with pauses, wherever somebody talks."""
    for episode in episodes:
        if not episode.face.name.endswith("talk"):
            continue
        now_s, ends_s = episode.course.apex_s
        while ends_s - now_s > 0.8:  # noqa: PLR2004  (shorter is a word that nobody sees)
            length = min(float(rng.uniform(1.0, 4.0)), ends_s - now_s)
            yield Envelope(start_s=now_s, onset_s=0.25, hold_s=length - 0.5, offset_s=0.25)
            now_s += length + float(rng.uniform(0.2, 1.0))


def _draw_shuts(episodes: tuple[Episode, ...], rng: np.random.Generator) -> Iterator[Envelope]:
    """Eyes squeezed shut in pain: throughout when it is short, in spells when it is long."""
    for episode in episodes:
        face = episode.face
        if face.kind is not Kind.PAIN or AU.AU43 not in face.units:
            continue
        course = episode.course
        fade_in, fade_out = min(course.onset_s, 0.4), min(course.offset_s, 0.5)
        now_s = course.apex_s[0] - fade_in
        while course.apex_s[1] - now_s > fade_in:
            left = course.apex_s[1] - now_s - fade_in
            hold = left if left < _LONG_S else float(rng.uniform(2.0, 6.0))
            spell = Envelope(start_s=now_s, onset_s=fade_in, hold_s=hold, offset_s=fade_out)
            yield spell
            now_s = spell.end_s + float(rng.uniform(0.8, 4.0))


def _draw_turns(duration_s: float, rng: np.random.Generator) -> Iterator[Turn]:
    """Now and then the head looks somewhere else for some seconds, whatever the face does."""
    now_s = float(rng.exponential(1.0 / _TURNS_PER_S))
    while True:
        course = Envelope(
            start_s=now_s,
            onset_s=float(rng.uniform(1.0, 2.0)),
            hold_s=float(rng.uniform(1.5, 8.0)),
            offset_s=float(rng.uniform(1.0, 2.5)),
        )
        if course.end_s > duration_s:
            return
        yaw = float(rng.choice([-1.0, 1.0]) * rng.uniform(12.0, 34.0))
        yield Turn(
            course=course,
            to=HeadPose(yaw_deg=yaw, pitch_deg=float(rng.uniform(-6.0, 3.0)), roll_deg=0.0),
        )
        now_s = course.end_s + float(rng.exponential(1.0 / _TURNS_PER_S))


def _draw_blinks(story: Story, rng: np.random.Generator) -> Iterator[Envelope]:
    liveliness = 1.0 - story.traits.masking
    now_s = next_blink_s(0.0, BLINKS_PER_MIN_AT_REST * liveliness, rng)
    while now_s < story.duration_s:
        face = story.expression_at(now_s)
        talking = any(phrase.at(now_s) > 0.0 for phrase in story.phrases)
        squeezed = max(face.units.get(AU.AU43, 0.0), face.units.get(AU.AU7, 0.0)) > _SQUEEZED
        if not squeezed:
            yield blink(now_s)
        rate = BLINKS_PER_MIN_TALKING if talking else BLINKS_PER_MIN_AT_REST
        now_s = next_blink_s(now_s, rate * liveliness, rng)
