"""What fills the days of a room: assumptions, as a file that can be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge.simulate.documents import read
from edge.simulate.errors import ErrorModel
from pain.errors import ConfigError
from pain.values import Reason

REASONS = frozenset(reason.value for reason in Reason)


def _in_order(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError("the first number is above the second")
    return ends


_Positive = Annotated[float, Field(gt=0)]
_Rate = Annotated[float, Field(ge=0)]
Lasting = Annotated[tuple[_Positive, _Positive], AfterValidator(_in_order)]
Between = Annotated[tuple[_Rate, _Rate], AfterValidator(_in_order)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Happening(_Section):
    """Something short that is seen instead, several times an hour."""

    what: str
    per_hour: _Rate
    lasts_s: Lasting


class Situation(_Section):
    """What is seen for minutes to hours."""

    mean_min: _Positive
    seen: str
    blinks_per_min: _Rate = 0.0
    happens: tuple[Happening, ...] = ()


class DayPart(_Section):
    """Until when which situations share the time."""

    until_h: Annotated[float, Field(gt=0, le=24)]
    shares: Mapping[str, _Positive]


class PainPlan(_Section):
    """Episodes of pain, where a face would be seen."""

    per_day: _Rate
    lasts_s: Lasting
    peak: Annotated[tuple[float, float], AfterValidator(_in_order)]
    onset_s: Lasting
    offset_s: Lasting
    period_s: Lasting
    depth: Between
    gap_s: _Rate


class Faults(_Section):
    """Times without any frame."""

    per_day: _Rate
    lasts_s: Lasting


class DayPlan(_Section):
    """How the days of a room go."""

    fps: Annotated[float, Field(gt=0, le=120)]
    jitter: Annotated[float, Field(ge=0, lt=1)]
    lost: Annotated[float, Field(ge=0, lt=1)]
    parts: tuple[DayPart, ...]
    settle_min: _Positive
    situations: Mapping[str, Situation]
    pain: PainPlan
    faults: Faults
    blink_s: Lasting

    @model_validator(mode="after")
    def _whole(self) -> DayPlan:
        ends = [0.0, *(part.until_h for part in self.parts)]
        if ends[-1] != 24 or any(later <= earlier for earlier, later in pairwise(ends)):  # noqa: PLR2004
            raise ValueError("parts must follow each other and end at until_h: 24")
        for name in {name for part in self.parts for name in part.shares} - self.situations.keys():
            raise ValueError(f"parts name the situation {name!r}, which situations lacks")
        return self

    def seen(self) -> set[str]:
        """Every expression and reason that may be seen."""
        return {
            what
            for situation in self.situations.values()
            for what in (situation.seen, *(one.what for one in situation.happens))
        }


def load_days(path: Path, errors: ErrorModel) -> DayPlan:
    """Read how days go.

    Raises:
        ConfigError: the file is wrong, or names an expression that the error model lacks.
    """
    plan = read(path, DayPlan)
    unknown = sorted(plan.seen() - REASONS - errors.expressions.keys())
    if unknown:
        raise ConfigError(
            f"neither a reason nor an expression of the error model {errors.model}; "
            f"it has {', '.join(sorted(errors.expressions))}",
            file=str(path),
            key="situations",
            value=unknown[0],
        )
    return plan
