"""How far a graph may be from its checkpoint; above that it is another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from export.verify.compare import Comparison
from pain.bundle import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What is asked; None where nothing is.

    Attributes:
        max_level: largest difference of level on any face.
        max_worsening: by how much the level's mean absolute error may grow.
        min_agreement: least share of faces with the same nearest level.
    """

    max_level: float | None = None
    max_worsening: float | None = None
    min_agreement: float | None = None

    def missed(self, comparison: Comparison) -> tuple[str, ...]:
        """Why it is missed, in words; nothing when it holds."""
        reasons = []
        level, worsening = comparison.max_level, comparison.worsening
        agreement = comparison.class_agreement
        if self.max_level is not None and level > self.max_level:
            reasons.append(f"level differs by {level:.2g}, allowed is {self.max_level:g}")
        if self.max_worsening is not None:
            if worsening is None:
                reasons.append("no face has a known level, so its error cannot be compared")
            elif worsening > self.max_worsening:
                reasons.append(
                    f"the level's error grows by {worsening:.3f}, allowed is {self.max_worsening:g}"
                )
        if self.min_agreement is not None and agreement < self.min_agreement:
            reasons.append(
                f"{agreement:.1%} of faces keep their nearest level, {self.min_agreement:.0%} must"
            )
        return tuple(reasons)

    def __str__(self) -> str:
        parts = []
        if self.max_level is not None:
            parts.append(f"level within {self.max_level:g}")
        if self.max_worsening is not None:
            parts.append(f"error grows by at most {self.max_worsening:g}")
        if self.min_agreement is not None:
            parts.append(f"same class for {self.min_agreement:.0%}")
        return ", ".join(parts)


BARS: Final[Mapping[Precision, Bar]] = {
    "fp32": Bar(max_level=1e-3),
    "fp16": Bar(max_level=0.02),
    "int8": Bar(max_worsening=0.05, min_agreement=0.97),
}
"""INT8 is asked for its error, since single faces move; the others compute the same function."""
