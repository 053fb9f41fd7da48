"""The repertoire ``full``: what a care home's faces do beyond the repertoire ``v0``.

It adds three hard negatives (chewing, squinting into light, sneezing), each action unit alone,
speech while in pain, and lasting traits of a person: a face weak on one side as after a stroke,
the reduced expression of Parkinson's disease, a mouth without teeth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from pain.scales import LEVEL_MAX
from train.residents.expression import Expression, Kind
from train.residents.repertoire import (
    HARD_NEGATIVES,
    NEUTRAL_SHARE,
    PAIN_SHARE,
    draw_named,
    draw_pain,
)

AU = ActionUnit
Drawn = tuple[dict[ActionUnit, float], dict[str, float]]

ALONE: Final = "alone-"
"""Names of faces that move one unit and nothing else, e.g. ``alone-AU4``."""

_ALONE_SHARE: Final = 0.15
_SPEAKING_SHARE: Final = 1 / 6
_STROKE_SHARE: Final = 0.07
_PARKINSON_SHARE: Final = 0.10
_TOOTHLESS_SHARE: Final = 0.15
_RATER_SD_AT_ENDS: Final = 0.4
_RATER_SD_IN_MIDDLE: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What lasts in a face and changes all that it shows.

    Attributes:
        palsy: -1..1; positive weakens the face's right side, as after a stroke.
        masking: 0..1, share of every movement that is lost, as in Parkinson's disease.
        toothless: no teeth; lips fall inwards.
    """

    palsy: float = 0.0
    masking: float = 0.0
    toothless: bool = False


def draw_traits(rng: np.random.Generator) -> Traits:
    """Most people have none; about 7 % a palsy, 10 % masking, 15 % no teeth."""
    palsied, masked, toothless = rng.random(3) < (_STROKE_SHARE, _PARKINSON_SHARE, _TOOTHLESS_SHARE)
    side = float(rng.choice([-1.0, 1.0]))
    palsy, masking = side * float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.35, 0.7))
    return Traits(
        palsy=palsy if palsied else 0.0,
        masking=masking if masked else 0.0,
        toothless=bool(toothless),
    )


def as_shown(expression: Expression, traits: Traits) -> Expression:
    """What a person with these traits shows instead of an expression.

    Masking shrinks the units themselves, so PSPI and level fall with it: the level is what the
    face shows, not what the person feels. The lids still close in full.

    Args:
        expression: what the muscles of a healthy face would show.
        traits: of the person.
    """
    left = 1.0 - traits.masking
    units = {u: v if u is AU.AU43 else round(left * v, 3) for u, v in expression.units.items()}
    extra = {name: left * value for name, value in expression.extra.items()}
    if traits.masking:
        # Parted lips and a stare.
        extra["jawOpen"] = extra.get("jawOpen", 0.0) + 0.04
        if AU.AU43 not in units:
            _sided(extra, "eyeWide", 0.12)
    if traits.palsy:
        weak = "Right" if traits.palsy > 0 else "Left"
        droop = abs(traits.palsy)
        extra[f"mouthFrown{weak}"] = min(1.0, extra.get(f"mouthFrown{weak}", 0.0) + 0.45 * droop)
        extra[f"browDown{weak}"] = extra.get(f"browDown{weak}", 0.0) + 0.12 * droop
    if traits.toothless:
        for name, value in (("mouthRollUpper", 0.45), ("mouthRollLower", 0.40)):
            extra[name] = max(extra.get(name, 0.0), value)
    asymmetry = traits.palsy or expression.asymmetry
    return replace(expression, units=units, extra=extra, asymmetry=asymmetry)


def rated_level(level: float, rng: np.random.Generator) -> int:
    """Level 0..6 as one human rater would write it down: a whole number near the true one.

    The rater errs with a standard deviation of 0.4 levels at both ends of the scale and 0.8 in the
    middle, and never leaves it. The size is our assumption, not a measured figure.
    """
    middle = float(np.sin(np.pi * level / LEVEL_MAX))
    spread = _RATER_SD_AT_ENDS + (_RATER_SD_IN_MIDDLE - _RATER_SD_AT_ENDS) * middle
    return int(np.clip(np.rint(level + rng.normal(0.0, spread)), 0.0, LEVEL_MAX))


def draw_everyday(count: int, rng: np.random.Generator) -> list[Expression]:
    """Expressions of one person before their traits: the first neutral, then by share.

    Over many people 20 % are neutral, 40 % pain (a sixth of it speaking) and 40 % not pain (about
    one in seven of them a unit alone).
    """
    drawn = [draw_everyday_named("neutral", rng)]
    left = max(count - 1, 1)
    neutral = max(0.0, NEUTRAL_SHARE * count - 1.0) / left
    pain = PAIN_SHARE * count / left
    names = sorted(EVERYDAY_NEGATIVES)
    for _ in range(count - 1):
        ticket = rng.random()
        if ticket < neutral:
            name = "neutral"
        elif ticket < neutral + pain:
            name = "pain-talk" if rng.random() < _SPEAKING_SHARE else "pain"
        elif rng.random() < _ALONE_SHARE:
            name = f"{ALONE}{list(AU)[int(rng.integers(len(AU)))].value}"
        else:
            name = names[int(rng.integers(len(names)))]
        drawn.append(draw_everyday_named(name, rng))
    return drawn


