"""The repertoire ``scanned``: pain in the patterns that are described, and more that is no pain.

Kunz and Lautenbacher (2014) found four stable patterns of facial activity in pain, found again in
shoulder patients (2021): brows furrowed with narrowed eyes and wrinkled nose; an open mouth with
narrowed eyes; raised brows; brows furrowed with narrowed eyes. Narrowed eyes are common to all.
Smiles blend in (AU12), and in people with dementia AU20 tells most (Atee et al. 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from train.residents.everyday import ALONE, EVERYDAY_NEGATIVES, draw_everyday_named
from train.residents.expression import Expression, Kind
from train.residents.repertoire import NEUTRAL_SHARE, PAIN_SHARE

AU = ActionUnit
Drawn = tuple[dict[ActionUnit, float], dict[str, float]]

_STOIC_SHARE: Final = 0.12
_STOIC_LEFT: Final = 0.35
"""Share of the movement that stoic faces show; the level falls with it."""

_ANY_SHARE: Final = 0.25
"""Share of pain whose units are shared out anew, as in the other repertoires."""

_ALONE_SHARE: Final = 0.10

_TICKETS: Final[Mapping[str, int]] = {
    "laugh": 2,
    "pain-bared": 2,
    "pain-crying": 2,
    "pain-furrowed": 2,
    "pain-wrinkled": 2,
    "shout": 3,
    "smile": 3,
    "talk": 3,
}
"""How often a name is drawn against the others: what people do most, and what is mistaken most."""


def draw_patterns(count: int, rng: np.random.Generator) -> list[Expression]:
    """Expressions of one person before their traits: the first neutral, then by share.

    Over many people 20 % are neutral, 40 % pain and 40 % not pain.
    """
    drawn = [draw_pattern("neutral", rng)]
    left = max(count - 1, 1)
    neutral = max(0.0, NEUTRAL_SHARE * count - 1.0) / left
    pain = PAIN_SHARE * count / left
    names = [name for name in sorted(PATTERN_NEGATIVES) for _ in range(_TICKETS.get(name, 1))]
    pains = [name for name in sorted(PAIN_PATTERNS) for _ in range(_TICKETS.get(name, 1))]
    for _ in range(count - 1):
        ticket = rng.random()
        if ticket < neutral:
            name = "neutral"
        elif ticket < neutral + pain:
            name = "pain" if rng.random() < _ANY_SHARE else pains[int(rng.integers(len(pains)))]
        elif rng.random() < _ALONE_SHARE:
            name = f"{ALONE}{list(AU)[int(rng.integers(len(AU)))].value}"
        else:
            name = names[int(rng.integers(len(names)))]
        drawn.append(draw_pattern(name, rng))
    return drawn


def draw_pattern(name: str, rng: np.random.Generator) -> Expression:
    """An expression by name: those of ``full``, the patterns of pain, ``frown`` and ``shout``.

    Raises:
        KeyError: no such name.
    """
    if name in PAIN_PATTERNS:
        severity = float(rng.uniform(0.15, 1.0))
        if rng.random() < _STOIC_SHARE:
            severity *= _STOIC_LEFT
        units, extra = PAIN_PATTERNS[name](severity, rng)
        if rng.random() < 0.05 + 0.5 * severity:
            units[AU.AU43] = AU_MAX
        if rng.random() < 0.25:  # noqa: PLR2004
            units[AU.AU12] = float(rng.uniform(0.5, 3.0)) * severity
        return _expression(name, Kind.PAIN, units, extra, rng)
    if name in _ADDED:
        return _expression(name, Kind.OTHER, *_ADDED[name](rng), rng)
    found = draw_everyday_named(name, rng)
    return replace(found, units=dict(found.units))


def _expression(
    name: str,
    kind: Kind,
    units: Mapping[ActionUnit, float],
    extra: Mapping[str, float],
    rng: np.random.Generator,
) -> Expression:
    return Expression(
        name=name,
        kind=kind,
        units={u: round(float(min(v, AU_MAX)), 3) for u, v in units.items() if v > 0.0},
        extra=extra,
        asymmetry=float(np.clip(rng.normal(0.0, 0.09), -0.25, 0.25)),
    )


def _strength(severity: float, least: float, rng: np.random.Generator) -> float:
    return float(AU_MAX * severity * rng.uniform(least, 1.15))


def _wrinkled(severity: float, rng: np.random.Generator) -> Drawn:
    return {
        AU.AU4: _strength(severity, 0.6, rng),
        AU.AU6: _strength(severity, 0.3, rng),
        AU.AU7: _strength(severity, 0.6, rng),
        AU.AU9: _strength(severity, 0.5, rng),
        AU.AU10: _strength(severity, 0.2, rng),
    }, {}


def _open(severity: float, rng: np.random.Generator) -> Drawn:
    units = {
        AU.AU6: _strength(severity, 0.3, rng),
        AU.AU7: _strength(severity, 0.6, rng),
        AU.AU25: _strength(severity, 0.6, rng),
        AU.AU26: _strength(severity, 0.4, rng),
    }
    if rng.random() < 0.4:  # noqa: PLR2004
        units[AU.AU27] = _strength(severity, 0.2, rng)
    if rng.random() < 0.6:  # noqa: PLR2004
        units[AU.AU4] = _strength(severity, 0.2, rng)
    if rng.random() < 0.5:  # noqa: PLR2004
        units[AU.AU10] = _strength(severity, 0.2, rng)
    return units, {}


def _raised(severity: float, rng: np.random.Generator) -> Drawn:
    extra = {"browInnerUp": severity * float(rng.uniform(0.4, 1.0))}
    units = {AU.AU7: _strength(severity, 0.5, rng), AU.AU6: _strength(severity, 0.2, rng)}
    if rng.random() < 0.5:  # noqa: PLR2004
        units[AU.AU4] = _strength(severity, 0.2, rng)
    if rng.random() < 0.4:  # noqa: PLR2004
        units[AU.AU25] = _strength(severity, 0.3, rng)
        units[AU.AU26] = _strength(severity, 0.1, rng)
    return units, extra


def _furrowed(severity: float, rng: np.random.Generator) -> Drawn:
    extra: dict[str, float] = {}
    if rng.random() < 0.3:  # noqa: PLR2004
        _sided(extra, "mouthPress", float(rng.uniform(0.2, 0.8)))
    return {
        AU.AU4: _strength(severity, 0.6, rng),
        AU.AU6: _strength(severity, 0.4, rng),
        AU.AU7: _strength(severity, 0.6, rng),
    }, extra


def _bared(severity: float, rng: np.random.Generator) -> Drawn:
    """Teeth bared: everything at once, at times with the corners drawn up or aside."""
    units = {
        AU.AU4: _strength(severity, 0.5, rng),
        AU.AU6: _strength(severity, 0.6, rng),
        AU.AU7: _strength(severity, 0.6, rng),
        AU.AU9: _strength(severity, 0.4, rng),
        AU.AU10: _strength(severity, 0.5, rng),
        AU.AU25: _strength(severity, 0.5, rng),
    }
    if rng.random() < 0.6:  # noqa: PLR2004
        units[AU.AU20] = _strength(severity, 0.3, rng)
    if rng.random() < 0.5:  # noqa: PLR2004
        units[AU.AU26] = _strength(severity, 0.1, rng)
    return units, {}


def _crying(severity: float, rng: np.random.Generator) -> Drawn:
    extra = {"mouthShrugLower": severity * float(rng.uniform(0.0, 0.9))}
    extra["browInnerUp"] = severity * float(rng.uniform(0.0, 0.8))
    _sided(extra, "mouthFrown", severity * float(rng.uniform(0.0, 1.0)))
    units = {
        AU.AU4: _strength(severity, 0.4, rng),
        AU.AU6: _strength(severity, 0.5, rng),
        AU.AU7: _strength(severity, 0.6, rng),
    }
    if rng.random() < 0.6:  # noqa: PLR2004
        units[AU.AU20] = _strength(severity, 0.3, rng)
        units[AU.AU25] = _strength(severity, 0.4, rng)
    if rng.random() < 0.4:  # noqa: PLR2004
        units[AU.AU10] = _strength(severity, 0.3, rng)
    return units, extra


def _moaning(severity: float, rng: np.random.Generator) -> Drawn:
    return {
        AU.AU4: _strength(severity, 0.3, rng),
        AU.AU6: _strength(severity, 0.4, rng),
        AU.AU7: _strength(severity, 0.7, rng),
        AU.AU10: _strength(severity, 0.2, rng),
        AU.AU25: AU_MAX,
        AU.AU26: _strength(severity, 0.7, rng),
        AU.AU27: _strength(severity, 0.5, rng),
    }, {}


PAIN_PATTERNS: Final[Mapping[str, Callable[[float, np.random.Generator], Drawn]]] = {
    "pain-bared": _bared,
    "pain-crying": _crying,
    "pain-furrowed": _furrowed,
    "pain-moaning": _moaning,
    "pain-open": _open,
    "pain-raised": _raised,
    "pain-wrinkled": _wrinkled,
}
"""Units and further actions by name, for a severity 0..1."""


def _frown(rng: np.random.Generator) -> Drawn:
    """Stern, angry or thinking hard: the brows work, the eyes stay open."""
    extra: dict[str, float] = {}
    if rng.random() < 0.6:  # noqa: PLR2004
        _sided(extra, "mouthPress", float(rng.uniform(0.1, 0.8)))
    if rng.random() < 0.4:  # noqa: PLR2004
        _sided(extra, "mouthFrown", float(rng.uniform(0.1, 0.6)))
    if rng.random() < 0.5:  # noqa: PLR2004
        _sided(extra, "eyeWide", float(rng.uniform(0.1, 0.5)))
    units = {AU.AU4: float(rng.uniform(1.0, 5.0))}
    if rng.random() < 0.3:  # noqa: PLR2004
        units[AU.AU25] = float(rng.uniform(0.5, 3.0))
        units[AU.AU10] = float(rng.uniform(0.0, 1.5))
    return units, extra


def _shout(rng: np.random.Generator) -> Drawn:
    """Calling across a room, singing, cheering: a wide mouth, often with brows and lids at work."""
    units = {
        AU.AU25: float(rng.uniform(3.5, 5.0)),
        AU.AU26: float(rng.uniform(3.0, 5.0)),
        AU.AU27: float(rng.uniform(0.0, 5.0)),
        AU.AU10: float(rng.uniform(0.0, 3.0)),
        AU.AU12: float(rng.uniform(0.0, 3.5)),
        AU.AU6: float(rng.uniform(0.0, 3.0)),
        AU.AU7: float(rng.uniform(0.0, 4.0)),
    }
    extra: dict[str, float] = {}
    if rng.random() < 0.6:  # noqa: PLR2004
        units[AU.AU4] = float(rng.uniform(0.0, 4.0))
    else:
        extra["browInnerUp"] = float(rng.uniform(0.0, 0.7))
    return units, extra


_ADDED: Final[Mapping[str, Callable[[np.random.Generator], Drawn]]] = {
    "frown": _frown,
    "shout": _shout,
}

PATTERN_NEGATIVES: Final = frozenset({*EVERYDAY_NEGATIVES, *_ADDED})
"""What is mistaken for pain in the repertoire ``scanned``; each has its true AUs and level 0."""


def _sided(extra: dict[str, float], action: str, value: float) -> None:
    for side in ("Left", "Right"):
        extra[f"{action}{side}"] = value
