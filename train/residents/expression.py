"""What a face does: action units with exact intensities, and the facial actions that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pain.action_units import AU_MAX, ActionUnit
from pain.scales import EYES_CLOSED_AT, LEVEL_MAX, pspi

MOUTH_WEIGHT: Final = 0.3
"""Share with which AU20 and the strongest of AU25/26/27 add to PSPI before it becomes a level."""

PSPI_PER_LEVEL: Final = 2.0
"""PSPI 6 is level 3 (moderate), PSPI 10 level 5, PSPI 12 and more level 6."""


class Kind(StrEnum):
    """Why the face moves; only ``PAIN`` has a level above 0."""

    NEUTRAL = "neutral"
    PAIN = "pain"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One state of a face.

    Attributes:
        name: e.g. ``pain``, ``smile``, ``blink``.
        kind: neutral, pain or a hard negative.
        units: intensity 0..5 of every AU that is not 0; the stronger side counts.
        extra: facial actions 0..1 that belong to no reported AU, e.g. ``browInnerUp``.
        asymmetry: -1..1; positive weakens the face's right side, negative its left.
    """

    name: str
    kind: Kind
    units: Mapping[ActionUnit, float] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)
    asymmetry: float = 0.0

    @property
    def pspi(self) -> float:
        """PSPI 0..16 of the true action units, whatever the kind (a smile's AU6 counts)."""
        return pspi(self.units)

    @property
    def level(self) -> float:
        """Pain level 0..6: 0 unless the face moves because of pain."""
        return pain_level(self.units) if self.kind is Kind.PAIN else 0.0


NEUTRAL: Final = Expression(name="neutral", kind=Kind.NEUTRAL)


def pain_level(units: Mapping[ActionUnit, float]) -> float:
    """Level 0..6 of a face that shows these units because of pain.

    level = min(6, (PSPI + 0.3 AU20 + 0.3 max(AU25, AU26, AU27)) / 2). It never falls when a unit
    rises. AU20 and the mouth units are in because PSPI omits them although they carry pain in
    people with dementia; their weight is ours. Human raters scatter; this truth does not.

    Args:
        units: intensity 0..5 per AU; a missing unit is 0.
    """
    mouth = max(units.get(unit, 0.0) for unit in _MOUTH_OPENING)
    score = pspi(units) + MOUTH_WEIGHT * (units.get(ActionUnit.AU20, 0.0) + mouth)
    return min(LEVEL_MAX, score / PSPI_PER_LEVEL)


_MOUTH_OPENING: Final = (ActionUnit.AU25, ActionUnit.AU26, ActionUnit.AU27)

_SIDED: Final[Mapping[ActionUnit, tuple[str, float]]] = {
    ActionUnit.AU4: ("browDown", 1.25),
    ActionUnit.AU6: ("cheekSquint", 1.25),
    ActionUnit.AU7: ("eyeSquint", 0.9),
    ActionUnit.AU9: ("noseSneer", 1.25),
    ActionUnit.AU10: ("mouthUpperUp", 1.0),
    ActionUnit.AU12: ("mouthSmile", 0.9),
    ActionUnit.AU20: ("mouthStretch", 1.2),
    ActionUnit.AU25: ("mouthLowerDown", 0.35),
}
"""Facial action of each two-sided AU and its weight at intensity 5."""

_STRONGEST_ACTION: Final = 1.3
"""The actions' full weight falls short of intensity E on an old face, so some go beyond it."""

_JAW_AT_AU26: Final = 0.35
_JAW_AT_AU27: Final = 0.85
_LIDS_SHUT: Final = 0.97
_SQUINT_WHEN_SHUT: Final = 0.45
"""Lids that both blink and squint at full weight cut through each other in jagged edges."""


def facial_actions(expression: Expression) -> dict[str, float]:
    """Weights 0..1.3 of the ARKit facial actions that show an expression.

    AU25 to AU27 open the jaw further and further; a closed lid gives up part of its squint.

    Returns:
        Weight by facial action name, left and right apart.
    """
    units = expression.units
    share = {unit: min(max(value, 0.0), AU_MAX) / AU_MAX for unit, value in units.items()}
    left = 1.0 + min(expression.asymmetry, 0.0)
    right = 1.0 - max(expression.asymmetry, 0.0)
    weights: dict[str, float] = {}

    def add(name: str, value: float) -> None:
        weights[name] = min(_STRONGEST_ACTION, weights.get(name, 0.0) + value)

    shut = share.get(ActionUnit.AU43, 0.0)
    for unit, (action, gain) in _SIDED.items():
        value = share.get(unit, 0.0) * gain
        if action == "eyeSquint":
            value *= 1.0 - (1.0 - _SQUINT_WHEN_SHUT) * shut
        add(f"{action}Left", value * left)
        add(f"{action}Right", value * right)
    add(
        "jawOpen",
        max(
            _JAW_AT_AU26 * share.get(ActionUnit.AU26, 0.0),
            _JAW_AT_AU27 * share.get(ActionUnit.AU27, 0.0),
        ),
    )
    # A one-sided palsy spares the lids of the strong side only in part, so AU43 stays symmetric.
    add("eyeBlinkLeft", _LIDS_SHUT * shut)
    add("eyeBlinkRight", _LIDS_SHUT * shut)
    for name, value in expression.extra.items():
        add(name, value)
    return weights


def blend(first: Expression, second: Expression, share: float) -> Expression:
    """Expression between two: 0 is ``first``, 1 is ``second``; named after the nearer one."""
    nearer = second if share >= 0.5 else first  # noqa: PLR2004
    kinds = {first.kind, second.kind}
    kind = Kind.PAIN if Kind.PAIN in kinds and 0.0 < share < 1.0 else nearer.kind
    return Expression(
        name=nearer.name,
        kind=kind,
        units={
            unit: (1.0 - share) * first.units.get(unit, 0.0) + share * second.units.get(unit, 0.0)
            for unit in {*first.units, *second.units}
        },
        extra={
            name: (1.0 - share) * first.extra.get(name, 0.0) + share * second.extra.get(name, 0.0)
            for name in {*first.extra, *second.extra}
        },
        asymmetry=(1.0 - share) * first.asymmetry + share * second.asymmetry,
    )


def eyes_shut(expression: Expression) -> bool:
    """Whether AU43 counts in PSPI."""
    return expression.units.get(ActionUnit.AU43, 0.0) >= EYES_CLOSED_AT
