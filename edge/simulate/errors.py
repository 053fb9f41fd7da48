"""How a model errs: the figures of one evaluation, as a file that can be replaced."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.simulate.censored import Censored, with_deviation, with_share
from edge.simulate.documents import read

NEUTRAL = "neutral"

Level = Annotated[float, Field(ge=0, le=6)]
Share = Annotated[float, Field(ge=0, le=1)]
Floats = npt.NDArray[np.float64]


class Figures(BaseModel):
    """What the model reads of one kind of face, two figures of the evaluation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: Level = Field(description="Mean level.")
    share_at_3: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Share of single frames read at 3 or above."
    )
    deviation: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Standard deviation of the level, instead of the share."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Figures:
        if (self.share_at_3 is None) == (self.deviation is None):
            raise ValueError("give share_at_3 or deviation, one of them")
        return self

    @cached_property
    def distribution(self) -> Censored:
        """The distribution with these figures."""
        if self.share_at_3 is not None:
            return with_share(mean=self.mean, share_at_limit=self.share_at_3)
        assert self.deviation is not None  # noqa: S101  (the validator has seen to it)
        return with_deviation(mean=self.mean, deviation=self.deviation)


class PainFigures(Figures):
    """The same for faces in pain of about one true level."""

    true_level: Level


class Shares(BaseModel):
    """What the variance of the error is made of; the rest of 1 is ``momentary``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: Share = Field(description="Of this resident, whatever the face does.")
    habit: Share = Field(description="Of this resident's way of making this one expression.")
    situation: Share = Field(description="Of posture, view and light; drawn anew with them.")

    @property
    def momentary(self) -> float:
        """Share that changes from moment to moment."""
        return 1 - self.person - self.habit - self.situation

    @model_validator(mode="after")
    def _within_one(self) -> Shares:
        if self.momentary < 0:
            raise ValueError("person, habit and situation exceed 1 together")
        return self


class ErrorModel(BaseModel):
    """How one model errs on single frames, and how its errors hang together.

    A reading is ``clip(centre + spread * z, 0, 6)`` with standard normal z. Centre and spread
    follow from the two figures of the face's expression, or between those of the neighbouring
    true levels for pain. z is the sum of four independent parts, of which the first three stay as
    long as their cause does and the last is an autoregressive process.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1)
    data: str = Field(min_length=1, description="Where the figures come from.")
    expressions: Mapping[str, Figures] = Field(description="Faces without pain, neutral among them")
    pain: tuple[PainFigures, ...] = Field(min_length=2, description="In order of the true level.")
    shares: Shares
    momentary_s: float = Field(gt=0, description="Time constant of the momentary part, s.")

    @model_validator(mode="after")
    def _complete(self) -> ErrorModel:
        if NEUTRAL not in self.expressions:
            raise ValueError("expressions lacks neutral")
        levels = [figures.true_level for figures in self.pain]
        if any(later <= earlier for earlier, later in pairwise(levels)):
            raise ValueError("pain is not in order of true_level")
        return self

    def of_pain(self, true_level: Floats) -> tuple[Floats, Floats]:
        """Centre and spread at true levels above 0 (N,); below the first figure towards neutral."""
        known = [self.expressions[NEUTRAL], *self.pain]
        at = [0.0, *(figures.true_level for figures in self.pain)]
        centres = [figures.distribution.centre for figures in known]
        spreads = [figures.distribution.spread for figures in known]
        return np.interp(true_level, at, centres), np.interp(true_level, at, spreads)


def load_errors(path: Path) -> ErrorModel:
    """Read an error model.

    Raises:
        ConfigError: the file is wrong.
    """
    return read(path, ErrorModel)
