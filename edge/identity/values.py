"""The numbers of one resident's face."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from pain.embedding import LENGTH_TOLERANCE, UnitVector

Vector = Sequence[float]


class Template(BaseModel):
    """What is kept of an enrolled face; biometric data.

    Attributes:
        version: of this form; another one is not read.
        bundle: name of the embedding that made it.
        bundle_sha256: its hash; vectors of another embedding mean something else.
        vector: mean of the enrolled vectors, of length 1.
        samples: how many those were.
        enrolled_at: end of the window, UTC.
        person: id of the person who enrolled.
        consent: who consented, when and how.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    bundle: str
    bundle_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    vector: UnitVector = Field(repr=False)
    samples: int = Field(ge=1)
    enrolled_at: AwareDatetime
    person: str
    consent: str


def distance(one: Vector, other: Vector) -> float:
    """Cosine distance of two vectors of length 1: 0 the same, 1 unrelated, 2 opposite.

    Vectors of two embeddings have nothing in common, and count as opposite.
    """
    if len(one) != len(other):
        return 2.0
    return min(max(1.0 - math.fsum(map(operator.mul, one, other)), 0.0), 2.0)


def mean_of(vectors: Sequence[Vector]) -> tuple[float, ...] | None:
    """Direction of the mean of some vectors; None where they cancel out."""
    sums = [math.fsum(column) for column in zip(*vectors, strict=True)]
    length = math.hypot(*sums)
    if length < LENGTH_TOLERANCE * len(vectors):
        return None
    return tuple(value / length for value in sums)
