"""Draws expressions: pain of every level and shape, neutral, and what is mistaken for pain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from train.residents.expression import Expression, Kind

AU = ActionUnit

PAIN_SHARE: Final = 0.4
NEUTRAL_SHARE: Final = 0.2

_PALSY_SHARE: Final = 0.06
_SINGLE_UNIT_SHARE: Final = 0.15
_GAZES: Final = (
    ("eyeLookDownLeft", "eyeLookDownRight"),
    ("eyeLookUpLeft", "eyeLookUpRight"),
    ("eyeLookInLeft", "eyeLookOutRight"),
    ("eyeLookOutLeft", "eyeLookInRight"),
)


def draw_expressions(count: int, rng: np.random.Generator) -> list[Expression]:
    """Expressions of one person: one neutral first when there is more than one, then by share.

    Over many people 20 % are neutral, 40 % pain and 40 % hard negatives.
    """
    neutral_first = count > 1
    rest = count - neutral_first
    neutral_share = max(0.0, NEUTRAL_SHARE * count - neutral_first) / rest
    pain_share = PAIN_SHARE * count / rest
    drawn = [draw_neutral(rng)] if neutral_first else []
    for _ in range(rest):
        ticket = rng.random()
        if ticket < neutral_share:
            drawn.append(draw_neutral(rng))
        elif ticket < neutral_share + pain_share:
            drawn.append(draw_pain(rng))
        else:
            drawn.append(draw_other(rng))
    return drawn


def draw_neutral(rng: np.random.Generator) -> Expression:
    """A face at rest, with a gaze, slack lids and the small pulls that no rater would code."""
    extra = _resting(rng)
    return Expression(name="neutral", kind=Kind.NEUTRAL, extra=extra, asymmetry=_asymmetry(rng))


def draw_pain(rng: np.random.Generator) -> Expression:
    """Pain of a level spread evenly over 0..6, its units shared out anew for every face.

    Units are not one drive: the three PSPI parts get random shares, within a part a random unit
    leads, and about one face in seven shows one part alone.
    """
    severity = rng.uniform(0.04, 1.0)
    total = 15.0 * severity
    single = _chance(_SINGLE_UNIT_SHARE, rng)
    shares = np.eye(3)[rng.integers(3)] if single else rng.dirichlet([1.6, 1.6, 1.6])
    brow, orbit, levator = (float(part) for part in _share_out(total, shares, AU_MAX))
    units = {AU.AU4: brow}
    units |= _pair(AU.AU6, AU.AU7, orbit, rng)
    units |= _pair(AU.AU9, AU.AU10, levator, rng)
    if _chance(0.05 + 0.6 * severity, rng):
        units[AU.AU43] = AU_MAX
    if _chance(0.2 + 0.4 * severity, rng):
        units[AU.AU20] = float(rng.uniform(0.5, 5.0) * (0.3 + 0.7 * severity))
    if _chance(0.25 + 0.5 * severity, rng):
        units |= _open_mouth(rng.random() * (0.3 + 0.7 * severity))
    extra = _resting(rng)
    if _chance(0.3, rng):
        _sided(extra, "mouthFrown", float(rng.uniform(0.1, 0.7)))
    if AU.AU25 not in units and _chance(0.25, rng):
        _sided(extra, "mouthPress", float(rng.uniform(0.2, 0.8)))
    return Expression(
        name="pain",
        kind=Kind.PAIN,
        units=_above_zero(units),
        extra=extra,
        asymmetry=_asymmetry(rng),
    )


def draw_other(rng: np.random.Generator) -> Expression:
    """A hard negative, every kind equally often."""
    names = sorted(HARD_NEGATIVES)
    return draw_named(names[int(rng.integers(len(names)))], rng)


def draw_named(name: str, rng: np.random.Generator) -> Expression:
    """An expression by name: ``neutral``, ``pain`` or one of ``HARD_NEGATIVES``.

    Raises:
        KeyError: no such name.
    """
    if name == "neutral":
        return draw_neutral(rng)
    if name == "pain":
        return draw_pain(rng)
    units, extra = HARD_NEGATIVES[name](rng)
    resting = _resting(rng)
    # The drawn expression owns the lids and brows; rest only adds what it does not use.
    merged = {k: v for k, v in resting.items() if not k.startswith(("brow", "eyeWide"))} | extra
    return Expression(
        name=name,
        kind=Kind.OTHER,
        units=_above_zero(units),
        extra=merged,
        asymmetry=_asymmetry(rng),
    )


Drawn = tuple[dict[ActionUnit, float], dict[str, float]]


def _smile(rng: np.random.Generator) -> Drawn:
    strength = rng.uniform(1.5, 5.0)
    units = {AU.AU12: strength, AU.AU6: strength * rng.uniform(0.2, 1.0)}
    if _chance(0.5, rng):
        units[AU.AU25] = float(rng.uniform(1.0, 4.0))
        units[AU.AU10] = float(rng.uniform(0.0, 1.5))
    if _chance(0.4, rng):
        units[AU.AU7] = float(rng.uniform(0.0, 2.5))
    return units, {}


def _laugh(rng: np.random.Generator) -> Drawn:
    units = {
        AU.AU12: rng.uniform(3.0, 5.0),
        AU.AU6: rng.uniform(2.5, 5.0),
        AU.AU7: rng.uniform(0.5, 4.0),
        AU.AU10: rng.uniform(0.0, 2.0),
        **_open_mouth(rng.uniform(0.45, 0.9)),
    }
    if _chance(0.35, rng):
        units[AU.AU43] = AU_MAX
    return units, {}


def _talk(rng: np.random.Generator) -> Drawn:
    units = _open_mouth(rng.uniform(0.05, 0.55))
    extra: dict[str, float] = {}
    match str(rng.choice(["open", "funnel", "pucker", "wide", "closed"])):
        case "funnel":
            extra["mouthFunnel"] = float(rng.uniform(0.2, 0.7))
        case "pucker":
            extra["mouthPucker"] = float(rng.uniform(0.2, 0.7))
        case "wide":
            units[AU.AU20] = float(rng.uniform(0.5, 2.5))
        case "closed":
            units = {}
            extra["mouthRollLower"] = float(rng.uniform(0.1, 0.5))
            extra["mouthRollUpper"] = float(rng.uniform(0.1, 0.4))
        case _:
            units[AU.AU10] = float(rng.uniform(0.3, 1.5))
    if _chance(0.3, rng):
        extra["browInnerUp"] = float(rng.uniform(0.1, 0.6))
    if _chance(0.2, rng):
        units[AU.AU4] = float(rng.uniform(0.5, 2.0))
    return units, extra


def _yawn(rng: np.random.Generator) -> Drawn:
    units = {
        AU.AU25: 5.0,
        AU.AU26: 5.0,
        AU.AU27: rng.uniform(3.0, 5.0),
        AU.AU4: rng.uniform(0.0, 2.0),
        AU.AU7: rng.uniform(0.0, 3.0),
        AU.AU9: rng.uniform(0.0, 1.0),
    }
    if _chance(0.6, rng):
        units[AU.AU43] = AU_MAX
    return units, {}


def _surprise(rng: np.random.Generator) -> Drawn:
    strength = rng.uniform(0.4, 1.0)
    extra = {"browInnerUp": float(strength)}
    _sided(extra, "browOuterUp", float(strength * rng.uniform(0.6, 1.0)))
    _sided(extra, "eyeWide", float(strength * rng.uniform(0.4, 1.0)))
    return _open_mouth(rng.uniform(0.2, 0.7)), extra


def _sad(rng: np.random.Generator) -> Drawn:
    strength = rng.uniform(0.4, 1.0)
    extra = {"browInnerUp": float(strength * rng.uniform(0.6, 1.0))}
    _sided(extra, "mouthFrown", float(strength * rng.uniform(0.5, 1.0)))
    extra["mouthShrugLower"] = float(strength * rng.uniform(0.0, 0.8))
    return {AU.AU4: rng.uniform(0.0, 2.5)}, extra


def _disgust(rng: np.random.Generator) -> Drawn:
    units = _pair(AU.AU9, AU.AU10, float(rng.uniform(0.8, 3.0)), rng)
    extra = {"mouthShrugLower": float(rng.uniform(0.0, 0.7))}
    _sided(extra, "mouthFrown", float(rng.uniform(0.0, 0.5)))
    return units, extra


def _sleep(rng: np.random.Generator) -> Drawn:
    units = {AU.AU43: AU_MAX}
    if _chance(0.4, rng):
        units |= _open_mouth(rng.uniform(0.1, 0.6))
    return units, {}


def _blink(rng: np.random.Generator) -> Drawn:
    return {AU.AU43: rng.uniform(1.0, 5.0)}, {}


HARD_NEGATIVES: Final[Mapping[str, Callable[[np.random.Generator], Drawn]]] = {
    "blink": _blink,
    "disgust": _disgust,
    "laugh": _laugh,
    "sad": _sad,
    "sleep": _sleep,
    "smile": _smile,
    "surprise": _surprise,
    "talk": _talk,
    "yawn": _yawn,
}
"""What is mistaken for pain; each has its true AUs and level 0."""


def _resting(rng: np.random.Generator) -> dict[str, float]:
    extra: dict[str, float] = {}
    if _chance(0.5, rng):
        left, right = _GAZES[int(rng.integers(len(_GAZES)))]
        extra[left] = extra[right] = float(rng.uniform(0.05, 0.45))
    lids = float(rng.uniform(-0.2, 0.22))
    _sided(extra, "eyeBlink" if lids > 0 else "eyeWide", abs(lids))
    if _chance(0.25, rng):
        _sided(extra, "mouthFrown", float(rng.uniform(0.05, 0.3)))
    if _chance(0.15, rng):
        extra["jawOpen"] = float(rng.uniform(0.01, 0.05))
    return extra


def _open_mouth(openness: float) -> dict[ActionUnit, float]:
    """Lips part first, then the jaw drops, then the mouth stretches."""
    return {
        AU.AU25: float(min(5.0, 8.0 * openness)),
        AU.AU26: float(min(5.0, 7.0 * max(openness - 0.1, 0.0))),
        AU.AU27: float(min(5.0, 10.0 * max(openness - 0.5, 0.0))),
    }


def _pair(
    one: ActionUnit, other: ActionUnit, strongest: float, rng: np.random.Generator
) -> dict[ActionUnit, float]:
    lead, follow = (one, other) if _chance(0.5, rng) else (other, one)
    return {lead: strongest, follow: strongest * float(rng.uniform(0.0, 1.0))}


def _share_out(total: float, shares: np.ndarray, limit: float) -> np.ndarray:
    """Parts of ``total`` in proportion to ``shares``, none above ``limit``; spill goes on."""
    parts = np.zeros(len(shares))
    left = min(total, limit * np.count_nonzero(shares))
    open_ = shares > 0
    while left > 1e-9 and open_.any():  # noqa: PLR2004
        weight = np.where(open_, shares, 0.0)
        grown = np.minimum(parts + left * weight / weight.sum(), limit)
        left -= float((grown - parts).sum())
        parts = grown
        open_ &= parts < limit
    return parts


def _chance(share: float, rng: np.random.Generator) -> bool:
    return bool(rng.random() < share)


def _asymmetry(rng: np.random.Generator) -> float:
    if _chance(_PALSY_SHARE, rng):
        return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.35, 0.8))
    return float(np.clip(rng.normal(0.0, 0.07), -0.2, 0.2))


def _sided(extra: dict[str, float], action: str, value: float) -> None:
    extra[f"{action}Left"] = extra[f"{action}Right"] = value


def _above_zero(units: Mapping[ActionUnit, float]) -> dict[ActionUnit, float]:
    rounded = {unit: round(float(value), 3) for unit, value in units.items()}
    return {unit: value for unit, value in rounded.items() if value > 0.0}