def draw_everyday_named(name: str, rng: np.random.Generator) -> Expression:
    """An expression by name: those of ``v0``, ``pain-talk``, the additions, ``alone-AU4`` etc.

    Raises:
        KeyError: no such name.
    """
    if name == "pain-talk":
        return _pain_talk(rng)
    if name.startswith(ALONE):
        return _alone(AU(name.removeprefix(ALONE)), rng)
    if name not in _ADDED:
        return draw_named(name, rng)
    units, extra = _ADDED[name](rng)
    strengths = {unit: round(float(value), 3) for unit, value in units.items() if value > 0.0}
    return Expression(
        name=name,
        kind=Kind.OTHER,
        units=strengths,
        extra=extra,
        asymmetry=float(np.clip(rng.normal(0.0, 0.07), -0.2, 0.2)),
    )


def _pain_talk(rng: np.random.Generator) -> Expression:
    """Words from a face in pain: upper face and nose as they are, lips and jaw of speech."""
    pain, speech = draw_pain(rng), draw_named("talk", rng)
    units = dict(pain.units)
    for unit in (AU.AU20, AU.AU25, AU.AU26):
        spoken = speech.units.get(unit, 0.0)
        if spoken:
            units[unit] = max(units.get(unit, 0.0), spoken)
    mouth = {k: v for k, v in speech.extra.items() if k.startswith("mouth")}
    return replace(pain, name="pain-talk", units=units, extra={**pain.extra, **mouth})


def _alone(unit: ActionUnit, rng: np.random.Generator) -> Expression:
    """One unit moved by habit or on purpose: no pain, whatever its strength."""
    units = {unit: round(float(rng.uniform(0.5, AU_MAX)), 3)}
    return Expression(name=f"{ALONE}{unit.value}", kind=Kind.OTHER, units=units)


def _chew(rng: np.random.Generator) -> Drawn:
    """Closed lips, a jaw that grinds sideways, at times a full cheek or an open bite."""
    side = "Left" if rng.random() < 0.5 else "Right"  # noqa: PLR2004
    extra = {
        f"jaw{side}": float(rng.uniform(0.2, 0.9)),
        f"mouth{side}": float(rng.uniform(0.0, 0.5)),
        "cheekPuff": float(rng.uniform(0.0, 0.35)),
        "mouthRollLower": float(rng.uniform(0.0, 0.4)),
    }
    if rng.random() < 0.35:  # noqa: PLR2004
        return {AU.AU25: rng.uniform(0.5, 2.5), AU.AU26: rng.uniform(0.5, 2.5)}, extra
    jaw = float(rng.uniform(0.05, 0.30))
    # Lips stay shut over the opening jaw.
    return {}, extra | {"jawOpen": jaw, "mouthClose": 0.9 * jaw}


def _squint(rng: np.random.Generator) -> Drawn:
    """Into the sun: lids and cheeks narrow the eyes, brows shade them, the lip may follow."""
    strength = rng.uniform(1.5, 5.0)
    units = {
        AU.AU7: strength,
        AU.AU6: strength * rng.uniform(0.2, 0.9),
        AU.AU4: strength * rng.uniform(0.2, 0.8),
    }
    if rng.random() < 0.4:  # noqa: PLR2004
        units[AU.AU10] = rng.uniform(0.3, 1.8)
        units[AU.AU25] = rng.uniform(0.5, 1.5)
    return units, {}


def _sneeze(rng: np.random.Generator) -> Drawn:
    """Before it the brows rise and the mouth opens, in it lids, nose and lip are pressed up."""
    if rng.random() < 0.4:  # noqa: PLR2004
        extra = {"browInnerUp": float(rng.uniform(0.3, 0.9))}
        units = {AU.AU25: rng.uniform(2.0, 4.0), AU.AU26: rng.uniform(1.0, 4.0)}
        return units | {AU.AU43: rng.uniform(2.0, 5.0), AU.AU9: rng.uniform(0.0, 2.0)}, extra
    units = {
        AU.AU43: AU_MAX,
        AU.AU4: rng.uniform(1.0, 4.0),
        AU.AU6: rng.uniform(1.0, 4.0),
        AU.AU7: rng.uniform(2.0, 5.0),
        AU.AU9: rng.uniform(1.5, 5.0),
        AU.AU10: rng.uniform(0.5, 3.0),
    }
    if rng.random() < 0.5:  # noqa: PLR2004
        return units | {AU.AU25: rng.uniform(1.0, 4.0), AU.AU26: rng.uniform(0.5, 3.0)}, {}
    return units, {"mouthPucker": float(rng.uniform(0.1, 0.4))}


_ADDED: Final[Mapping[str, Callable[[np.random.Generator], Drawn]]] = {
    "chew": _chew,
    "sneeze": _sneeze,
    "squint": _squint,
}

EVERYDAY_NEGATIVES: Final = frozenset({*HARD_NEGATIVES, *_ADDED})
"""What is mistaken for pain in the repertoire ``full``; each has its true AUs and level 0."""


def _sided(extra: dict[str, float], action: str, value: float) -> None:
    for side in ("Left", "Right"):
        extra[f"{action}{side}"] = max(extra.get(f"{action}{side}", 0.0), value)
