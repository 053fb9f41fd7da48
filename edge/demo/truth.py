"""What happens in the clip, as its generator recorded it."""

from __future__ import annotations

import math
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pain.alarms import Condition
from pain.errors import InternalError

CLIP: Final = "resident.mp4"
TRUTH: Final = "resident.json"


class Scene(StrEnum):
    """What the resident does."""

    NEUTRAL = "neutral"
    TALKING = "talking"
    SMILING = "smiling"
    MODERATE = "moderate"
    SEVERE = "severe"
    RELIEF = "relief"


PAIN: Final = {Scene.MODERATE: Condition.PAIN_MODERATE, Scene.SEVERE: Condition.PAIN_SEVERE}
"""Which alarm each painful scene must raise; the others must raise none."""


class Segment(BaseModel):
    """One scene; times are seconds of the clip."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    scene: Scene
    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)


class Truth(BaseModel):
    """The clip's storyboard and the true level of every frame."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    duration_s: float = Field(gt=0)
    fps: float = Field(gt=0)
    segments: tuple[Segment, ...] = Field(min_length=1)
    level: tuple[float, ...]

    def onset_s(self, segment: Segment, *, limit: float) -> float | None:
        """Clip time at which the true level first reaches a limit in a segment, None if never.

        Muscles take a moment to contract, so this is later than the segment's start.
        """
        first = math.ceil(segment.start_s * self.fps)
        end = math.ceil(segment.end_s * self.fps)
        frames = enumerate(self.level[first:end], start=first)
        return next((index / self.fps for index, level in frames if level >= limit), None)

    def at(self, clip_s: float) -> Segment | None:
        """Scene at a time of the clip."""
        return next((s for s in self.segments if s.start_s <= clip_s < s.end_s), None)


def clip_path() -> Path:
    """The packaged clip."""
    return _packaged(CLIP)


def load_truth() -> Truth:
    """The packaged clip's truth.

    Raises:
        InternalError: the file beside the clip does not belong to this version.
    """
    path = _packaged(TRUTH)
    try:
        return Truth.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InternalError(
            f"{path}: {error.errors()[0]['msg']}; install painwatch again"
        ) from error


def _packaged(name: str) -> Path:
    path = files("edge").joinpath("demo", name)
    if not isinstance(path, Path) or not path.is_file():
        raise InternalError(f"{name} is not part of this installation; install painwatch again")
    return path
