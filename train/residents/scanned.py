"""How a resident shows an expression with scanned movements, and what a face is like at rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from pain.action_units import AU_MAX, ActionUnit
from train.residents.expression import Expression, facial_actions
from train.residents.transfer import SCANNED

AU = ActionUnit

FURROWS: Final = 1.8
"""Depth of the lines of expression against style ``full``, where nobody could see them."""

_SIDED: Final[Mapping[ActionUnit, Mapping[str, float]]] = {
    AU.AU4: {"browDown": 0.95},
    AU.AU6: {"cheekRaiser": 0.95, "cheekSquint": 0.85, "eyeSquint": 0.25},
    AU.AU7: {"eyeSquint": 1.0},
    AU.AU9: {"noseSneer": 1.15, "mouthUpperUp": 0.15, "browDown": 0.15},
    AU.AU10: {"mouthUpperUp": 0.95},
    AU.AU12: {"mouthSmile": 0.95},
    AU.AU20: {"mouthStretch": 1.0},
    AU.AU25: {"mouthLowerDown": 0.45},
}
"""Scanned actions of each two-sided AU and their weights at intensity 5."""

_KEPT: Final[Mapping[ActionUnit, Mapping[str, float]]] = {
    AU.AU4: {"browDown": 0.75},
    AU.AU7: {"eyeSquint": 0.35},
    AU.AU20: {"mouthStretch": 0.7},
}
"""Modelled actions that go along, where the scan alone reads too weak on our heads."""

_SCANNED_EXTRA: Final = frozenset({"browOuterUp", "mouthFrown", "mouthPress", "mouthDimple"})
_STRONGEST: Final = 1.4

_MODELLED: Final = frozenset(
    name
    for action in (
        "browDown", "cheekSquint", "eyeSquint", "noseSneer",
        "mouthUpperUp", "mouthSmile", "mouthStretch", "mouthLowerDown",
    )
    for name in (f"{action}Left", f"{action}Right")
)  # fmt: skip
"""What ``facial_actions`` gives the units above, replaced here."""

Rest = Mapping[str, float]


def scanned_actions(rest: Rest) -> Callable[[Expression], dict[str, float]]:
    """Weights of the facial actions of a person whose face at rest shows ``rest``.

    What pulls a resting brow down leaves less for the muscle to do: the rest fades as AU4 rises.

    Args:
        rest: weight by facial action (see ``draw_rest``).
    """

    def actions(expression: Expression) -> dict[str, float]:
        plain = facial_actions(expression)
        weights = {name: value for name, value in plain.items() if name not in _MODELLED}
        share = {u: min(max(v, 0.0), AU_MAX) / AU_MAX for u, v in expression.units.items()}
        strength = {
            "Left": 1.0 + min(expression.asymmetry, 0.0),
            "Right": 1.0 - max(expression.asymmetry, 0.0),
        }
        shut = share.get(AU.AU43, 0.0)
        for side, strong in strength.items():
            for unit, moves in _SIDED.items():
                for action, weight in moves.items():
                    lid = 1.0 - 0.6 * shut if action == "eyeSquint" else 1.0
                    _add(
                        weights,
                        f"{SCANNED}{action}{side}",
                        share.get(unit, 0.0) * weight * strong * lid,
                    )
            for unit, moves in _KEPT.items():
                for action, weight in moves.items():
                    lid = 1.0 - 0.6 * shut if action == "eyeSquint" else 1.0
                    _add(weights, f"{action}{side}", share.get(unit, 0.0) * weight * strong * lid)
        for name, value in expression.extra.items():
            side = "Left" if name.endswith("Left") else "Right"
            if name.removesuffix(side) in _SCANNED_EXTRA:
                weights[name] = max(weights.get(name, 0.0) - value, 0.0)
                _add(weights, f"{SCANNED}{name}", value)
        left = 1.0 - share.get(AU.AU4, 0.0)
        for name, value in rest.items():
            _add(weights, name, value * (left if "brow" in name else 1.0))
        return weights

    return actions


def draw_rest(rng: np.random.Generator) -> dict[str, float]:
    """What a person's face shows at rest: brows high or heavy, lids, corners of the mouth.

    Level 0, whatever it looks like: real resting faces read browDown .27 on average and .74 at
    the 90th percentile.
    """
    rest: dict[str, float] = {}
    brow = float(np.clip(rng.normal(-0.15, 0.45), -0.8, 1.0))
    _both(rest, f"{SCANNED}browDown", brow, rng)
    if rng.random() < 0.25:  # noqa: PLR2004
        _both(rest, f"{SCANNED}browOuterUp", float(rng.uniform(0.1, 0.5)), rng)
    _both(rest, f"{SCANNED}mouthFrown", max(0.0, float(rng.normal(0.05, 0.3))), rng)
    _both(rest, f"{SCANNED}mouthPress", max(0.0, float(rng.normal(0.0, 0.25))), rng)
    _both(rest, f"{SCANNED}eyeSquint", max(-0.4, float(rng.normal(-0.1, 0.25))), rng)
    _both(rest, "eyeBlink", max(0.0, float(rng.normal(0.05, 0.12))), rng)
    rest["mouthShrugLower"] = max(0.0, float(rng.normal(0.0, 0.15)))
    return {name: round(value, 4) for name, value in rest.items() if value}


def _both(rest: dict[str, float], action: str, value: float, rng: np.random.Generator) -> None:
    for side in ("Left", "Right"):
        rest[f"{action}{side}"] = value * float(rng.uniform(0.85, 1.15))


def _add(weights: dict[str, float], name: str, value: float) -> None:
    if value:
        weights[name] = min(_STRONGEST, weights.get(name, 0.0) + value)
