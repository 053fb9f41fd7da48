"""Vectors of people, frames, and what a worker says of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np

from edge.worker.messages import EmbeddingInUse, Sight
from pain.clock import Moment
from pain.values import Reading, Reason, Score, Unavailable

START = datetime(2026, 1, 1, tzinfo=UTC)
EMBEDDING = EmbeddingInUse(bundle="facenet-embedding", bundle_sha256="a" * 64, dimensions=8)
WIDTH = EMBEDDING.dimensions


def person(number: int) -> tuple[float, ...]:
    """One of eight people as unlike as can be: their vectors are at right angles."""
    return tuple(float(place == number) for place in range(WIDTH))


def like(vector: tuple[float, ...], *, distance: float, towards: int = WIDTH - 1):
    """A vector at a cosine distance from another, in the direction of a person."""
    cosine = 1.0 - distance
    aside = person(towards)
    return tuple(
        cosine * own + math.sqrt(1.0 - cosine**2) * other
        for own, other in zip(vector, aside, strict=True)
    )


def moment(at_s: float) -> Moment:
    return Moment(monotonic_s=at_s, wall=START + timedelta(seconds=at_s))


def score(level: float = 2.0) -> Score:
    shares = np.eye(7)[round(level)].tolist()
    return Score(
        level=level, probabilities=tuple(shares), pspi=None, action_units={}, confidence=1.0
    )


def reading(at_s: float, outcome: Score | Reason | None = None) -> Reading:
    said = outcome or score()
    return Reading(
        captured_s=at_s,
        wall_time=START + timedelta(seconds=at_s),
        sequence=round(at_s * 10),
        outcome=Unavailable(reason=said) if isinstance(said, Reason) else said,
    )


def sight(vector=None, *, track: int = 1, alone: bool = True, failed: bool = False) -> Sight:
    return Sight(track=track, alone=alone, vector=vector, failed=failed)
